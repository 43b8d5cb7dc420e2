import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { StatsRecord } from "../records/record.js";
import { timestampOf } from "../records/timestamp.js";
import { formatNumber } from "../values/number.js";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

type Rule = readonly [name: string, unit?: number];

/** Our sampler's names (src/collectors/system.ts) and W&B's; a unit divides. */
const RULES: { readonly [name: string]: Rule } = {
  "process.cpu.percent": ["cpu"],
  "process.cpu.threads": ["proc.cpu.threads"],
  "memory.percent": ["memory_percent"],
  "memory.available.bytes": ["proc.memory.availableMB", MIB],
  "process.memory.rss.bytes": ["proc.memory.rssMB", MIB],
  "process.memory.percent": ["proc.memory.percent"],
  "disk.percent": ["disk.<path>.usagePercent"],
  "disk.used.bytes": ["disk.<path>.usageGB", GIB],
  // The official client tells disks apart by their device; ours counts them together.
  "disk.read.bytes": ["disk.all.in", MIB],
  "disk.written.bytes": ["disk.all.out", MIB],
  "network.sent.bytes": ["network.sent"],
  "network.received.bytes": ["network.recv"],
};

const GPU_RULES: { readonly [name: string]: string } = {
  percent: "gpu",
  "memory.busy.percent": "memory",
  "memory.percent": "memoryAllocated",
  "memory.used.bytes": "memoryAllocatedBytes",
  "temperature.celsius": "temp",
  "power.watts": "powerWatts",
  "power.percent": "powerPercent",
};

/** Follow from others, or say only what a sample cost: W&B's pages would show a chart for each. */
const LEFT_OUT = new Set(["memory.used.bytes", "disk.available.bytes", "sampler.milliseconds"]);

/** How samples are named. */
export interface StatsNaming {
  /** File system that the disk values are of; see {@link mountPoint}. Default `/`. */
  readonly diskPath?: string;
  /** Label of this writer in a run that several processes write. */
  readonly label?: string;
}

/**
 * W&B's name and value of one value of our sampler; undefined for the few that are left out. A name without a
 * counterpart (`cpu.percent`, the whole machine's load) stays as it is.
 */
export function statsItem(
  name: string,
  value: number,
  naming: StatsNaming = {},
): { readonly key: string; readonly value: number } | undefined {
  if (LEFT_OUT.has(name) || !Number.isFinite(value)) return undefined;
  const [key, unit] = RULES[name] ?? [gpuName(name) ?? name];
  const placed = key.replace("<path>", naming.diskPath ?? "/");
  const labelled = naming.label === undefined ? placed : `${placed}/l:${naming.label}`;
  return { key: labelled, value: unit === undefined ? value : value / unit };
}

function gpuName(name: string): string | undefined {
  const parts = /^gpu\.(\d+)\.(.+)$/.exec(name);
  const known = GPU_RULES[parts?.[2] ?? ""];
  return known === undefined ? undefined : `gpu.${parts![1]}.${known}`;
}

/** A sample of the machine as a record; undefined when nothing of it is left. */
export function statsRecord(
  values: { readonly [name: string]: number },
  wallTime: number,
  naming: StatsNaming = {},
): StatsRecord | undefined {
  const item = Object.entries(values).flatMap(([name, value]) => {
    const found = statsItem(name, value, naming);
    return found === undefined ? [] : [{ key: found.key, valueJson: formatNumber(found.value) }];
  });
  if (item.length === 0) return undefined;
  return { statsType: "SYSTEM", timestamp: timestampOf(wallTime), item };
}

/** The folder where a path's file system begins: `/` unless the path is on a disk of its own. */
export function mountPoint(path: string): string {
  let point = resolve(path);
  try {
    const { dev } = statSync(point);
    for (;;) {
      const parent = dirname(point);
      if (parent === point || statSync(parent).dev !== dev) return point;
      point = parent;
    }
  } catch {
    return "/";
  }
}

/** What decides how often the machine is sampled. */
export interface StatsSettings {
  readonly disableStats?: boolean;
  readonly disableMachineInfo?: boolean;
  /** Seconds, at least 0.1; default 15. */
  readonly statsSamplingInterval?: number;
}

/** Milliseconds between two samples, the first of which is taken at the start; undefined when there are none. */
export function statsIntervalMs(settings: StatsSettings): number | undefined {
  if (settings.disableStats === true || settings.disableMachineInfo === true) return undefined;
  return Math.max(0.1, settings.statsSamplingInterval ?? 15) * 1000;
}
