import { TraceletError } from "../../../src/errors.js";
import { operation } from "../server/graphql.js";
import type { LoggedValue } from "../values/json.js";
import { checkCount } from "./pages.js";
import type { ItemPath } from "./paths.js";
import { parseValues, type Values } from "./run-record.js";
import { type ApiSession, notFound } from "./session.js";

/** A row of a run's history: metrics by name, with `_step`, `_timestamp` and `_runtime`. */
export type HistoryRow = Values;

/** Which rows `history` gives: at most `samples`, picked by the server. */
export interface HistoryOptions {
  /** Only rows that have all of these, and only these with the x axis. Default: everything. */
  readonly keys?: readonly string[] | undefined;
  /** Rows at most; the server picks them evenly. Default 500. */
  readonly samples?: number | undefined;
  /** Key that rows are ordered by. Default `_step`. */
  readonly xAxis?: string | undefined;
  /** `system`: samples of the machine instead of what was logged; without `keys`. Default `default`. */
  readonly stream?: "default" | "system" | undefined;
}

/** Which rows `scanHistory` gives: all of them, in order. */
export interface ScanOptions {
  /** Only rows that have all of these, and only these with `_step`. Default: everything. */
  readonly keys?: readonly string[] | undefined;
  /** First step. Default 0. */
  readonly minStep?: number | undefined;
  /** Step before which the scan ends. Default: after the last one. */
  readonly maxStep?: number | undefined;
  /** Steps of one request. Default 1000. */
  readonly pageSize?: number | undefined;
}

const SAMPLED = operation(`query RunSampledHistory($project: String!, $entity: String!, $name: String!,
    $specs: [JSONString!]!) {
  project(name: $project, entityName: $entity) { run(name: $name) { sampledHistory(specs: $specs) } } }`);
const WHOLE =
  operation(`query RunFullHistory($project: String!, $entity: String!, $name: String!, $samples: Int) {
  project(name: $project, entityName: $entity) { run(name: $name) { rows: history(samples: $samples) } } }`);
const SYSTEM =
  operation(`query RunFullHistory($project: String!, $entity: String!, $name: String!, $samples: Int) {
  project(name: $project, entityName: $entity) { run(name: $name) { rows: events(samples: $samples) } } }`);
const KEYS = operation(`query RunHistoryKeys($project: String!, $entity: String!, $name: String!) {
  project(name: $project, entityName: $entity) { run(name: $name) { historyKeys } } }`);
const PAGE =
  operation(`query HistoryPage($project: String!, $entity: String!, $name: String!, $minStep: Int64!,
    $maxStep: Int64!, $pageSize: Int!) {
  project(name: $project, entityName: $entity) { run(name: $name) {
    rows: history(minStep: $minStep, maxStep: $maxStep, samples: $pageSize) } } }`);

interface OfRun<Run> {
  readonly project: { readonly run: Run | null } | null;
}

async function askRun<Run>(
  session: ApiSession,
  path: ItemPath,
  asked: typeof PAGE,
  variables: { readonly [name: string]: unknown } = {},
): Promise<Run> {
  const { project } = await session.query<OfRun<Run>>(asked, { ...path, ...variables });
  if (!project?.run) throw notFound(`run ${path.entity}/${path.project}/${path.name}`);
  return project.run;
}

/** Rows of a run, at most as many as asked for. */
export async function sampleHistory(
  session: ApiSession,
  path: ItemPath,
  { keys = [], samples = 500, xAxis = "_step", stream = "default" }: HistoryOptions,
): Promise<HistoryRow[]> {
  checkCount("samples", samples, 1);
  if (keys.length > 0) {
    if (stream !== "default") refuse(`keys cannot be chosen of the stream "${stream}"`);
    return askSampled(session, path, { keys: [...new Set([xAxis, ...keys])], samples });
  }
  const asked = stream === "default" ? WHOLE : SYSTEM;
  const { rows } = await askRun<{ rows: string[] }>(session, path, asked, { samples });
  return rows.map((text) => parseValues(text, "history"));
}

/** The last step of a run; -1 when nothing was logged. */
export async function lastHistoryStep(session: ApiSession, path: ItemPath): Promise<number> {
  const { historyKeys } = await askRun<{ historyKeys: { lastStep?: number | string | null } | null }>(
    session,
    path,
    KEYS,
  );
  return Number(historyKeys?.lastStep ?? -1);
}

