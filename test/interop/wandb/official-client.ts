import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { WandbServer } from "../../support/wandb-server/server.js";

/** The interpreter that has the official package. */
export const PYTHON = process.env["TRACELET_PYTHON"] ?? "/tmp/wandb-venv/bin/python";

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The variables an official client runs with: this server, its key, and folders of its own. */
export function clientEnvironment(server: WandbServer, folder: string): { readonly [name: string]: string } {
  const state = join(folder, ".client");
  mkdirSync(join(state, "home"), { recursive: true });
  const clean = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !/^(WANDB|GIT)_/.test(name),
  ) as [string, string][];
  return {
    ...Object.fromEntries(clean),
    HOME: join(state, "home"),
    WANDB_BASE_URL: server.url,
    WANDB_API_KEY: server.apiKey,
    WANDB_ENTITY: "tester",
    WANDB_PROJECT: "differential",
    WANDB_CACHE_DIR: join(state, "cache"),
    WANDB_DATA_DIR: join(state, "data"),
    WANDB_CONFIG_DIR: join(state, "config"),
    WANDB_ERROR_REPORTING: "false",
    PYTHONIOENCODING: "utf-8",
  };
}

/** Runs `python <args>` in a folder and waits for its end. */
export function runPython(
  args: readonly string[],
  folder: string,
  environment: { readonly [name: string]: string },
  python: string = PYTHON,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, args, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

/** Runs `wandb sync` over run folders or `.wandb` files. */
export function syncOfficial(
  paths: readonly string[],
  folder: string,
  environment: { readonly [name: string]: string },
  python: string = PYTHON,
): Promise<Finished> {
  return runPython([join(dirname(python), "wandb"), "sync", ...paths], folder, environment, python);
}
