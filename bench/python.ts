import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { prepareEnvironment } from "../test/interop/prepare.mjs";
import type { Figures } from "./statistics.js";

/** The interpreter that has the peers, or why there is none. */
export type PythonChoice = { readonly path: string; readonly packages: string } | { readonly absent: string };

const PRINT_VERSIONS = `
from importlib.metadata import version
import platform
names = ["torch", "tensorboard", "tensorboardX", "wandb"]
print("Python " + platform.python_version() + ", " + ", ".join(name + " " + version(name) for name in names))
`;

/** `TRACELET_PYTHON`, or the environment the interop tests make and keep (see test/interop/prepare.mjs). */
export async function findPython(): Promise<PythonChoice> {
  try {
    const path = process.env["TRACELET_PYTHON"] || (await prepareEnvironment());
    const { stdout } = await promisify(execFile)(path, ["-c", PRINT_VERSIONS]);
    return { path, packages: stdout.trim() };
  } catch (error) {
    const lines = (error as Error).message.trim().split("\n");
    return { absent: lines.at(-1)! };
  }
}

/** Runs a program that takes its input as a JSON argument and prints its figures as the last line. */
export function runPeer(python: string, program: string, input: object): Promise<Figures> {
  return new Promise((done, fail) => {
    const child = spawn(python, [program, JSON.stringify(input)], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
    });
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    child.on("error", fail);
    child.on("close", (code) => {
      if (code === 0) done(JSON.parse(output.trim().split("\n").at(-1)!) as Figures);
      else fail(new Error(`${program} ended with code ${code}:\n${errors.slice(-2000)}`));
    });
  });
}
