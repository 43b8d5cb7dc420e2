import type { JsonObject, JsonValue } from "../events/event.js";
import { isSecretName, isSecretVariable, isTokenName } from "./secret-names.js";

/** What stands in place of a secret. */
export const MASK = "***";

/** Shorter values occur by chance in ordinary text. */
const SHORTEST_SECRET = 8;
/** Programs set variables while they run (dotenv); looking at all of them costs some 50 us. */
const RESCAN_MS = 1_000;

// Every pattern below starts only where a word starts, or a long line without blanks would take quadratic time.
// Shapes of keys as their issuers document them (prefix, alphabet, least length).
const SHAPES = new RegExp(
  [
    "-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\\s\\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)",
    ...[
      "(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])", // AWS access key ids
      "gh[oprsu]_[A-Za-z0-9]{36,}",
      "github_pat_[A-Za-z0-9_]{22,}",
      "glpat-[\\w-]{20,}",
      "hf_[A-Za-z0-9]{30,}",
      "wandb_v1_\\w{20,}",
      "local-[0-9a-f]{40}(?![0-9a-f])", // W&B server
      "sk-(?:ant|proj|svcacct|admin|or|lf)-[\\w-]{20,}",
      "sk-[A-Za-z0-9]{32,}",
      "[rs]k_live_[A-Za-z0-9]{16,}", // Stripe
      "xox[abeoprs]-[A-Za-z0-9-]{10,}", // Slack
      "AIza[\\w-]{35}", // Google
      "ya29\\.[\\w-]{20,}",
      "npm_[A-Za-z0-9]{36}",
      "pypi-[\\w-]{50,}",
      "SG\\.[\\w-]{16,}\\.[\\w-]{16,}", // SendGrid
      "(?<![\\w-])eyJ[\\w-]{10,}\\.eyJ[\\w-]{5,}\\.[\\w-]*", // JSON web token
    ].map((shape) => `(?<![A-Za-z0-9])${shape}`),
  ].join("|"),
  "g",
);

