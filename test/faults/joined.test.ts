import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { emptyHome, runCommand } from "../support/command-line.js";
import { type KilledProcess, killWatched } from "../support/kill-watched.js";
import { readScalars } from "../support/run-files.js";
import { type Ended, fixture, runScript } from "../support/run-script.js";
import { tempDir } from "../support/temp-dir.js";
import { startWandbServer, type WandbServer } from "../support/wandb-server/server.js";

// A writer of a joined run is killed while all of them log.

const [WRITERS, COUNT] = [3, 2_000];
/** The writer that is killed, or watched. */
const KILLED = 1;
/** What SIGKILL may cost, where the machine lets the logging worker run. */
const LOST_MS = 10;

interface Pids {
  readonly leader: number;
  readonly writers: readonly number[];
  readonly id: string;
}

/** When a writer has logged what. */
function notes(dir: string, writer: number): Float64Array {
  const path = join(dir, `notes-${writer}`);
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~7)));
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await isSo()); ) {
    if (Date.now() > end) throw new Error("it did not come about in a minute");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Runs the job, of which one process would never end, and kills that one when the writer 1 has logged a fifth. */
async function kill(
  dir: string,
  backend: string,
  options: object,
  env: Record<string, string>,
  endless: number | "leader",
): Promise<{ ended: Ended; killed: KilledProcess }> {
  let pids: Pids | undefined;
  const running = runScript(fixture("joined-steady.mjs"), {
    args: [
      JSON.stringify({
        backend,
        options: { system: false, ...options },
        writers: WRITERS,
        count: COUNT,
        endless,
      }),
    ],
    env: { HOME: join(dir, "home"), ...env },
    cwd: dir,
    onLine: (line) => {
      if (line.startsWith('{"leader"')) pids = JSON.parse(line) as Pids;
    },
  });
  await until(() => pids !== undefined && notes(dir, KILLED).length > COUNT / 5);
  const killed = await killWatched(endless === "leader" ? pids!.leader : pids!.writers[endless]!);
  return { ended: await running, killed };
}

const others = (dir: string) => [0, 2].every((writer) => existsSync(join(dir, `done-${writer}`)));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Expects a beginning of what the writer has logged, with everything that was 10 ms old when it was killed. */
function expectBeginning(values: readonly number[], logged: Float64Array, killed: KilledProcess): void {
  expect(values).toEqual(upTo(values.length));
  // It may have been killed before it had noted the last one.
  expect(values.length).toBeLessThanOrEqual(logged.length + 1);
  if (!killed.starved) expect(killed.at - (logged[values.length] ?? killed.at)).toBeLessThanOrEqual(LOST_MS);
}

describe.concurrent("a child that is killed", () => {
  test("tensorboard: its points stay, the others are whole", async () => {
    const dir = tempDir();
    const { ended, killed } = await kill(dir, "tensorboard", { expName: "job", id: "r1" }, {}, KILLED);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toContain('{"codes":[0,"SIGKILL",0]}');
    const folder = join(dir, "runs/job-r1");
    const of = (writer: number) => [...readScalars(folder, `loss/${writer}`)].map(({ value }) => value);
    for (const writer of [0, 2]) expect(of(writer)).toEqual(upTo(COUNT));
    expectBeginning(of(1), notes(dir, 1), killed);
  });
});

async function online(
  endless: number | "leader",
  judge: (server: WandbServer, dir: string, killed: Awaited<ReturnType<typeof kill>>) => Promise<void>,
) {
  const server = await startWandbServer();
  try {
    const dir = tempDir();
    const env = { WANDB_BASE_URL: server.url, WANDB_API_KEY: server.apiKey, WANDB_ENTITY: "tester" };
    await judge(server, dir, await kill(dir, "wandb", { project: "p", id: "r1" }, env, endless));
  } finally {
    await server.close();
  }
}

const rowsOf = async (server: WandbServer, writer: number) =>
  (await server.snapshot("tester", "p", "r1")).history.flatMap((row) => {
    const value = row[`loss/${writer}`];
    return value === undefined ? [] : [value as number];
  });

test("wandb online: of a child that is killed, a beginning; the others are whole, the run finished", () =>
  online(KILLED, async (server, dir, { ended, killed }) => {
    expect(ended.code, ended.stderr).toBe(0);
    for (const writer of [0, 2]) expect(await rowsOf(server, writer)).toEqual(upTo(COUNT));
    const sent = await rowsOf(server, 1);
    expect(sent).toEqual(upTo(sent.length));
    const whole = { state: "finished", exitCode: 0, holes: 0 };
    expect(await server.snapshot("tester", "p", "r1")).toMatchObject(whole);
    // The rest is in its journal, which is sent to the same run and changes nothing else.
    const env = { ...emptyHome(dir), WANDB_BASE_URL: server.url, WANDB_API_KEY: server.apiKey };
    const synced = await runCommand(["sync"], dir, env);
    expect(synced.code, synced.stderr).toBe(0);
    expectBeginning(await rowsOf(server, 1), notes(dir, 1), killed);
    for (const writer of [0, 2]) expect(await rowsOf(server, writer)).toEqual(upTo(COUNT));
    expect(await server.snapshot("tester", "p", "r1")).toMatchObject(whole);
  }));

test("wandb online: when the primary is killed the children's rows arrive, and the run has no end", () =>
  online("leader", async (server, dir, { ended }) => {
    expect(ended.signal).toBe("SIGKILL");
    await until(() => others(dir) && existsSync(join(dir, "done-1")));
    for (const writer of [0, 1, 2]) expect(await rowsOf(server, writer)).toEqual(upTo(COUNT));
    expect(await server.snapshot("tester", "p", "r1")).toMatchObject({
      state: "running",
      exitCode: null,
      holes: 0,
    });
  }));
