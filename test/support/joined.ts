import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { EventFileReader } from "#backends/tensorboard/event-reader.js";
import { runScript } from "./run-script.js";
import type { WandbServer } from "./wandb-server/server.js";

/** How writers are started that join a run. */
export type Joining = "fork" | "cluster" | "thread";

export interface JoinedJob {
  readonly how: Joining;
  readonly writers: number;
  /** Scalars of each writer: `loss/<writer>` = step at the steps 0, 1, 2 ... */
  readonly count: number;
  readonly backend: string | readonly string[];
  readonly options?: object;
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory. */
  readonly dir: string;
}

/** What the job says at its end. */
export interface JoinedTold {
  readonly id: string;
  readonly handle: string;
  readonly reports: readonly {
    readonly writer: number;
    readonly id: string;
    /** What one call cost its writer: median of batches of 1,000, in nanoseconds. */
    readonly time: number;
    readonly waits: number;
    readonly reports: {
      readonly [backend: string]: {
        readonly synced: number;
        readonly pending: number;
        readonly dropped: number;
      };
    };
  }[];
}

/** Runs one process that starts the others, all of `joined.mjs`, and waits for them. */
export async function runJoined(job: JoinedJob): Promise<{ told: JoinedTold; said: readonly string[] }> {
  const { env, dir, ...asked } = job;
  const ended = await runScript(new URL("../integration/fixtures/joined.mjs", import.meta.url), {
    args: [JSON.stringify({ options: {}, ...asked })],
    env: { HOME: join(dir, "home"), ...env },
    cwd: dir,
    timeoutMs: 300_000,
  });
  assert.equal(ended.code, 0, ended.stderr);
  return { told: JSON.parse(ended.stdout.trim().split("\n").at(-1)!) as JoinedTold, said: ended.said };
}

/** Throws unless the event files of the run's folder hold every writer's scalars, in its order. */
export function checkEventFiles(folder: string, writers: number, count: number): void {
  const files = readdirSync(folder).filter((name) => name.includes("tfevents"));
  assert.equal(files.length, writers + 1);
  const next = Array<number>(writers).fill(0);
  for (const { step, summary } of new EventFileReader(folder)) {
    for (const { tag, simpleValue } of summary?.value ?? []) {
      if (!tag?.startsWith("loss/")) continue;
      const writer = Number(tag.slice("loss/".length));
      assert.deepEqual([Number(step ?? 0), simpleValue], [next[writer], next[writer]]);
      next[writer]!++;
    }
  }
  assert.deepEqual(next, Array(writers).fill(count));
}

/** Throws unless the run at the server holds every writer's rows, in its order, and has ended well. */
export async function checkServer(
  server: WandbServer,
  project: string,
  { id }: JoinedTold,
  writers: number,
  count: number,
): Promise<void> {
  const { state, exitCode, holes, history } = await server.snapshot("tester", project, id);
  assert.deepEqual({ state, exitCode, holes }, { state: "finished", exitCode: 0, holes: 0 });
  const next = Array<number>(writers).fill(0);
  let others = 0;
  for (const row of history) {
    const writer = next.findIndex((_, index) => `loss/${index}` in row);
    if (writer < 0) {
      others++;
      continue;
    }
    assert.deepEqual([row[`loss/${writer}`], row["global_step"]], [next[writer], next[writer]]);
    assert.ok(!("_step" in row));
    next[writer]!++;
  }
  assert.deepEqual({ next, others }, { next: Array(writers).fill(count), others: 1 });
}
