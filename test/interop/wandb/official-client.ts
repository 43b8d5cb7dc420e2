import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { WandbServer } from "../../support/wandb-server/server.js";

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Variables a process runs with. */
export interface Environment {
  readonly [name: string]: string;
}

/** The variables an official client runs with: this server, its key, and folders of its own. */
export function clientEnvironment(server: WandbServer, folder: string): Environment {
  return {
    ...withoutServer(folder),
    WANDB_BASE_URL: server.url,
    WANDB_API_KEY: server.apiKey,
    WANDB_ERROR_REPORTING: "false",
    PYTHONIOENCODING: "utf-8",
  };
}

/** The variables of a client that knows no server and has no key. */
export function withoutServer(folder: string): Environment {
  const state = join(folder, ".client");
  mkdirSync(join(state, "home"), { recursive: true });
  const clean = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !/^(WANDB|GIT|VITEST|NODE|TRACELET)_/.test(name),
  ) as [string, string][];
  return {
    ...Object.fromEntries(clean),
    HOME: join(state, "home"),
    WANDB_ENTITY: "tester",
    WANDB_PROJECT: "differential",
    WANDB_CACHE_DIR: join(state, "cache"),
    WANDB_DATA_DIR: join(state, "data"),
    WANDB_CONFIG_DIR: join(state, "config"),
  };
}

/** Runs a program in a folder and waits for its end. */
export function runProgram(
  program: string,
  args: readonly string[],
  folder: string,
  environment: Environment,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
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

/** Runs the official `wandb sync` over run folders or `.wandb` files. */
export function syncOfficial(
  python: string,
  paths: readonly string[],
  folder: string,
  environment: Environment,
): Promise<Finished> {
  return runProgram(python, [join(dirname(python), "wandb"), "sync", ...paths], folder, environment);
}
