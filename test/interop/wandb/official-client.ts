import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Environment, type ProgramEnded, runProgram } from "../../support/run-program.js";
import type { WandbServer } from "../../support/wandb-server/server.js";

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

/** Runs the official `wandb sync` over run folders or `.wandb` files. */
export function syncOfficial(
  python: string,
  paths: readonly string[],
  folder: string,
  environment: Environment,
): Promise<ProgramEnded> {
  return runProgram(python, [join(dirname(python), "wandb"), "sync", ...paths], folder, environment);
}
