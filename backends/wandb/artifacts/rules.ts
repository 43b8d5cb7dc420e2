import { TraceletError } from "../../../src/errors.js";
import { encodeJson, type LoggedValue } from "../values/json.js";
import { normalizeValue } from "../values/normalize.js";

const MAX_LENGTH = 128;
const MAX_METADATA_KEYS = 100;

/** Types that W&B makes artifacts of by itself, with the names it uses for them. */
const RESERVED_TYPES: { readonly [type: string]: string } = { job: "", run_table: "run-", code: "source-" };

/** Returns the name; throws `invalid-value` with the rule it breaks, which is the official client's (`artifact.py`). */
export function checkArtifactName(name: string): string {
  const what = "An artifact's name";
  if (!/^[a-zA-Z0-9_\-.]*$/.test(name)) {
    refuse(`${what} has letters from a to z, digits, "-", "_" and "." only; got ${JSON.stringify(name)}`);
  }
  return check(name, what, "");
}

/** Returns the type; throws `invalid-value` with the rule it breaks. */
export function checkArtifactType(type: string, name: string): string {
  check(type, "An artifact's type", "/:");
  const prefix = Object.hasOwn(RESERVED_TYPES, type) ? RESERVED_TYPES[type] : undefined;
  if (type.startsWith("wandb-") || (prefix !== undefined && name.startsWith(prefix))) {
    refuse(
      `The artifact type "${type}"${prefix ? ` with names from "${prefix}"` : ""} is W&B's own; choose another type`,
    );
  }
  return type;
}

/** Returns the aliases with `latest`, each once, sorted as the official client does. */
export function checkAliases(aliases: readonly string[]): string[] {
  return [...new Set([...checkLinkAliases(aliases), "latest"])].sort();
}

/** Returns the aliases that a link gives, each once. `latest` is the server's to give. */
export function checkLinkAliases(aliases: readonly string[]): string[] {
  for (const alias of aliases) check(alias, "An artifact's alias", "/:");
  return [...new Set(aliases)];
}

/** Returns the tags, each once. */
export function checkArtifactTags(tags: readonly string[]): string[] {
  for (const tag of tags) {
    if (!/^[-\p{L}\p{N}_]+( +[-\p{L}\p{N}_]+)*$/u.test(tag) || tag.length > MAX_LENGTH) {
      refuse(
        `An artifact's tag has 1 to ${MAX_LENGTH} letters, digits, "-", "_" and single spaces between words, got "${tag}"`,
      );
    }
  }
  return [...new Set(tags)];
}

/** Metadata as JSON text, "" for none; NaN becomes null, as in the official client, and infinities are refused. */
export function metadataText(metadata: { readonly [key: string]: unknown }): string {
  const keys = Object.keys(metadata);
  if (keys.length > MAX_METADATA_KEYS) {
    refuse(`An artifact's metadata have at most ${MAX_METADATA_KEYS} keys, got ${keys.length}`);
  }
  return keys.length === 0
    ? ""
    : encodeJson(withoutNaN(normalizeValue(metadata, "Artifact metadata"), "metadata"));
}

function withoutNaN(value: LoggedValue, where: string): LoggedValue {
  if (typeof value === "number") {
    if (Number.isNaN(value)) return null;
    if (!Number.isFinite(value))
      refuse(`An artifact's metadata cannot hold ${value}, which stands at ${where}`);
    return value;
  }
  if (Array.isArray(value)) return value.map((item, i) => withoutNaN(item as LoggedValue, `${where}[${i}]`));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withoutNaN(member as LoggedValue, `${where}.${key}`)]),
  );
}

/**
 * Returns the path of an entry in its one spelling (`a//./b/` is `a/b`, backslashes are characters); throws
 * `invalid-value` for absolute paths and for ones that lead out.
 */
export function checkEntryPath(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  const windows = path.split(/[\\/]/);
  if (/\0|\p{Surrogate}/u.test(path)) {
    refuse(`A path inside an artifact is Unicode text without NUL, got ${JSON.stringify(path)}`);
  }
  if (path.startsWith("/") || /^[\\]|^[A-Za-z]:/.test(path) || windows.includes("..") || parts.length === 0) {
    refuse(`A path inside an artifact is relative, with forward slashes and without "..", got "${path}"`);
  }
  return parts.join("/");
}

function check(text: string, what: string, reserved: string): string {
  const none = reserved === "" ? "" : ` and none of ${[...reserved].join(" ")}`;
  const rule = `${what} has 1 to ${MAX_LENGTH} characters${none}`;
  if (typeof text !== "string") {
    refuse(`${what} must be a string, as in new Artifact("resnet50", { type: "model" })`);
  }
  const length = [...text].length;
  if (length < 1 || length > MAX_LENGTH) refuse(`${rule}; this one has ${length}`);
  if ([...reserved].some((character) => text.includes(character))) refuse(`${rule}; got "${text}"`);
  return text;
}

function refuse(rule: string): never {
  throw new TraceletError("invalid-value", `${rule}.`, { backend: "wandb" });
}
