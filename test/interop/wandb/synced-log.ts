import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythonPath } from "../../support/python.js";
import { runProgram } from "../../support/run-program.js";
import type { RecordedRequest } from "../../support/wandb-server/record.js";
import type { WandbServer } from "../../support/wandb-server/server.js";
import type { Run } from "../../support/wandb-server/store.js";
import { clientEnvironment, syncOfficial } from "./official-client.js";
import { checkExit, SCRIPTS_FOLDER, type Script } from "./scripts.js";
import { inWorkspace } from "./workspace.js";

/** A transaction log, and what the official sync made of it. */
export interface SyncedLog {
  /** The `.wandb` file. */
  readonly log: Buffer;
  /** What the server holds, in the texts that were sent. */
  readonly run: Run;
  /** Run files in the run's top folder, as text. */
  readonly files: ReadonlyMap<string, string>;
  /** Every request of the sync. */
  readonly requests: readonly RecordedRequest[];
}

/**
 * Runs the Python half of a script offline and lets the official `wandb sync` send its log to the server.
 *
 * @param requirements which environment of `test/interop` has the client
 * @throws Error when the script ends with another exit code than it says, or the sync does not finish.
 */
export function syncScript(script: Script, server: WandbServer, requirements?: string): Promise<SyncedLog> {
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
    const logs = (await readdir(folder, { recursive: true })).filter((path) =>
      /(^|\/)wandb\/offline-run-[^/]+\/[^/]+\.wandb$/.test(path),
    );
    if (logs.length !== 1) throw new Error(`${script.name} left ${logs.length} logs`);
    return await sync(join(folder, logs[0]!), script.runId, server, folder, python);
  });
}

/** Lets the official `wandb sync` send a log of run `tester/differential/<runId>` to the server. */
export async function syncLog(
  log: Uint8Array,
  runId: string,
  server: WandbServer,
  requirements?: string,
): Promise<SyncedLog> {
  const folder = await mkdtemp(join(tmpdir(), "wandb-log-"));
  try {
    const run = join(folder, "wandb", `offline-run-20240101_000000-${runId}`);
    await mkdir(join(run, "files"), { recursive: true });
    const path = join(run, `run-${runId}.wandb`);
    await writeFile(path, log);
    return await sync(path, runId, server, folder, await pythonPath(requirements));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sync(
  path: string,
  runId: string,
  server: WandbServer,
  folder: string,
  python: string,
): Promise<SyncedLog> {
  const before = server.requests.length;
  const { stdout, stderr } = await syncOfficial(python, [path], folder, clientEnvironment(server, folder));
  const run = server.store.projects.get("tester/differential")?.runs.get(runId);
  if (run?.exitCode == null) throw new Error(`wandb sync did not finish: ${stdout}${stderr}`);
  const files = new Map<string, string>();
  for (const { name, blob } of run.files.values()) {
    if (!name.includes("/")) files.set(name, (await blob.read()).toString());
  }
  server.store.projects.clear();
  server.store.artifacts.clear();
  return { log: await readFile(path), run, files, requests: server.requests.slice(before) };
}
