import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProgramEnded } from "../../support/run-program.js";

export const SCRIPTS_FOLDER = new URL("./scripts/", import.meta.url).pathname;

/** One program of the differential suite, written in Python and in TypeScript. */
export interface Script {
  /** File name without extension, e.g. `01_scalars_auto_step`. */
  readonly name: string;
  /** The run id both halves use. */
  readonly runId: string;
  /** The exit code the process must end with: the Python half's docstring says it when it is not 0. */
  readonly exitCode: number;
}

/** The run id of the script of a name. */
export const runIdOf = (name: string): string => `diff${name.split("_")[0]}`;

export function listScripts(): Script[] {
  return readdirSync(SCRIPTS_FOLDER)
    .filter((file) => file.endsWith(".py"))
    .sort()
    .map((file) => {
      const name = file.slice(0, -3);
      const expected = /^"""expect exit (\d+):/.exec(readFileSync(join(SCRIPTS_FOLDER, file), "utf8"));
      return { name, runId: runIdOf(name), exitCode: Number(expected?.[1] ?? 0) };
    });
}

/** @throws Error when a half ended with another exit code than its script says. */
export function checkExit(script: Script, { code, stdout, stderr }: ProgramEnded): void {
  if (code === script.exitCode) return;
  const said = (stdout + stderr).slice(-3000);
  throw new Error(`${script.name} ended with ${code} instead of ${script.exitCode}: ${said}`);
}
