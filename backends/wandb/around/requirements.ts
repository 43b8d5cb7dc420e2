import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../../src/events/event.js";
import type { FilesRecord } from "../records/record.js";

const NAME = "requirements.txt";

/** Lines `name==version`, sorted by name: the form of W&B's package list, here with npm packages. */
export function requirementLines(packages: JsonObject): string[] {
  return Object.entries(packages)
    .flatMap(([name, version]) => (typeof version === "string" ? [`${name}==${version}`] : []))
    .sort();
}

/**
 * Writes `requirements.txt` from the packages of an environment event (name to installed version) and returns the record
 * that has it uploaded; undefined when there are none. Not for writers of a run that are not its primary, and
 * not with `saveRequirements: false`.
 */
export function writeRequirements(filesDir: string, environment: JsonObject): FilesRecord | undefined {
  const lines = requirementLines((environment["packages"] as JsonObject | undefined) ?? {});
  if (lines.length === 0) return undefined;
  writeFileSync(join(filesDir, NAME), `${lines.join("\n")}\n`);
  return { files: [{ path: NAME, policy: "NOW", type: "WANDB" }] };
}
