import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { TraceletError } from "../../../src/errors.js";
import { hideSecretHeaders, isHeaders } from "./given-settings.js";
import {
  fileNameOf,
  SETTINGS,
  type SettingEntry,
  type SettingKind,
  type SettingName,
  type SettingValues,
  variablesOf,
} from "./setting-table.js";

const NAMES = (Object.keys(SETTINGS) as SettingName[]).filter(
  (name) => !(SETTINGS[name] as SettingEntry).isCredential,
);
const YES = ["y", "yes", "t", "true", "on", "1"];
const NO = ["n", "no", "f", "false", "off", "0"];

/** Settings that `WANDB_*` variables give. Throws `invalid-option` for a value that its setting does not take. */
export function settingsFromEnvironment(env: NodeJS.ProcessEnv): SettingValues {
  const found: { [name: string]: unknown } = {};
  for (const name of NAMES) {
    const variable = variablesOf(name).find((each) => env[each] !== undefined && env[each] !== "");
    if (variable !== undefined) found[name] = parse(env[variable]!, SETTINGS[name].kind, variable);
  }
  return found as SettingValues;
}

/**
 * Settings of the two settings files: `<config dir>/settings` for the user and `wandb/settings` below the working
 * directory, which wins. A value that its setting does not take is reported and left out, with the rest of its file kept.
 */
export function settingsFromFiles(
  env: NodeJS.ProcessEnv,
  cwd: string,
  warn: (message: string) => void,
): SettingValues {
  const { user, local } = settingsFiles(env, cwd);
  return { ...readSettingsFile(user, warn), ...readSettingsFile(local, warn) };
}

/** Where the two settings files stand. */
export function settingsFiles(env: NodeJS.ProcessEnv, cwd: string): { user: string; local: string } {
  const userFolder = env["WANDB_CONFIG_DIR"] || join(homedir(), ".config", "wandb");
  const localFolder = join(cwd, existsSync(join(cwd, ".wandb")) ? ".wandb" : "wandb");
  return { user: join(userFolder, "settings"), local: join(localFolder, "settings") };
}

function readSettingsFile(path: string, warn: (message: string) => void): SettingValues {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch {
    return {};
  }
  const values = defaultSection(content);
  const found: { [name: string]: unknown } = {};
  for (const name of NAMES) {
    // The folder of the file decides where it is read from, so it cannot say so itself.
    const value = name === "dir" ? undefined : values.get(fileNameOf(name));
    if (value === undefined) continue;
    try {
      found[name] = parse(value, SETTINGS[name].kind, `${path}: ${fileNameOf(name)}`);
    } catch (error) {
      warn((error as Error).message);
    }
  }
  return found as SettingValues;
}

/** Keys and values of the section `[default]` of an INI file; `%%` is a percent sign. */
function defaultSection(content: string): Map<string, string> {
  const values = new Map<string, string>();
  let inside = false;
  for (const line of content.split(/\r?\n/)) {
    const section = /^\s*\[([^\]]*)\]/.exec(line);
    if (section !== null) {
      inside = section[1] === "default";
      continue;
    }
    const pair = inside ? /^\s*([^#;=:\s][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) : null;
    if (pair !== null) values.set(pair[1]!.toLowerCase(), pair[2]!.replaceAll("%%", "%"));
  }
  return values;
}

function parse(value: string, kind: SettingKind, where: string): unknown {
  if (kind === "text") return value;
  if (kind === "list") {
    return value
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "");
  }
  const lower = value.trim().toLowerCase();
  if (kind === "number") {
    const number = Number(lower);
    if (lower === "" || Number.isNaN(number)) refuse(where, value, "a number");
    return number;
  }
  if (kind === "flag") {
    if (YES.includes(lower)) return true;
    if (NO.includes(lower)) return false;
    refuse(where, value, "true or false");
  }
  if (kind === "headers") return parseHeaders(value, where);
  if (!(kind as readonly string[]).includes(lower))
    refuse(where, value, `one of ${(kind as string[]).join(", ")}`);
  return lower;
}

function parseHeaders(value: string, where: string): { readonly [name: string]: string } {
  let headers: unknown;
  try {
    headers = JSON.parse(value);
  } catch {
    // Refused below, as any other value that is no object.
  }
  // The value is not repeated: it may hold a password.
  if (!isHeaders(headers)) refuse(where, "...", "a JSON object of texts by the names of headers");
  hideSecretHeaders(headers);
  return headers;
}

function refuse(where: string, value: string, rule: string): never {
  throw new TraceletError("invalid-option", `${where} is "${value}" and must be ${rule}.`, {
    backend: "wandb",
  });
}
