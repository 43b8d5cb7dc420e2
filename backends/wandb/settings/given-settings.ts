import { TraceletError } from "../../../src/errors.js";
import { SETTINGS, type SettingKind, type SettingName, type SettingValues } from "./setting-table.js";

/** Settings as a script gives them; throws `invalid-option` for an unknown one or a value it does not take. */
export function checkSettingValues(given: { readonly [name: string]: unknown }): SettingValues {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(SETTINGS, name)) {
      refuse(`settings: "${name}" is unknown; known: ${Object.keys(SETTINGS).join(", ")}`);
    }
    const { kind } = SETTINGS[name as SettingName] as { readonly kind: SettingKind };
    if (!fits(value, kind))
      refuse(`settings: "${name}" must be ${expectation(kind)}, got ${JSON.stringify(value)}`);
  }
  return given as SettingValues;
}

function fits(value: unknown, kind: SettingKind): boolean {
  if (kind === "text") return typeof value === "string";
  if (kind === "flag") return typeof value === "boolean";
  if (kind === "number") return typeof value === "number" && Number.isFinite(value);
  if (kind === "list") return Array.isArray(value) && value.every((item) => typeof item === "string");
  return kind.includes(value as string);
}

function expectation(kind: SettingKind): string {
  if (kind === "text") return "a text";
  if (kind === "flag") return "true or false";
  if (kind === "number") return "a number";
  return kind === "list" ? "a list of texts" : `one of ${kind.join(", ")}`;
}

function refuse(rule: string): never {
  throw new TraceletError("invalid-option", `${rule}.`, { backend: "wandb" });
}
