import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** The command as it is shipped. */
export const COMMAND = new URL("../../dist/bundle/cli.js", import.meta.url).pathname;

export interface CommandEnded {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

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
): Promise<CommandEnded> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND, ...args], {
      cwd: folder,
      env: { ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
