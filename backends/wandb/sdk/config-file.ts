import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { messageOf, TraceletError } from "../../../src/errors.js";
import type { LoggedValue } from "../values/json.js";

/**
 * Values of one of W&B's configuration files: YAML of the form `key: { value: ..., desc: ... }`, with `wandb_version` beside
 * the keys. Undefined when there is no such file. Throws `invalid-file` for one that cannot be read.
 */
export function readConfigFile(path: string): { [key: string]: LoggedValue } | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unreadable(path, (cause as Error).message, cause);
  }
  let content: LoggedValue;
  try {
    // Loaded only when there is a file. Version 1.1 of YAML is what PyYAML, the official client's reader, reads.
    const { parse } = createRequire(import.meta.url)("yaml") as typeof import("yaml");
    content = parse(text, { version: "1.1" }) as LoggedValue;
  } catch (cause) {
    throw unreadable(path, messageOf(cause), cause); // the library's further lines show the place
  }
  if (!isObject(content)) throw unreadable(path, "it does not hold keys with values");
  const values: { [key: string]: LoggedValue } = {};
  for (const [key, entry] of Object.entries(content)) {
    if (key === "wandb_version" || key === "_wandb") continue;
    if (!isObject(entry) || entry["value"] === undefined) {
      throw unreadable(path, `"${key}" has no "value:" below it`);
    }
    values[key] = entry["value"];
  }
  return values;
}

function isObject(value: LoggedValue | undefined): value is { readonly [key: string]: LoggedValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unreadable(path: string, why: string, cause?: unknown): TraceletError {
  return new TraceletError("invalid-file", `The configuration file ${path} cannot be used: ${why}.`, {
    backend: "wandb",
    cause,
  });
}
