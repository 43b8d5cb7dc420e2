import { statSync, truncateSync, utimesSync } from "node:fs";
import { cp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readTransactionLog } from "#backends/wandb/transaction-log/reader.js";
import { runCommand } from "../../support/command-line.js";
import { type NormalisedRun, normalise } from "../../support/wandb-server/normalise.js";
import { startWandbServer, type WandbServer } from "../../support/wandb-server/server.js";
import { clientEnvironment, syncOfficial } from "./official-client.js";
import { runOfficial } from "./run-official.js";
import { runOurs } from "./run-ours.js";
import { listScripts, type Script } from "./scripts.js";
import { comparable, FROM_ELSEWHERE, WARNINGS } from "./sync-exceptions.js";
import { uploadRun } from "./upload-run.js";

// What `tracelet sync` makes of a log, of ours or of the official client, is what the official sync makes of it.

/** Scripts with every kind of record; `TRACELET_ALL_SCRIPTS=1` takes all, which is five minutes. */
const IN_THE_SUITE = /^(09|12|14|15|18|20|22|24|30|42|49|50|52|56|58|59|60|62|67|70)_/;

const scripts = listScripts().filter(
  ({ name }) => process.env["TRACELET_ALL_SCRIPTS"] === "1" || IN_THE_SUITE.test(name),
);

/** Syncs the only run of a folder with both; the second one finds what the first one has found. */
async function syncWithBoth(
  script: Script,
  server: WandbServer,
  folder: string,
  python: string,
  upload = uploadRun,
  change: (log: string) => void = () => {},
): Promise<{ readonly ours: NormalisedRun; readonly official: NormalisedRun }> {
  const entries = await readdir(folder, { recursive: true });
  const run = join(folder, entries.find((entry) => /(^|\/)wandb\/offline-run-[^/]+$/.test(entry))!);
  change(join(run, (await readdir(run)).find((name) => name.endsWith(".wandb"))!));
  const data = join(folder, ".client", "data");
  const before = { run: join(folder, "before"), data: join(folder, ".client", "before") };
  await cp(run, before.run, { recursive: true, verbatimSymlinks: true });
  await cp(data, before.data, { recursive: true }).catch(() => {});

  const synced = await runCommand(["sync", run], folder, clientEnvironment(server, folder) as never);
  expect(synced.code, synced.stdout + synced.stderr).toBe(0);
  for (const line of synced.stderr.split("\n").filter((each) => each.includes("left out")))
    expect(line).toContain(WARNINGS[script.name] ?? "nothing of this one");
  const failed = server.requests.filter(({ status, error }) => status !== 200 || error !== undefined);
  expect(failed).toEqual([]);
  const ours = normalise(await server.snapshot("tester", "differential", script.runId));
  server.store.projects.clear();
  server.store.artifacts.clear();

  await rm(run, { recursive: true });
  await rename(before.run, run);
  await rm(data, { recursive: true, force: true });
  await rename(before.data, data).catch(() => {});
  return { ours, official: await upload(script, server, folder, python) };
}

describe.concurrent.each(scripts)("$name", (script: Script) => {
  const halves = {
    ours: (server: WandbServer, upload: typeof uploadRun) => runOurs(script, server, undefined, upload),
    "of the official client": (server: WandbServer, upload: typeof uploadRun) =>
      runOfficial(script, server, undefined, upload),
  };
  const compared = (["ours", "of the official client"] as const).filter(
    (half) => half === "ours" || script.name !== FROM_ELSEWHERE,
  );
  test.each(compared)("a log that is %s", async (half) => {
    const server = await startWandbServer();
    try {
      let ours: NormalisedRun | undefined;
      const official = await halves[half](server, async (...args) => {
        const both = await syncWithBoth(...args);
        ours = both.ours;
        return both.official;
      });
      expect(comparable(ours!)).toEqual(comparable(official));
    } finally {
      await server.close();
    }
  });
});

/** The official sync says that such a log has no end, and leaves no mark. */
async function uploadCutRun(
  script: Script,
  server: WandbServer,
  folder: string,
  python: string,
): Promise<NormalisedRun> {
  const { code } = await syncOfficial(python, ["wandb"], folder, clientEnvironment(server, folder));
  expect(code).toBe(0);
  return normalise(await server.snapshot("tester", "differential", script.runId));
}

test.concurrent.each([0.35, 0.7])("an official log that is cut at %d of its length", async (share) => {
  const script = listScripts().find(({ name }) => name.startsWith("12_"))!;
  const cut = (log: string): void => {
    // Behind a row: between it and its part of the summary the official sync takes all of that but `_step`.
    const upTo = statSync(log).size * share;
    const rows = [...readTransactionLog(log)].filter(({ record, end }) => record.history && end < upTo);
    truncateSync(log, rows.at(-1)!.end + 5);
    // As that of a process that was killed long ago.
    utimesSync(log, new Date(0), new Date(0));
  };
  const server = await startWandbServer();
  try {
    let ours: NormalisedRun | undefined;
    const official = await runOfficial(script, server, undefined, async (...args) => {
      const both = await syncWithBoth(...args, uploadCutRun, cut);
      ours = both.ours;
      return both.official;
    });
    expect((official["history"] as unknown[]).length).toBeGreaterThan(10);
    expect(comparable(ours!)).toEqual(comparable(official));
  } finally {
    await server.close();
  }
});
