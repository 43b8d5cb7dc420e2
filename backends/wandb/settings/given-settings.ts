import { isSecretName } from "../../../src/collectors/secret-names.js";
import { addSecret } from "../../../src/collectors/secrets.js";
import { TraceletError } from "../../../src/errors.js";
import { unknownOption } from "../../../src/settings/unknown-option.js";
import { SETTINGS, type SettingKind, type SettingName, type SettingValues } from "./setting-table.js";

/** Values of HTTP headers that are secrets (`Proxy-Authorization`) are masked wherever they appear. */
export function hideSecretHeaders(headers: { readonly [name: string]: string }): void {
  for (const [name, value] of Object.entries(headers)) if (isSecretName(name)) addSecret(value);
}

/** Settings as a script gives them; throws `invalid-option` for an unknown one or a value it does not take. */
export function checkSettingValues(given: { readonly [name: string]: unknown }): SettingValues {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    // First of all, as the message of any error below quotes what was given.
    if (name === "apiKey") addSecret(String(value));
    if (!Object.hasOwn(SETTINGS, name)) {
      refuse(`settings: ${unknownOption(name, Object.keys(SETTINGS))}`);
    }
    const { kind } = SETTINGS[name as SettingName] as { readonly kind: SettingKind };
    if (!fits(value, kind)) {
      const shown = kind === "headers" ? "another value" : JSON.stringify(value);
      refuse(`settings: "${name}" must be ${expectation(kind)}, got ${shown}`);
    }
    if (kind === "headers") hideSecretHeaders(value as { [name: string]: string });
  }
  return given as SettingValues;
}

function fits(value: unknown, kind: SettingKind): boolean {
  if (kind === "text") return typeof value === "string";
  if (kind === "flag") return typeof value === "boolean";
  if (kind === "number") return typeof value === "number" && Number.isFinite(value);
  if (kind === "list") return Array.isArray(value) && value.every((item) => typeof item === "string");
  if (kind === "headers") return isHeaders(value);
  return kind.includes(value as string);
}

/** Names of HTTP headers with texts. */
export function isHeaders(value: unknown): value is { readonly [name: string]: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === "string")
  );
}

function expectation(kind: SettingKind): string {
  if (kind === "text") return "a text";
  if (kind === "flag") return "true or false";
  if (kind === "number") return "a number";
  if (kind === "headers") return "an object of texts by the names of headers";
  return kind === "list" ? "a list of texts" : `one of ${kind.join(", ")}`;
}

function refuse(rule: string): never {
  throw new TraceletError("invalid-option", `${rule}.`, { backend: "wandb" });
}
