import { copyFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type NormalisedRun, normalise } from "../../support/wandb-server/normalise.js";
import type { WandbServer } from "../../support/wandb-server/server.js";
import { clientEnvironment, PYTHON, runPython, syncOfficial } from "./official-client.js";
import { SCRIPTS_FOLDER, type Script } from "./scripts.js";
import { makeWorkspace } from "./workspace.js";

/**
 * Runs the Python half of a script offline with the official client, syncs it with the official `wandb sync`, and
 * returns what the server then holds, normalised. The run is taken off the server again, so that the next run of the
 * same id starts from nothing.
 *
 * @throws Error when the script ends with another exit code than it says, or the sync complains.
 */
export async function runOfficial(
  script: Script,
  server: WandbServer,
  python: string = PYTHON,
): Promise<NormalisedRun> {
  const folder = await makeWorkspace();
  try {
    const environment = clientEnvironment(server, folder);
    const program = `${script.name}.py`;
    await copyFile(join(SCRIPTS_FOLDER, program), join(folder, program));
    const ended = await runPython(
      [program],
      folder,
      { ...environment, WANDB_MODE: "offline", WANDB_RUN_ID: script.runId, WANDB_SILENT: "true" },
      python,
    );
    if (ended.exitCode !== script.exitCode)
      throw new Error(`${program} ended with ${ended.exitCode}: ${ended.stderr.slice(-3000)}`);
    return await syncAndRead(script, server, folder, environment, python);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the sync rightly warns of: a script that logs the same content twice. */
const EXPECTED = /already exists with the same content/;

/** Syncs the only offline run of a folder with the official command and returns what the server holds. */
export async function syncAndRead(
  script: Script,
  server: WandbServer,
  folder: string,
  environment: { readonly [name: string]: string },
  python: string = PYTHON,
): Promise<NormalisedRun> {
  const runs = (await readdir(folder, { recursive: true })).filter((path) =>
    /(^|\/)wandb\/offline-run-[^/]+$/.test(path),
  );
  if (runs.length !== 1) throw new Error(`${script.name} left ${runs.length} run folders`);
  const run = join(folder, runs[0]!);
  const sync = await syncOfficial([run], folder, environment, python);
  const output = sync.stdout + sync.stderr;
  const complaints = output.split("\n").filter((line) => /ERROR|WARNING/.test(line) && !EXPECTED.test(line));
  if (sync.exitCode !== 0 || complaints.length > 0) throw new Error(`wandb sync said: ${output}`);
  const log = (await readdir(run)).find((name) => name.endsWith(".wandb"))!;
  if (!(await readdir(run)).includes(`${log}.synced`))
    throw new Error(`wandb sync did not finish: ${output}`);
  const snapshot = await server.snapshot("tester", "differential", script.runId);
  server.store.projects.clear();
  server.store.artifacts.clear();
  return normalise(snapshot);
}