/** Ranges up to so many pages hold all their rows when these are fewer than a page. */
const WIDE = 10;
/** As many rows are asked for at most: GraphQL counts in 32 bits. */
const MOST_SAMPLES = 1_000_000;

/**
 * All rows of a run in the order of their steps. The server is asked for a range of steps at a time, and not for
 * exported files, as it answers for them too. Where steps are far apart the ranges grow: some log milliseconds of the clock
 * as steps. But a server may pick rows of a range that holds very many, and nobody says from how many on: so a wide range
 * counts only when it holds less than a page, and a very wide one only when it is empty; else it is asked for again in
 * smaller ones.
 */
export async function* scanHistory(
  session: ApiSession,
  path: ItemPath,
  { keys = [], minStep = 0, maxStep = Number.POSITIVE_INFINITY, pageSize = 1000 }: ScanOptions,
): AsyncGenerator<HistoryRow, void, undefined> {
  checkCount("pageSize", pageSize, 1);
  checkCount("minStep", minStep, 0);
  if (maxStep !== Number.POSITIVE_INFINITY) checkCount("maxStep", maxStep, 0);
  const end = Math.min(maxStep, (await lastHistoryStep(session, path)) + 1);
  if (!Number.isSafeInteger(end)) {
    refuse(`the run has steps beyond 2^53, which cannot be asked for; choose a maxStep below`);
  }
  let widest = Number.POSITIVE_INFINITY;
  let width = pageSize;
  for (let from = minStep; from < end; ) {
    const span = Math.min(end - from, width);
    const rows = await pageOf(session, path, keys, from, from + span).catch((error: unknown) => {
      if (span <= pageSize) throw error;
      // It may be the width that this server does not take.
      widest = span > Math.max(pageSize, MOST_SAMPLES) ? MOST_SAMPLES : pageSize;
      return undefined;
    });
    if (rows === undefined) width = Math.max(pageSize, widest);
    else if (span > pageSize * WIDE && rows.length > 0) width = Math.max(pageSize, Math.floor(span / 2));
    else if (span > pageSize && rows.length >= pageSize) width = pageSize;
    else {
      yield* rows;
      from += span;
      const most = rows.length === 0 ? widest : Math.min(widest, pageSize * WIDE);
      width = rows.length < pageSize / 4 ? Math.min(width * 2, most) : pageSize;
    }
  }
}

/** The rows of the steps from `from` up to and without `to`. */
async function pageOf(
  session: ApiSession,
  path: ItemPath,
  keys: readonly string[],
  from: number,
  to: number,
): Promise<HistoryRow[]> {
  let rows: HistoryRow[];
  if (keys.length > 0) {
    // Here the last step belongs to the range.
    const spec = {
      keys: [...new Set([...keys, "_step"])],
      minStep: from,
      maxStep: to - 1,
      samples: Math.min(to - from, MOST_SAMPLES),
    };
    rows = await askSampled(session, path, spec);
  } else {
    const range = { minStep: from, maxStep: to, pageSize: Math.min(to - from, MOST_SAMPLES) };
    const answer = await askRun<{ rows: string[] }>(session, path, PAGE, range);
    rows = answer.rows.map((text) => parseValues(text, "history"));
  }
  return rows.sort((a, b) => Number(a["_step"] ?? 0) - Number(b["_step"] ?? 0));
}

async function askSampled(session: ApiSession, path: ItemPath, spec: object): Promise<HistoryRow[]> {
  const { sampledHistory } = await askRun<{ sampledHistory: (readonly Values[])[] }>(session, path, SAMPLED, {
    specs: [JSON.stringify(spec)],
  });
  return (sampledHistory[0] ?? []).map(withNumbers);
}

const NAMES_OF_NUMBERS = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** These answers are plain JSON, in which the server writes the names of numbers that JSON has no word for. */
function withNumbers(row: Values): Values {
  const convert = (value: LoggedValue | undefined): LoggedValue | undefined =>
    typeof value === "string" ? (NAMES_OF_NUMBERS.get(value) ?? value) : value;
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, convert(value)]));
}

function refuse(rule: string): never {
  throw new TraceletError("invalid-value", `Reading history: ${rule}.`, { backend: "wandb" });
}
