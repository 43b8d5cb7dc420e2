import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { pythonPath } from "../../support/python.js";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";
import type { WandbServer } from "../../support/wandb-server/server.js";
import { clientEnvironment, runProgram } from "./official-client.js";
import { checkExit, SCRIPTS_FOLDER, type Script } from "./scripts.js";
import { uploadRun } from "./upload-run.js";
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
export async function runOfficial(
  script: Script,
  server: WandbServer,
  requirements?: string,
  upload = uploadRun,
): Promise<NormalisedRun> {
  // On a busy machine the official client sometimes leaves a script that does not call finish() before its service has
  // written everything: then the run has no end, which none of the scripts asks for.
  for (let attempt = 1; ; attempt++) {
    const run = await runOfficialOnce(script, server, requirements, upload);
    if (run.exitCode !== null || attempt === MOST_ATTEMPTS) return run;
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
    const program = `${script.name}.py`;
    await copyFile(join(SCRIPTS_FOLDER, program), join(folder, program));
    const environment = {
      ...clientEnvironment(server, folder),
      WANDB_MODE: "offline",
      WANDB_RUN_ID: script.runId,
      WANDB_SILENT: "true",
    };
    checkExit(script, await runProgram(python, [program], folder, environment));
    return await upload(script, server, folder, python);
  });
}
