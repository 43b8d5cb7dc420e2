import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readJsonl } from "#backends/jsonl/reader.js";
import { EventFileReader } from "#backends/tensorboard/event-reader.js";
import { type KilledProcess, killWatched } from "./kill-watched.js";
import { countInOrder } from "./run-files.js";
import { fixture, runScript } from "./run-script.js";

const readTimes = (path: string) => {
  const bytes = readFileSync(path);
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~7)));
};

/**
 * In memory where there is such a file system: on a disk that is busy with others `write` itself may wait for tens of
 * milliseconds (measured: 4 kills of 100 on ext4 beside builds, none of 100 in memory), whoever calls it.
 */
const ROOT = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** A thread that wants a turn every 4 ms and had none for this long shows that the machine is overloaded. */
const STARVED_MS = 6;
/** How far before the kill that counts: what the worker should have done then may have been late because of it. */
const STARVED_WINDOW_MS = 30;

function isStarved(turns: Float64Array, killedAt: number): boolean {
  const moments = [...turns.filter((turn) => turn > killedAt - STARVED_WINDOW_MS), killedAt];
  return moments.some((moment, i) => i > 0 && moment - moments[i - 1]! > STARVED_MS);
}

/** What a kill left behind. */
export interface Killed {
  /** Events logged, as the script noted with a system call each. */
  readonly logged: number;
  /** Events in the event file and in the JSON lines file: each a beginning of what was logged, in order. */
  readonly inEventFile: number;
  readonly inJsonl: number;
  /** Age of the oldest event that is missing, at the moment of the kill (milliseconds); 0 when none is. */
  readonly oldestMissingMs: number;
  /** The machine did not let its threads run: this kill shows nothing about the worker. */
  readonly starved: boolean;
}

/** What a kill left behind, of any backend. */
export interface KilledScript extends Pick<Killed, "logged" | "oldestMissingMs" | "starved"> {
  /** When it was killed, from the moment on at which its thread began to compute. */
  readonly afterMs: number;
  /** Events in each file that was looked at. */
  readonly found: readonly number[];
}

/**
 * Kills a script (SIGKILL) some time after its thread has begun to compute without a pause, and reads what is there.
 *
 * @param api - with which calls it logs
 * @param count - how many events each of its files holds; throws when a file is no beginning of what was logged
 */
export async function killComputing(
  api: "tracelet" | "wandb",
  afterMs: number,
  count: (dir: string) => readonly number[],
): Promise<KilledScript> {
  const dir = mkdtempSync(join(ROOT, "tracelet-sigkill-"));
  try {
    let killing: Promise<KilledProcess> | undefined;
    const ended = await runScript(fixture("blocked.mjs"), {
      args: [dir, api],
      onLine: (_line, child) => {
        killing = killWatched(child.pid!, afterMs);
      },
    });
    if (killing === undefined) throw new Error(`it ended before it was killed: ${ended.stderr}`);
    const killed = await killing;
    const notes = readTimes(join(dir, "notes"));
    const turns = readTimes(join(dir, "turns"));
    const found = count(dir);
    const missing = notes[Math.min(...found)];
    return {
      afterMs,
      logged: notes.length,
      found,
      oldestMissingMs: missing === undefined ? 0 : Math.max(0, killed.at - missing),
      starved: killed.starved || isStarved(turns, killed.at),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** As {@link killComputing}, of event files and JSON lines. */
export async function killBlocked(afterMs: number): Promise<Killed> {
  const { found, ...killed } = await killComputing("tracelet", afterMs, (dir) => [
    countInOrder(join(dir, "run")),
    countJsonl(dir),
  ]);
  return { ...killed, inEventFile: found[0]!, inJsonl: found[1]! };
}

/**
 * Kills as many scripts as asked for, one after another, at random moments; the kills that count.
 *
 * The rule for a loaded machine: a kill at which the machine did not let the threads run is not counted and made once more,
 * whatever it showed; one that is counted is never repeated. When as many as asked for were starved it ends with those that
 * are counted: a machine that is too busy is no fault of the worker.
 */
export function killMany(count: number): Promise<{ counted: Killed[]; starved: number }> {
  return killManyOf(count, killBlocked);
}

/** As {@link killMany}, of scripts that `kill` starts and kills. */
export async function killManyOf<T extends { readonly starved: boolean }>(
  count: number,
  kill: (afterMs: number) => Promise<T>,
): Promise<{ counted: T[]; starved: number }> {
  const counted: T[] = [];
  let starved = 0;
  while (counted.length < count && starved < count) {
    const killed = await kill(5 + Math.random() * 150);
    if (killed.starved) starved++;
    else counted.push(killed);
  }
  return { counted, starved };
}

/** Kills a script that logs as fast as it can; how many scalars are in each file. Throws when one is no beginning. */
export async function killBurst(afterMs: number): Promise<{ inEventFile: number; inJsonl: number }> {
  const dir = mkdtempSync(join(ROOT, "tracelet-sigkill-"));
  try {
    await runScript(fixture("burst.mjs"), {
      args: [dir],
      onLine: (_line, child) => void setTimeout(() => child.kill("SIGKILL"), afterMs),
    });
    const reader = new EventFileReader(join(dir, "run"));
    for (const _ of reader);
    for (const { path, state, reason } of reader.status) {
      if (state === "corrupt") throw new Error(`${path}: ${reason}`);
    }
    return { inEventFile: countInOrder(join(dir, "run")), inJsonl: countJsonl(dir) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function countJsonl(dir: string): number {
  let count = 0;
  for (const event of readJsonl(join(dir, "run.jsonl"))) {
    if (event.kind !== "scalar") continue;
    if (event.step !== count || event.value !== count)
      throw new Error(`jsonl: step ${event.step} where ${count} was expected`);
    count++;
  }
  return count;
}
