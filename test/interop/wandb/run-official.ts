import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { pythonPath } from "../../support/python.js";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";
import type { WandbServer } from "../../support/wandb-server/server.js";
import { clientEnvironment, runProgram } from "./official-client.js";
import { checkExit, SCRIPTS_FOLDER, type Script } from "./scripts.js";
import { uploadRun } from "./upload-run.js";
import { inWorkspace } from "./workspace.js";

/**
 * Runs the Python half of a script offline with the official client, syncs it with the official `wandb sync`, and
 * returns what the server then holds, normalised. The run is taken off the server again, so that the next run of the
 * same id starts from nothing.
 *
 * @param requirements which environment of `test/interop` has the client
 * @throws Error when the script ends with another exit code than it says, or the sync complains.
 */
export function runOfficial(
  script: Script,
  server: WandbServer,
  requirements?: string,
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
    return await uploadRun(script, server, folder, python);
  });
}
