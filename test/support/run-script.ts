import { fileURLToPath } from "node:url";
import { type Environment, type ProgramEnded, runProgram, type Watch } from "./run-program.js";

/** What became of a script. */
export interface Ended extends ProgramEnded {
  /** The lines on stderr that are tracelet's, without its name. */
  readonly said: readonly string[];
}

export interface ScriptOptions extends Watch {
  readonly args?: readonly string[];
  readonly env?: Environment;
  /** Default: the working directory of the tests. */
  readonly cwd?: string;
  /** Arguments of Node itself. */
  readonly nodeArgs?: readonly string[];
}

/** Far beyond what any script here needs. */
const TIMEOUT_MS = 60_000;

/**
 * Runs a JavaScript file in a Node process of its own and waits for its end. Scripts below the package's folder can
 * `import "tracelet"`.
 */
export async function runScript(
  file: URL,
  { args = [], env = {}, cwd = process.cwd(), nodeArgs = [], ...watch }: ScriptOptions = {},
): Promise<Ended> {
  // vitest's own variables (NODE_OPTIONS, VITEST_...) are no part of what a user's script sees.
  const own = Object.fromEntries(
    ["PATH", "HOME", "TZ"].flatMap((name) =>
      process.env[name] === undefined ? [] : [[name, process.env[name]!]],
    ),
  );
  const ended = await runProgram(
    process.execPath,
    [...nodeArgs, fileURLToPath(file), ...args],
    cwd,
    { ...own, ...env },
    { timeoutMs: TIMEOUT_MS, ...watch },
  );
  const said = ended.stderr
    .split("\n")
    .filter((line) => line.startsWith("tracelet: "))
    .map((line) => line.slice("tracelet: ".length));
  return { ...ended, said };
}

/** A file of `test/faults/fixtures`. */
export const fixture = (name: string): URL => new URL(`../faults/fixtures/${name}`, import.meta.url);
