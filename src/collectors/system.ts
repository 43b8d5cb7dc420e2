import { statfsSync } from "node:fs";
import os from "node:os";
import type { GpuSource } from "./gpu.js";
import {
  type CpuTicks,
  countedInterfaces,
  parseDiskstats,
  parseMeminfo,
  parseNetDev,
  parseStat,
  parseThreadCount,
  physicalDisks,
  readProc,
} from "./proc.js";

/** Takes samples of the machine and of this process. */
export interface SystemSampler {
  /**
   * One sample, name to value; what the machine does not tell is absent, and no value is NaN.
   *
   * | name | meaning and unit |
   * |---|---|
   * | `cpu.percent` | busy share of all processors since the sample before, 0-100 |
   * | `process.cpu.percent` | this process's share of all processors since the sample before, 0-100 (all its threads) |
   * | `process.cpu.threads` | threads of this process (Linux) |
   * | `memory.percent` | memory in use, 0-100 |
   * | `memory.used.bytes`, `memory.available.bytes` | their sum is the machine's memory |
   * | `process.memory.rss.bytes`, `process.memory.percent` | resident memory of this process, and its share, 0-100 |
   * | `disk.percent`, `disk.used.bytes`, `disk.available.bytes` | file system of `diskPath`, counted as `df` does |
   * | `disk.read.bytes`, `disk.written.bytes` | all disks together, since the sampler was made (Linux) |
   * | `network.received.bytes`, `network.sent.bytes` | all network cards, since the sampler was made (Linux) |
   * | `sampler.milliseconds` | what taking this sample cost |
   * | `gpu.<i>...` | see {@link GpuSource} |
   *
   * Inside a container these are the host's numbers, as far as /proc gives them.
   */
  sample(): Record<string, number>;
}

/** What {@link createSystemSampler} takes. */
export interface SystemSamplerOptions {
  /** A path on the file system to watch. */
  readonly diskPath: string;
  /** Where GPU values come from; none when absent. */
  readonly gpu?: GpuSource;
}

interface Counters {
  readonly read: number;
  readonly written: number;
  readonly received: number;
  readonly sent: number;
}

/**
 * Makes a sampler. It works on whichever thread calls it: processor time, memory and threads are those of the whole
 * process. Linux is read through /proc; elsewhere `node:os` gives processors and memory.
 *
 * @example
 * ```ts
 * const sampler = createSystemSampler({ diskPath: process.cwd() });
 * setInterval(() => console.log(sampler.sample()["cpu.percent"]), 5_000).unref();
 * ```
 */
export function createSystemSampler(options: SystemSamplerOptions): SystemSampler {
  const disks = physicalDisks();
  const interfaces = countedInterfaces();
  const processors = os.cpus().length;
  const start = readCounters(disks, interfaces);
  let cpu = readCpu();
  let processCpu = readProcessCpu();

  return {
    sample() {
      const begin = performance.now();
      const values: Record<string, number> = {};

      const cpuNow = readCpu();
      if (cpu !== undefined && cpuNow !== undefined && cpuNow.total > cpu.total) {
        values["cpu.percent"] = share(cpuNow.busy - cpu.busy, cpuNow.total - cpu.total);
      }
      cpu = cpuNow;
      const processNow = readProcessCpu();
      const available = (processNow.at - processCpu.at) * processors;
      if (available > 0) values["process.cpu.percent"] = share(processNow.used - processCpu.used, available);
      processCpu = processNow;

      const threads = readThreads();
      if (threads !== undefined) values["process.cpu.threads"] = threads;
      addMemory(values);
      addDisk(values, options.diskPath);

      const now = readCounters(disks, interfaces);
      if (now.read !== undefined && start.read !== undefined) {
        values["disk.read.bytes"] = now.read - start.read;
        values["disk.written.bytes"] = now.written! - start.written!;
      }
      if (now.received !== undefined && start.received !== undefined) {
        // An interface that went away takes its count with it.
        values["network.received.bytes"] = Math.max(0, now.received - start.received);
        values["network.sent.bytes"] = Math.max(0, now.sent! - start.sent!);
      }
      if (options.gpu !== undefined) Object.assign(values, options.gpu.latest());
      values["sampler.milliseconds"] = performance.now() - begin;
      return values;
    },
  };
}

function share(part: number, whole: number): number {
  return Math.min(100, Math.max(0, (100 * part) / whole));
}

function readCpu(): CpuTicks | undefined {
  const stat = readProc("/proc/stat");
  if (stat !== undefined) return parseStat(stat);
  let busy = 0;
  let total = 0;
  for (const { times } of os.cpus()) {
    const used = times.user + times.nice + times.sys + times.irq;
    busy += used;
    total += used + times.idle;
  }
  return { busy, total };
}

/** Microseconds of processor time used by the process, and the microsecond they were read at. */
function readProcessCpu(): { used: number; at: number } {
  const { user, system } = process.cpuUsage();
  return { used: user + system, at: performance.now() * 1000 };
}

function readThreads(): number | undefined {
  const stat = readProc("/proc/self/stat");
  return stat === undefined ? undefined : parseThreadCount(stat);
}

function addMemory(values: Record<string, number>): void {
  const meminfo = readProc("/proc/meminfo");
  const { total, available } = (meminfo === undefined ? undefined : parseMeminfo(meminfo)) ?? {
    total: os.totalmem(),
    available: os.freemem(),
  };
  const rss = process.memoryUsage.rss();
  values["memory.percent"] = share(total - available, total);
  values["memory.used.bytes"] = total - available;
  values["memory.available.bytes"] = available;
  values["process.memory.rss.bytes"] = rss;
  values["process.memory.percent"] = share(rss, total);
}

/** As `df`: blocks reserved for root count neither as used nor as available. */
function addDisk(values: Record<string, number>, path: string): void {
  try {
    const { bsize, blocks, bfree, bavail } = statfsSync(path);
    const used = blocks - bfree;
    if (used + bavail > 0) values["disk.percent"] = share(used, used + bavail);
    values["disk.used.bytes"] = used * bsize;
    values["disk.available.bytes"] = bavail * bsize;
  } catch {
    // The folder may have been removed, or the file system may not tell.
  }
}

function readCounters(disks: ReadonlySet<string>, interfaces: (name: string) => boolean): Partial<Counters> {
  const diskstats = disks.size > 0 ? readProc("/proc/diskstats") : undefined;
  const network = readProc("/proc/net/dev");
  return {
    ...(diskstats === undefined ? {} : parseDiskstats(diskstats, disks)),
    ...(network === undefined ? {} : parseNetDev(network, interfaces)),
  };
}
