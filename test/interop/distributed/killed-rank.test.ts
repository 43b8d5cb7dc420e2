import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { killWatched } from "../../support/kill-watched.js";
import { tempDir } from "../../support/temp-dir.js";
import { runFolders } from "../../support/wandb-log.js";
import { startWandbServer } from "../../support/wandb-server/server.js";
import { forkRanks, TRAIN } from "./launch.js";
import { foldersOf, losses, runsOf, uploadAll } from "./uploaded.js";

// One rank of four is killed while it trains. (torchrun and mpirun end the other ranks then, so these are forked from here.)

const RANKS = 4;
const KILLED = 2;
const EPOCHS = 40;
const STEPS = EPOCHS * Math.floor(Math.floor(1_442 / RANKS) / 32);
/** What SIGKILL may cost, where the machine lets the logging worker run. */
const LOST_MS = 10;

test.for(["shared", "new"])("%s: the others go on, and its rows are kept", async (mode) => {
  const folder = tempDir();
  const ranks = await forkRanks(
    {
      script: TRAIN,
      args: ["--backend", "wandb,jsonl", "--epochs", String(EPOCHS)],
      folder,
      env: { TRACELET_RUN_MODE: mode, TRACELET_RUN_ID: "job7" },
    },
    RANKS,
  );
  let output = "";
  for (const { stdout } of ranks) stdout!.setEncoding("utf8").on("data", (text: string) => (output += text));
  for (const { stderr } of ranks) stderr!.resume();
  const ended = Promise.all(ranks.map((rank) => once(rank, "close")));

  while (losses(folder, KILLED).length < STEPS / 4) await new Promise((resolve) => setTimeout(resolve, 20));
  const killed = await killWatched(ranks[KILLED]!.pid!);
  const codes = await ended;
  expect(codes.map(([code, signal]) => signal ?? code)).toEqual([0, 0, "SIGKILL", 0]);

  // The killed rank's folder is the one that no rank has named at its end.
  const folders = foldersOf(output);
  expect([...folders.keys()].toSorted()).toEqual([0, 1, 3]);
  const left = runFolders(folder).filter((run) => ![...folders.values()].includes(run));
  expect(left).toHaveLength(1);

  const server = await startWandbServer();
  onTestFinished(() => server.close());
  await uploadAll(server, folder, mode === "shared" ? [folders.get(0)!] : []);
  const runs = await runsOf(server);
  const runOf = (rank: number) => runs.get(mode === "shared" ? "job7" : `job7-rank-${rank}`)!;
  expect(runs.size).toBe(mode === "shared" ? 1 : RANKS);

  for (const rank of [0, 1, 3]) {
    expect(losses(folder, rank)).toHaveLength(STEPS);
    const rows = runOf(rank).history.filter((row) => `rank-${rank}/loss` in row);
    expect(rows.map((row) => row[`rank-${rank}/loss`])).toEqual(losses(folder, rank));
    expect(runOf(rank)).toMatchObject({ state: "finished", exitCode: 0, holes: 0 });
  }
  const rows = runOf(KILLED).history.filter((row) => `rank-${KILLED}/loss` in row);
  expect(rows.length).toBeGreaterThanOrEqual(STEPS / 4 - 1);
  expect(rows.length).toBeLessThan(STEPS);
  // Whatever was logged 10 ms before the kill is there: the last row that is, is at most a step older.
  const times = rows.map((row) => (row["_timestamp"] as number) * 1000);
  const gaps = times.slice(1).map((time, index) => time - times[index]!);
  if (!killed.starved) expect(killed.date - times.at(-1)!).toBeLessThanOrEqual(LOST_MS + Math.max(...gaps));
  // A log without an end is a run of exit code 1; the shared run ends as its primary says.
  if (mode === "new") expect(runOf(KILLED)).toMatchObject({ state: "failed", exitCode: 1 });
});
