import { statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { RunArtifact, RunFile, RunOverview } from "../../../src/backend/command-line.js";
import { createSeriesSet } from "../../../src/backend/series.js";
import { TraceletError } from "../../../src/errors.js";
import type { JsonValue } from "../../../src/events/event.js";
import type {
  ArtifactRecord,
  EnvironmentRecord,
  RunRecord,
  Timestamp,
  WandbRecord,
} from "../records/record.js";
import { type LogEnd, readTransactionLog } from "../transaction-log/reader.js";
import { createConsoleTail } from "./console-tail.js";
import { createRows } from "./inspect-rows.js";
import { createValueStore } from "./value-store.js";

/**
 * Reads a transaction log of ours or of the official client into what a page shows of it. Memory does not grow with
 * the number of rows.
 *
 * @throws TraceletError `invalid-file` when it is no `.wandb` file
 */
export function inspectLog(path: string): RunOverview {
  const config = createValueStore();
  const summary = createValueStore();
  const rows = createRows();
  const system = createSeriesSet();
  const output = createConsoleTail();
  const files = new Set<string>();
  const artifacts = new Map<string, RunArtifact>();
  let run: RunRecord = {};
  let environment: EnvironmentRecord = {};
  let producer: string | undefined;
  let exit: WandbRecord["exit"];
  let lastSample: number | undefined;

  const take = (record: WandbRecord): void => {
    if (record.history !== undefined) rows.add(record.history);
    else if (record.summary !== undefined) summary.apply(record.summary);
    else if (record.stats !== undefined) {
      lastSample = secondsOf(record.stats.timestamp) ?? lastSample;
      for (const { key, valueJson } of record.stats.item ?? []) {
        const value = Number(valueJson);
        if (valueJson !== "" && !Number.isNaN(value)) system.add(key, value);
      }
    } else if (record.outputRaw !== undefined) output.add(record.outputRaw);
    else if (record.run !== undefined) {
      if (run.config === undefined && record.run.config !== undefined) config.apply(record.run.config);
      run = { ...run, ...record.run };
    } else if (record.config !== undefined) config.apply(record.config);
    else if (record.environment !== undefined) environment = { ...environment, ...record.environment };
    else if (record.files !== undefined) {
      for (const { path: file } of record.files.files ?? []) files.add(file);
    } else if (record.artifact !== undefined) {
      const artifact = artifactOf(record.artifact);
      artifacts.set(`${artifact.type}/${artifact.name}`, artifact);
    } else if (record.header !== undefined) producer = record.header.versionInfo?.producer;
    else if (record.exit !== undefined) exit = record.exit;
  };

  const end = readAll(path, take);
  const startTime = secondsOf(run.startTime);
  const metrics = rows.metrics();
  const lastValues = new Map(metrics.map(({ name, last }) => [name, last]));
  return {
    journal: path,
    id: run.runId ?? basename(path, ".wandb").replace(/^run-/, ""),
    name: run.displayName,
    state: exit === undefined ? "unfinished" : (exit.exitCode ?? 0) === 0 ? "finished" : "failed",
    exitCode: exit === undefined ? undefined : (exit.exitCode ?? 0),
    damage: damageOf(end),
    startTime,
    duration: durationOf(startTime, [
      exit?.runtime,
      rows.internal("_runtime"),
      ...[rows.internal("_timestamp"), lastSample].map((time) =>
        time === undefined || startTime === undefined ? undefined : time - startTime,
      ),
    ]),
    fields: fieldsOf(run, environment, producer),
    config: withoutInternal(config.read()),
    summary: Object.fromEntries(
      Object.entries(withoutMedia(withoutInternal(summary.read()))).filter(
        ([name, value]) => !(lastValues.has(name) && Object.is(lastValues.get(name), value)),
      ),
    ),
    rows: rows.count(),
    lastStep: rows.internal("_step"),
    metrics,
    others: rows.others(),
    system: system.build(),
    files: [...files].map((file) => fileOf(dirname(path), file)),
    artifacts: [...artifacts.values()],
    console: output.lines(),
    consoleLines: output.count(),
  };
}

function readAll(path: string, take: (record: WandbRecord) => void): LogEnd {
  const records = readTransactionLog(path);
  for (;;) {
    const next = records.next();
    if (!next.done) {
      take(next.value.record);
      continue;
    }
    const end = next.value;
    if (end.reason === "corrupt" && end.offset === 0) {
      throw new TraceletError("invalid-file", `${path} is no W&B run: ${end.problem}.`, { backend: "wandb" });
    }
    return end;
  }
}

function damageOf({ reason, offset, problem }: LogEnd): string | undefined {
  if (reason === "corrupt") return `damaged at byte ${offset} (${problem}); what comes after is not shown`;
  if (reason === "torn") return `ends in the middle of a record at byte ${offset}; all before it is here`;
  return undefined;
}

const secondsOf = (time: Timestamp | undefined): number | undefined =>
  time === undefined ? undefined : (time.seconds ?? 0) + (time.nanos ?? 0) / 1e9;

/** The longest that anything in the log tells of. */
function durationOf(
  startTime: number | undefined,
  told: readonly (number | undefined)[],
): number | undefined {
  const durations = told.filter((each) => each !== undefined && each >= 0) as number[];
  return durations.length === 0 || startTime === undefined ? undefined : Math.max(...durations);
}

function fieldsOf(run: RunRecord, environment: EnvironmentRecord, producer: string | undefined) {
  const { commit, remoteUrl } = run.git ?? environment.git ?? {};
  const git = [remoteUrl, commit?.slice(0, 12)]
    .filter((part) => part !== undefined && part !== "")
    .join(" @ ");
  const fields: (readonly [string, string | undefined])[] = [
    ["project", [run.entity, run.project].filter((part) => part).join("/")],
    ["group", run.runGroup],
    ["job type", run.jobType],
    ["sweep", run.sweepId],
    ["tags", run.tags?.join(", ")],
    ["notes", run.notes],
    ["program", [environment.program, ...(environment.args ?? [])].filter((part) => part).join(" ")],
    ["git", git],
    ["host", run.host ?? environment.host],
    ["system", [environment.os, environment.python].filter((part) => part).join(", ")],
    [
      "gpu",
      environment.gpuType === undefined ? undefined : `${environment.gpuCount ?? 1} x ${environment.gpuType}`,
    ],
    ["written by", producer],
  ];
  return fields.filter((field): field is readonly [string, string] => Boolean(field[1]));
}

/** `_wandb` is the client's own. */
function withoutInternal(values: { readonly [name: string]: JsonValue }): {
  readonly [name: string]: JsonValue;
} {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => !["_wandb", "_step", "_runtime", "_timestamp"].includes(name)),
  );
}

type Values = { readonly [name: string]: JsonValue };
const isObject = (value: JsonValue): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isMedia = (value: JsonValue): boolean => isObject(value) && "_type" in value;

/** Without descriptions of files, which are listed by themselves, and objects that hold nothing else. */
function withoutMedia(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      if (isMedia(value) || (Array.isArray(value) && value.some((item: JsonValue) => isMedia(item))))
        return [];
      if (!isObject(value) || Object.keys(value).length === 0) return [[name, value] as const];
      const rest = withoutMedia(value);
      return Object.keys(rest).length === 0 ? [] : [[name, rest] as const];
    }),
  );
}

function fileOf(folder: string, path: string): RunFile {
  try {
    return { path, bytes: statSync(join(folder, "files", path)).size };
  } catch {
    // Moved, or named before it was there.
    return { path };
  }
}

function artifactOf({ name = "", type = "", aliases = [], manifest }: ArtifactRecord): RunArtifact {
  const contents = manifest?.contents ?? [];
  const bytes = contents.reduce((sum, { size = 0 }) => sum + size, 0);
  return { name, type, aliases, files: contents.length, bytes };
}
