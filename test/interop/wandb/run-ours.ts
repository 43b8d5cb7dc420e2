import { spawn } from "node:child_process";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";
import type { WandbServer } from "../../support/wandb-server/server.js";
import { clientEnvironment } from "./official-client.js";
import { syncAndRead } from "./run-official.js";
import { SCRIPTS_FOLDER, type Script } from "./scripts.js";
import { makeWorkspace } from "./workspace.js";

const RUNNER = new URL("./run-script.ts", import.meta.url).pathname;
const TSX = import.meta.resolve("tsx");

/**
 * Runs the TypeScript half of a script offline with `tracelet/wandb`, syncs it with the official `wandb sync`, and returns what
 * the server then holds, normalised.
 *
 * @throws Error when the script ends with another exit code than it says, or the sync complains.
 */
export async function runOurs(script: Script, server: WandbServer): Promise<NormalisedRun> {
  const folder = await makeWorkspace();
  try {
    const environment = clientEnvironment(server, folder);
    const program = `${script.name}.ts`;
    await copyFile(join(SCRIPTS_FOLDER, program), join(folder, program));
    const ended = await run(program, script.runId, folder, {
      ...environment,
      WANDB_MODE: "offline",
      WANDB_RUN_ID: script.runId,
      WANDB_SILENT: "true",
    });
    if (ended.exitCode !== script.exitCode)
      throw new Error(`${program} ended with ${ended.exitCode}: ${ended.stderr.slice(-3000)}`);
    return await syncAndRead(script, server, folder, environment);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(
  program: string,
  runId: string,
  folder: string,
  env: { readonly [name: string]: string },
): Promise<{ exitCode: number | null; stderr: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, ["--import", TSX, RUNNER, program, runId], {
      cwd: folder,
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", fail);
    child.once("close", (exitCode) => done({ exitCode, stderr }));
  });
}
