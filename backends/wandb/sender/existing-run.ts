import { type Graphql, operation, type QueryOptions } from "../server/graphql.js";
import { RequestError } from "../server/retry.js";
import type { LoggedValue } from "../values/json.js";
import { parseJson } from "../values/parse-json.js";
import type { LineCounts } from "./cursor.js";

const RUN_RESUME_STATUS = operation(`
  query RunResumeStatus($project: String, $entity: String, $name: String!) {
    model(name: $project, entityName: $entity) {
      id name entity { id name }
      bucket(name: $name, missingOk: true) {
        id name summaryMetrics displayName logLineCount historyLineCount eventsLineCount historyTail eventsTail
        config tags notes wandbConfig(keys: ["t"])
      }
    }
  }`);

const RUN_END = operation(`
  query RunEnd($project: String, $entity: String, $name: String!) {
    project(name: $project, entityName: $entity) { run(name: $name) { state exitcode } }
  }`);

const REWIND_RUN = operation(`
  mutation RewindRun($runName: String!, $entity: String, $project: String, $metricName: String!, $metricValue: Float!) {
    rewindRun(input: {
      runName: $runName, entityName: $entity, projectName: $project, metricName: $metricName, metricValue: $metricValue
    }) {
      rewoundRun {
        id name displayName description config sweepName project { id name entity { id name } } historyLineCount
      }
    }
  }`);

type Json = { readonly [key: string]: LoggedValue | undefined };

/** A run as a server knows it, as far as one that goes on with it needs to. */
export interface ExistingRun {
  readonly storageId: string;
  /** `{key: {value}}`. */
  readonly config: Json;
  readonly summary: Json;
  readonly tags: readonly string[];
  readonly notes: string | undefined;
  readonly lines: LineCounts;
  /** The last row; undefined when there is none. */
  readonly lastRow: Json | undefined;
  /** The step that the next row has. */
  readonly startingStep: number;
  /** Seconds that the run has lasted. */
  readonly runtime: number;
}

export interface RunPath {
  readonly entity: string | undefined;
  readonly project: string | undefined;
  readonly runId: string;
}

interface Bucket {
  readonly id: string;
  readonly summaryMetrics: string | null;
  readonly logLineCount: number | null;
  readonly historyLineCount: number | null;
  readonly eventsLineCount: number | null;
  readonly historyTail: string | null;
  readonly eventsTail: string | null;
  readonly config: string | null;
  readonly tags: readonly string[] | null;
  readonly notes: string | null;
  readonly wandbConfig: string | null;
}

/**
 * Looks for a run (Python: `RunResumeStatus`). A run without telemetry in its configuration, as a sweep makes them, has
 * not begun and counts as none.
 *
 * @throws RequestError when the server cannot be asked, or its answer is not what it should be
 */
export async function findRun(
  graphql: Graphql,
  { entity, project, runId }: RunPath,
  options: QueryOptions = {},
): Promise<ExistingRun | undefined> {
  const { model } = await graphql.query<{ readonly model: { readonly bucket: Bucket | null } | null }>(
    RUN_RESUME_STATUS,
    { project: project ?? null, entity: entity ?? null, name: runId },
    options,
  );
  const bucket = model?.bucket;
  if (!bucket) return undefined;
  try {
    if (objectOf(bucket.wandbConfig)["t"] === undefined) return undefined;
    return existing(bucket);
  } catch (cause) {
    throw new RequestError(
      `RunResumeStatus: the state of run ${runId} cannot be read: ${(cause as Error).message}`,
      200,
      cause,
    );
  }
}

/** The exit code with which a run has ended; undefined when it goes on, is not there, or the server does not say. */
export async function findEnd(
  graphql: Graphql,
  { entity, project, runId }: RunPath,
  options: QueryOptions = {},
): Promise<number | undefined> {
  const asked = { project: project ?? null, entity: entity ?? null, name: runId };
  type Answer = { project: { run: { state: string | null; exitcode: number | null } | null } | null };
  try {
    const { project } = await graphql.query<Answer>(RUN_END, asked, options);
    const { state, exitcode } = project?.run ?? {};
    if (state === "finished") return 0;
    return state === "failed" ? exitcode || 1 : undefined;
  } catch (error) {
    if (options.signal?.aborted) throw error;
    return undefined;
  }
}

/** `_step`, where a number in the summary or the last row gives it, and which runtimes, as the official client reads them. */
function existing(bucket: Bucket): ExistingRun {
  const config = objectOf(needed(bucket.config, "config"));
  const summary = objectOf(needed(bucket.summaryMetrics, "summaryMetrics"));
  const lines = {
    history: needed(bucket.historyLineCount, "historyLineCount"),
    events: needed(bucket.eventsLineCount, "eventsLineCount"),
    console: needed(bucket.logLineCount, "logLineCount"),
  };
  const lastRow = lastOf(needed(bucket.historyTail, "historyTail"));
  const lastEvent = lastOf(needed(bucket.eventsTail, "eventsTail"));
  const step = integerOf(lastRow?.["_step"]) ?? integerOf(summary["_step"]) ?? 0;
  const inner = summary["_wandb"] as Json | undefined;
  const runtimes = [
    lastEvent?.["_runtime"],
    inner?.["runtime"] ?? summary["_runtime"],
    lastRow?.["_runtime"],
  ];
  return {
    storageId: bucket.id,
    config,
    summary,
    tags: bucket.tags ?? [],
    notes: bucket.notes ?? undefined,
    lines,
    lastRow,
    startingStep: lines.history > 0 ? Math.max(step + 1, 0) : step,
    runtime: Math.max(0, ...runtimes.map((value) => Math.trunc(Number(value ?? 0)) || 0)),
  };
}

/** Takes the history after a step off a run (Python: `resume_from`). */
export async function rewindRun(
  graphql: Graphql,
  { entity, project, runId }: RunPath,
  step: number,
  options: QueryOptions = {},
): Promise<{ readonly storageId: string; readonly config: Json; readonly historyLines: number }> {
  const { rewindRun: answer } = await graphql.query<{
    readonly rewindRun: {
      readonly rewoundRun: {
        readonly id: string;
        readonly config: string | null;
        readonly historyLineCount: number | null;
      };
    } | null;
  }>(
    REWIND_RUN,
    {
      runName: runId,
      entity: entity ?? null,
      project: project ?? null,
      metricName: "_step",
      metricValue: step,
    },
    options,
  );
  if (!answer) throw new RequestError(`RewindRun: there is no run ${runId}`, 404);
  const { id, config, historyLineCount } = answer.rewoundRun;
  return { storageId: id, config: objectOf(config), historyLines: historyLineCount ?? 0 };
}

function needed<Value>(value: Value | null, field: string): Value {
  if (value === null) throw new Error(`it has no ${field}`);
  return value;
}

function objectOf(text: string | null): Json {
  const value = text === null ? null : parseJson(text);
  if (value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw new Error("an object was expected");
  return value as Json;
}

/** The last of a list of JSON texts. */
function lastOf(tail: string): Json | undefined {
  const rows = JSON.parse(tail) as readonly string[];
  const last = rows.at(-1);
  return last === undefined ? undefined : objectOf(last);
}

const integerOf = (value: LoggedValue | undefined): number | undefined =>
  Number.isSafeInteger(value) ? (value as number) : undefined;