/** `Authorization: Bearer xyz`, also as `"authorization": "Basic xyz"`. */
const AUTHORIZATION = /\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:[a-z]+ +)?)(?!\*\*\*)[^\s"',;]+/gi;
/** A bearer token without the header's name in front. */
const BEARER = /\b(bearer +)[\w.~+/=-]{16,}/gi;
/** The rest of a cookie header's line. */
const COOKIE = /\b((?:set-)?cookie["']?: *["']?)[^\r\n"']+/gi;
/** `scheme://user:password@` or `https://token@`; another scheme's user without a password is part of the address. */
const USERINFO = /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*:\/\/)([^/\s?#"'<>]*)@/gi;
/** `name=`, `name: `, `"name": `, also inside a JSON text that is itself quoted. */
const NAME = /(?<![\w.-])([\w.-]+)(?:\\*["'])?\s*[=:]\s*/g;
/** What is assigned: quoted, quoted inside a quoted text, or up to the next separator. */
const VALUE = /("|'|\\+["'])((?:(?!\1)[^\\\n]|\\(?!["'])|(?!\1)\\.)*)\1|[^\s"',;&(){}[\]\\]+/y;
/** `--name value`. */
const OPTION = /(?<=^|\s)(--?[A-Za-z][\w.-]*)(\s+)(?!-)(\S+)/g;

const given = new Set<string>();
let values: RegExp | undefined;
let valuesKey = "";
let scannedAt = Number.NEGATIVE_INFINITY;

/**
 * Makes a value a secret of this process: from now on it is masked wherever it appears. For keys that come from an
 * option or a file; those in environment variables are found without it. Values under 8 characters are not taken.
 */
export function addSecret(value: string): void {
  if (value.length < SHORTEST_SECRET) return;
  given.add(value);
  refreshSecrets();
}

/** Looks at the environment anew at the next use; otherwise it is looked at again after a while. */
export function refreshSecrets(): void {
  scannedAt = Number.NEGATIVE_INFINITY;
}

/** One pattern of all known secret values, as they stand in text, in JSON and in URLs; longest first. */
function secretValues(): RegExp | undefined {
  const now = performance.now();
  if (now - scannedAt < RESCAN_MS) return values;
  scannedAt = now;
  const secrets = new Set(given);
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && value.trim().length >= SHORTEST_SECRET && isSecretVariable(name)) {
      secrets.add(value.trim());
    }
  }
  const forms = new Set<string>();
  for (const secret of secrets) {
    forms.add(secret);
    forms.add(JSON.stringify(secret).slice(1, -1));
    if (!/\p{Surrogate}/u.test(secret)) forms.add(encodeURIComponent(secret));
  }
  const key = [...forms]
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"))
    .join("|");
  if (key !== valuesKey) {
    valuesKey = key;
    values = key === "" ? undefined : new RegExp(key, "g");
  }
  return values;
}

/**
 * Replaces secrets in a text by `***`: values of environment variables whose names stand for secrets and those given
 * to {@link addSecret}, keys of known shapes, credentials in URLs and headers, and what is assigned to a name that
 * stands for a secret.
 *
 * @example
 * ```ts
 * maskSecrets("GET https://me:hunter2@host/?api_key=abc"); // "GET https://***@host/?api_key=***"
 * ```
 */
export function maskSecrets(text: string): string {
  const withoutHeaders = maskSecretValues(text)
    .replace(AUTHORIZATION, `$1${MASK}`)
    .replace(BEARER, `$1${MASK}`)
    .replace(COOKIE, `$1${MASK}`);
  return maskAssignments(withoutHeaders).replace(
    OPTION,
    (all: string, option: string, blank: string, value: string) =>
      isSecretName(option) && isSecretText(option, value) ? `${option}${blank}${MASK}` : all,
  );
}

/**
 * Replaces by `***` only what is a secret by itself: known values, keys of known shapes and credentials in URLs. For
 * source code and patches, where `password = readPassword()` tells no secret and must stay as it is.
 *
 * @example
 * ```ts
 * maskSecretValues("key = env.KEY; url = 'https://me:hunter2@host'"); // "key = env.KEY; url = 'https://***@host'"
 * ```
 */
export function maskSecretValues(text: string): string {
  const known = secretValues();
  return (known === undefined ? text : text.replace(known, MASK))
    .replace(SHAPES, MASK)
    .replace(USERINFO, (all: string, scheme: string, userinfo: string) =>
      userinfo.includes(":") || /^https?:/i.test(scheme) ? `${scheme}${MASK}@` : all,
    );
}

/** A value that is not secret is looked into: `error: password=...`. */
function maskAssignments(text: string): string {
  let masked = "";
  let copied = 0;
  NAME.lastIndex = 0;
  for (let name = NAME.exec(text); name !== null; name = NAME.exec(text)) {
    // The value of an Authorization header is masked already, with its scheme kept.
    if (!isSecretName(name[1]!) || /authorization$/i.test(name[1]!)) continue;
    VALUE.lastIndex = NAME.lastIndex;
    const value = VALUE.exec(text);
    if (value === null || !isSecretText(name[1]!, value[2] ?? value[0])) continue;
    const quote = value[1] ?? "";
    masked += text.slice(copied, value.index) + quote + MASK + quote;
    copied = VALUE.lastIndex;
    NAME.lastIndex = copied;
  }
  return copied === 0 ? text : masked + text.slice(copied);
}

/** In running text `token: Hello` tells a piece of text; a secret is long and has no blanks. */
function isSecretText(name: string, value: string): boolean {
  return isSecretValue(name, value) && (!isTokenName(name) || /^[\w.~+/=:-]{16,}$/.test(value));
}

/** Switches and empty values hide nothing, nor do numbers and marks like `<pad>` under a name that says `token`. */
function isSecretValue(name: string, value: string): boolean {
  const plain = value.trim();
  if (/^(|true|false|yes|no|on|off|none|null|undefined)$/i.test(plain)) return false;
  return !(isTokenName(name) && /^([\d.]+|<.*>|\[.*\])$/.test(plain));
}

/**
 * Masks secrets in command-line arguments: `--api-key=xyz`, `--api-key xyz`, `API_KEY=xyz`, headers, URLs, and known
 * values anywhere.
 *
 * @example
 * ```ts
 * maskArgs(["--lr", "0.1", "--api-key", "xyz"]); // ["--lr", "0.1", "--api-key", "***"]
 * ```
 */
export function maskArgs(argv: readonly string[]): string[] {
  let optionBefore: string | undefined;
  return argv.map((argument) => {
    const name = optionBefore;
    optionBefore = undefined;
    const assignment = /^([-+]*[A-Za-z_][\w.-]*)=(.*)$/s.exec(argument);
    if (assignment !== null) {
      const [, left, right] = assignment;
      if (isSecretName(left!) && isSecretValue(left!, right!)) return `${left}=${MASK}`;
    } else if (/^--?[A-Za-z]/.test(argument)) {
      optionBefore = argument;
    } else if (name !== undefined && isSecretName(name) && isSecretValue(name, argument)) {
      return MASK;
    }
    return maskSecrets(argument);
  });
}

/**
 * Masks secrets in parameters: every text and number under a name that stands for a secret, and secrets inside other
 * texts. Names and shape stay as they are; the given object is not changed.
 *
 * @example
 * ```ts
 * maskParams({ lr: 0.1, db: { user: "me", password: "hunter2" } }); // { lr: 0.1, db: { user: "me", password: "***" } }
 * ```
 */
export function maskParams(params: JsonObject): JsonObject {
  return maskObject(params, undefined);
}

/** `secretName` is the name that makes everything below it secret. */
function maskObject(object: JsonObject, secretName: string | undefined): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name,
      maskValue(value, secretName ?? (isSecretName(name) ? name : undefined)),
    ]),
  );
}

function maskValue(value: JsonValue, secretName: string | undefined): JsonValue {
  if (typeof value === "string") {
    return secretName !== undefined && isSecretValue(secretName, value) ? MASK : maskSecrets(value);
  }
  if (typeof value === "number") {
    return secretName !== undefined && isSecretValue(secretName, String(value)) ? MASK : value;
  }
  if (Array.isArray(value)) return value.map((item: JsonValue) => maskValue(item, secretName));
  if (typeof value === "object" && value !== null) return maskObject(value as JsonObject, secretName);
  return value;
}
