import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pythonPath } from "../../support/python.js";
import { type Environment, type ProgramEnded, runProgram } from "../../support/run-program.js";
import { runTypeScript } from "./run-ours.js";

export type Client = "official" | "ours";

/** Runs a program that is there in both languages, in a folder. `path` has no extension. */
export async function runHalf(
  client: Client,
  path: string,
  folder: string,
  environment: Environment,
): Promise<ProgramEnded> {
  if (client === "ours") return runTypeScript(`${path}.ts`, folder, environment);
  const program = `${basename(path)}.py`;
  await copyFile(`${path}.py`, join(folder, program));
  return runProgram(await pythonPath(), [program], folder, environment);
}
