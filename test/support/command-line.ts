import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type ProgramEnded, runProgram } from "./run-program.js";

/** The command as it is shipped. */
export const COMMAND = new URL("../../dist/bundle/cli.js", import.meta.url).pathname;

/** A user of their own: nothing of this machine's accounts is seen. */
export function emptyHome(folder: string): { readonly [name: string]: string } {
  const home = join(folder, "home");
  mkdirSync(home, { recursive: true });
  return { PATH: process.env["PATH"]!, HOME: home, LANG: "C.UTF-8", TZ: "UTC" };
}

/** Runs `tracelet <args>` in a folder and waits for its end; it has no terminal. */
export function runCommand(
  args: readonly string[],
  folder: string,
  env: { readonly [name: string]: string },
): Promise<ProgramEnded> {
  return runProgram(process.execPath, [COMMAND, ...args], folder, env);
}
