import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";

/** Where the state of the graphics processors comes from. */
export interface GpuSource {
  /**
   * The newest values; empty before the first, without a GPU, and when they are older than three intervals.
   *
   * | name | meaning and unit |
   * |---|---|
   * | `gpu.<i>.percent` | share of time a kernel was running, 0-100 |
   * | `gpu.<i>.memory.busy.percent` | share of time the memory was read or written, 0-100 |
   * | `gpu.<i>.memory.used.bytes`, `gpu.<i>.memory.percent` | memory allocated by all processes, and its share |
   * | `gpu.<i>.temperature.celsius` | temperature of the chip |
   * | `gpu.<i>.power.watts`, `gpu.<i>.power.percent` | power drawn, and its share of the enforced limit |
   */
  latest(): Readonly<Record<string, number>>;
  /** Ends the program that reads them; harmless when called again. */
  stop(): void;
}

// Names from `nvidia-smi --help-query-gpu`. Memory is in MiB, power in watts.
const QUERY = [
  "index",
  "utilization.gpu",
  "utilization.memory",
  "memory.used",
  "memory.total",
  "temperature.gpu",
  "power.draw",
  "enforced.power.limit",
];
/** Starting a program takes some milliseconds, which a short run without a sample of the machine does without. */
const START_AFTER_MS = 200;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** A driver that gives no line in this many starts will give none later. */
const FRUITLESS_STARTS = 5;
/** A line is about 60 bytes; more without a line end is not what we asked for. */
const LONGEST_LINE = 4_096;

/**
 * Reads NVIDIA GPUs through one long-lived `nvidia-smi` (a process for each sample would cost tens of milliseconds of
 * processor time). Never throws, never blocks, never keeps the process alive; without `nvidia-smi` it stays silent.
 *
 * @example
 * ```ts
 * const gpu = createGpuSource({ intervalMs: 5_000 });
 * gpu.latest()["gpu.0.percent"];
 * gpu.stop();
 * ```
 */
export function createGpuSource(options: { readonly intervalMs: number }): GpuSource {
  const staleAfter = 3 * options.intervalMs + 1_000;
  let values: Record<string, number> = {};
  let updated = 0;
  let child: ChildProcess | undefined;
  let fruitless = 0;
  let stopped = false;

  const start = (): void => {
    restart = undefined;
    const gpuQuery = [`--query-gpu=${QUERY.join(",")}`, "--format=csv,noheader,nounits"];
    let started: ChildProcess;
    try {
      started = spawn("nvidia-smi", [...gpuQuery, "-lms", String(options.intervalMs)], {
        stdio: ["ignore", "pipe", "ignore"],
        windowsHide: true,
      });
    } catch {
      return; // Not allowed to start programs, or out of process slots.
    }
    child = started;
    fruitless += 1;
    let neverStarted = false;
    let partial = "";
    started.on("error", () => {
      neverStarted = started.pid === undefined;
    });
    started.unref();
    const output = started.stdout as Socket | null | undefined;
    if (!output) return; // No file descriptors left.
    output.unref();
    output.setEncoding("latin1");
    output.on("error", () => {});
    output.on("data", (text: string) => {
      const lines = (partial + text).split("\n");
      partial = lines.pop()!.slice(-LONGEST_LINE);
      for (const line of lines) {
        const parsed = parseGpuLine(line);
        if (parsed === undefined) continue;
        Object.assign(values, parsed);
        updated = performance.now();
        fruitless = 0;
      }
    });
    started.on("close", () => {
      if (child === started) child = undefined;
      values = {};
      if (stopped || neverStarted || fruitless >= FRUITLESS_STARTS) return;
      restart = setTimeout(start, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** fruitless)).unref();
    });
  };
  let restart: NodeJS.Timeout | undefined = setTimeout(start, START_AFTER_MS).unref();

  return {
    latest: () => (performance.now() - updated <= staleAfter ? values : {}),
    stop() {
      stopped = true;
      clearTimeout(restart);
      // It holds nothing that needs an orderly end, and one that hangs in the driver ignores SIGTERM.
      // Of a program that could not be started, which is told only later, Node 20 kills a number that was never set: another
      // process, or with 0 all of this one's group.
      if (child?.pid !== undefined) child.kill("SIGKILL");
      child?.stdout?.destroy();
      values = {};
    },
  };
}

/**
 * One line of `nvidia-smi`; what a card does not tell (`[N/A]`, `[Not Supported]`) is absent. Undefined when it is no
 * such line.
 */
export function parseGpuLine(line: string): Record<string, number> | undefined {
  const cells = line.split(",").map((cell) => cell.trim());
  if (cells.length !== QUERY.length || !/^\d+$/.test(cells[0]!)) return undefined;
  const [index, busy, memoryBusy, used, total, temperature, power, limit] = cells.map(toNumber);
  const values: Record<string, number> = {};
  const put = (name: string, value: number | undefined): void => {
    if (value !== undefined) values[`gpu.${index}.${name}`] = value;
  };
  put("percent", busy);
  put("memory.busy.percent", memoryBusy);
  put("memory.used.bytes", used === undefined ? undefined : used * 1024 * 1024);
  put("memory.percent", ratio(used, total));
  put("temperature.celsius", temperature);
  put("power.watts", power);
  put("power.percent", ratio(power, limit));
  return values;
}

function toNumber(cell: string): number | undefined {
  return /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : undefined;
}

function ratio(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole <= 0 ? undefined : (100 * part) / whole;
}
