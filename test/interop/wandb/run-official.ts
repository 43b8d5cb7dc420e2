import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { pythonPath } from "../../support/python.js";
import { type Environment, runProgram } from "../../support/run-program.js";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";
import type { WandbServer } from "../../support/wandb-server/server.js";
import { clientEnvironment } from "./official-client.js";
import { checkExit, SCRIPTS_FOLDER, type Script } from "./scripts.js";
import { takeRun, uploadRun } from "./upload-run.js";
import { inWorkspace } from "./workspace.js";

const MOST_ATTEMPTS = 3;

/**
 * Runs the Python half of a script offline with the official client, syncs it with the official `wandb sync`, and
 * returns what the server then holds, normalised. The run is taken off the server again, so that the next run of the
 * same id starts from nothing.
 *
 * @param requirements which environment of `test/interop` has the client
 * @param upload instead of the official sync
 * @throws Error when the script ends with another exit code than it says, or the sync complains.
 */
export function runOfficial(
  script: Script,
  server: WandbServer,
  requirements?: string,
  upload = uploadRun,
): Promise<NormalisedRun> {
  return withAnEnd(() => runOfficialOnce(script, server, requirements, upload));
}

/**
 * On a busy machine the official client sometimes leaves a script that does not call finish() before its service has
 * written everything: then the run has no end, which none of the scripts asks for.
 */
async function withAnEnd(run: () => Promise<NormalisedRun>): Promise<NormalisedRun> {
  for (let attempt = 1; ; attempt++) {
    const result = await run();
    if (result.exitCode !== null || attempt === MOST_ATTEMPTS) return result;
  }
}

function runOfficialOnce(
  script: Script,
  server: WandbServer,
  requirements: string | undefined,
  upload: typeof uploadRun,
): Promise<NormalisedRun> {
  return inWorkspace(async (folder) => {
    const python = await pythonPath(requirements);
    await runScript(script, server, folder, python, { WANDB_MODE: "offline" });
    return await upload(script, server, folder, python);
  });
}

/** As {@link runOfficial}, online: without a sync. The server's requests are those of the run that is returned. */
export function runOfficialOnline(script: Script, server: WandbServer): Promise<NormalisedRun> {
  return withAnEnd(() => {
    server.requests.length = 0;
    return inWorkspace(async (folder) => {
      await runScript(script, server, folder, await pythonPath(), {});
      return await takeRun(script, server);
    });
  });
}

async function runScript(
  script: Script,
  server: WandbServer,
  folder: string,
  python: string,
  mode: Environment,
): Promise<void> {
  const program = `${script.name}.py`;
  await copyFile(join(SCRIPTS_FOLDER, program), join(folder, program));
  const environment = {
    ...clientEnvironment(server, folder),
    ...mode,
    WANDB_RUN_ID: script.runId,
    WANDB_SILENT: "true",
  };
  checkExit(script, await runProgram(python, [program], folder, environment));
}
