import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { pythonPath } from "../../support/python.js";
import { type Environment, type ProgramEnded, runProgram } from "../../support/run-program.js";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";
import type { WandbServer } from "../../support/wandb-server/server.js";
import { clientEnvironment, withoutServer } from "./official-client.js";
import { checkExit, SCRIPTS_FOLDER, type Script } from "./scripts.js";
import { takeRun, uploadRun } from "./upload-run.js";
import { inWorkspace } from "./workspace.js";

const START = fileURLToPath(new URL("./start-half.mjs", import.meta.url));

/**
 * Runs the TypeScript half of a script offline with `tracelet/wandb`, which knows no server and has no key, syncs it with
 * the official `wandb sync`, and returns what the server then holds, normalised.
 *
 * @param edit changes the program before it runs
 * @param upload instead of the official sync
 * @throws Error when the script ends with another exit code than it says, or the sync complains.
 */
export function runOurs(
  script: Script,
  server: WandbServer,
  edit?: (source: string) => string,
  upload = uploadRun,
): Promise<NormalisedRun> {
  return inWorkspace(async (folder) => {
    await runScript(script, folder, { ...withoutServer(folder), WANDB_MODE: "offline" }, edit);
    return await upload(script, server, folder, await pythonPath());
  });
}

/** As {@link runOurs}, online: without a sync. */
export function runOursOnline(script: Script, server: WandbServer): Promise<NormalisedRun> {
  return inWorkspace(async (folder) => {
    await runScript(script, folder, clientEnvironment(server, folder));
    return await takeRun(script, server);
  });
}

async function runScript(
  script: Script,
  folder: string,
  environment: Environment,
  edit?: (source: string) => string,
): Promise<void> {
  const variables = { ...environment, WANDB_RUN_ID: script.runId, WANDB_SILENT: "true" };
  const file = join(SCRIPTS_FOLDER, `${script.name}.ts`);
  checkExit(script, await runTypeScript(file, folder, variables, edit));
}

/** Compiles a file that exports a function of `tracelet/wandb` into a folder and runs it there. */
export async function runTypeScript(
  file: string,
  folder: string,
  environment: Environment,
  edit: (source: string) => string = (source) => source,
): Promise<ProgramEnded> {
  const program = join(folder, `${basename(file, ".ts")}.mjs`);
  const source = edit(await readFile(file, "utf8"));
  await writeFile(program, (await transform(source, { loader: "ts", target: "es2022" })).code);
  return runProgram(process.execPath, ["--import", START, program], folder, environment);
}
