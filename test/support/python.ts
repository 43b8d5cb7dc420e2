import { spawn } from "node:child_process";
import { prepareEnvironment } from "../interop/prepare.mjs";

/**
 * The interpreter of an interop environment. They are made by `npm run test:interop` before the tests start, or by
 * the first test that asks for one.
 *
 * @param requirements name of a requirements file in `test/interop`
 */
export function pythonPath(requirements = "requirements.txt"): Promise<string> {
  return prepareEnvironment(requirements);
}

/** What a Python script runs with. */
export interface PythonOptions {
  /** Name of a requirements file in `test/interop`; default `requirements.txt`. */
  readonly requirements?: string;
  /** Command-line arguments. */
  readonly args?: readonly string[];
  /** Environment variables besides this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory; default this process's own. */
  readonly cwd?: string;
}

/**
 * Runs a Python script that takes one JSON value on its standard input and prints one on its standard output.
 * Rejects with what it wrote to its standard error if it fails.
 */
export async function runPython(
  script: string,
  input: unknown,
  options: PythonOptions = {},
): Promise<unknown> {
  const interpreter = await pythonPath(options.requirements);
  const child = spawn(interpreter, ["-u", script, ...(options.args ?? [])], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  child.stdin.on("error", () => {}); // a script that dies early is told below, by its exit code and standard error
  child.stdin.end(JSON.stringify(input));
  const code = await new Promise<number | null>((done, fail) => {
    child.on("error", fail);
    child.on("close", done);
  });
  if (code !== 0) {
    throw new Error(`${script} ended with code ${code}:\n${Buffer.concat(errors).toString().slice(-4000)}`);
  }
  return JSON.parse(Buffer.concat(output).toString());
}
