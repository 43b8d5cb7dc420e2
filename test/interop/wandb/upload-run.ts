import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type NormalisedRun, normalise } from "../../support/wandb-server/normalise.js";
import type { WandbServer } from "../../support/wandb-server/server.js";
import { clientEnvironment, syncOfficial } from "./official-client.js";
import type { Script } from "./scripts.js";

/** What the sync rightly warns of: a script that logs the same content twice. */
const EXPECTED = /already exists with the same content/;

/**
 * Syncs the only offline run of a folder with the official `wandb sync` and returns what the server then holds,
 * normalised.
 *
 * @throws Error when there is not one run, or the sync complains, repeats a request or leaves something out.
 */
export async function uploadRun(
  script: Script,
  server: WandbServer,
  folder: string,
  python: string,
): Promise<NormalisedRun> {
  const runs = (await readdir(folder, { recursive: true })).filter((path) =>
    /(^|\/)wandb\/offline-run-[^/]+$/.test(path),
  );
  if (runs.length !== 1) throw new Error(`${script.name} left ${runs.length} run folders`);
  const run = join(folder, runs[0]!);
  const sync = await syncOfficial(python, [run], folder, clientEnvironment(server, folder));
  const output = sync.stdout + sync.stderr;
  const complaints = output.split("\n").filter((line) => /ERROR|WARNING/.test(line) && !EXPECTED.test(line));
  if (sync.code !== 0 || complaints.length > 0) throw new Error(`wandb sync said: ${output}`);
  const log = (await readdir(run)).find((name) => name.endsWith(".wandb"))!;
  if (!(await readdir(run)).includes(`${log}.synced`))
    throw new Error(`wandb sync did not finish: ${output}`);
  return takeRun(script, server);
}

/** What the server holds of a script's run, normalised. It is taken off the server, so that the next starts from nothing. */
export async function takeRun(script: Script, server: WandbServer): Promise<NormalisedRun> {
  const snapshot = await server.snapshot("tester", "differential", script.runId);
  server.store.projects.clear();
  server.store.artifacts.clear();
  return normalise(snapshot);
}
