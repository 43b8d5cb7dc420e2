import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

/** What a process does in the last 10 ms of its life may have been late because of what happened before them. */
const WINDOW_MS = 30;
/**
 * A thread that had to wait longer than this for a processor, in all, shows nothing about what the process does by itself.
 * With less, the logging worker still looks at the ring every 10 ms: its timer is due after 2.
 */
const MOST_WAIT_MS = 5;

/** A process that was killed. */
export interface KilledProcess {
  /** When (milliseconds of the monotonic clock, `process.hrtime`). */
  readonly at: number;
  /** The same in milliseconds since the epoch. */
  readonly date: number;
  /** The machine did not let the process run: this kill shows nothing about its last milliseconds. Always false but on Linux. */
  readonly starved: boolean;
}

/** Milliseconds of the monotonic clock, which is the same for all processes. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** How long each thread but the script's was ready to run and had no processor (milliseconds, `Documentation/scheduler/sched-stats`). */
function waits(pid: number): Map<string, number> {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return new Map();
  return new Map(
    readdirSync(tasks)
      .filter((task) => Number(task) !== pid)
      .map((task) => [task, Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[1]) / 1e6]),
  );
}

/** Time that the machine below this one took from it, in ticks. */
function stolen(): string | undefined {
  return existsSync("/proc/stat") ? readFileSync("/proc/stat", "utf8").split(/\s+/, 9)[8] : undefined;
}

async function untilStopped(pid: number): Promise<void> {
  const isStopped = (task: string) => {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, "utf8");
    return stat[stat.lastIndexOf(")") + 2] === "T";
  };
  while (existsSync(`/proc/${pid}`) && !readdirSync(`/proc/${pid}/task`).every(isStopped))
    await setTimeout(1);
}

/**
 * Kills a process (SIGKILL) some time from now, having asked the kernel what it made the threads of the process wait.
 *
 * It is stopped before, which ends what its threads do at the same moment, and ends their waiting, which the kernel counts
 * only then.
 */
export async function killWatched(pid: number, afterMs = WINDOW_MS): Promise<KilledProcess> {
  await setTimeout(Math.max(0, afterMs - WINDOW_MS));
  const [waitsBefore, stolenBefore] = [waits(pid), stolen()];
  await setTimeout(Math.min(afterMs, WINDOW_MS));
  const [at, date] = [monotonicMs(), Date.now()];
  process.kill(pid, "SIGSTOP");
  await untilStopped(pid);
  const waited = [...waits(pid)].map(([task, ms]) => ms - (waitsBefore.get(task) ?? 0));
  const starved = waited.some((ms) => ms > MOST_WAIT_MS) || stolen() !== stolenBefore;
  process.kill(pid, "SIGKILL");
  return { at, date, starved };
}
