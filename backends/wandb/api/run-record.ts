import { TraceletError } from "../../../src/errors.js";
import { type Operation, operation } from "../server/graphql.js";
import { encodeJson, type LoggedValue } from "../values/json.js";
import { normalizeValue } from "../values/normalize.js";
import { parseJson } from "../values/parse-json.js";

/** What the server tells of a run. */
export interface RunRecord {
  readonly id: string;
  readonly name: string;
  readonly displayName: string | null;
  readonly state: string;
  readonly tags: readonly string[] | null;
  readonly notes: string | null;
  readonly group: string | null;
  readonly jobType: string | null;
  readonly commit: string | null;
  readonly sweepName: string | null;
  readonly createdAt: string;
  readonly heartbeatAt: string | null;
  readonly readOnly: boolean | null;
  readonly historyLineCount: number | null;
  readonly user: { readonly name: string | null; readonly username: string } | null;
  /** JSON texts. */
  readonly config: string | null;
  readonly summaryMetrics: string | null;
  readonly systemMetrics: string | null;
}

const FIELDS = `id name displayName state tags notes group jobType commit sweepName createdAt heartbeatAt readOnly
  historyLineCount user { name username } config summaryMetrics systemMetrics`;

export const RUN = operation(`query Run($project: String!, $entity: String!, $name: String!) {
  project(name: $project, entityName: $entity) { run(name: $name) { ${FIELDS} } } }`);

export const RUNS: Operation = operation(`query Runs($project: String!, $entity: String!, $cursor: String,
    $perPage: Int = 50, $order: String, $filters: JSONString) {
  project(name: $project, entityName: $entity) {
    runs(filters: $filters, after: $cursor, first: $perPage, order: $order) {
      edges { node { ${FIELDS} } cursor }
      pageInfo { endCursor hasNextPage }
    } } }`);

export const RUN_COUNT =
  operation(`query RunCount($project: String!, $entity: String!, $filters: JSONString) {
  project(name: $project, entityName: $entity) { runCount(filters: $filters) } }`);

export const UPDATE_RUN = operation(`mutation UpsertBucket($id: String!, $displayName: String, $notes: String,
    $tags: [String!], $config: JSONString, $groupName: String, $jobType: String, $summaryMetrics: JSONString) {
  upsertBucket(input: {id: $id, displayName: $displayName, notes: $notes, tags: $tags, config: $config,
    groupName: $groupName, jobType: $jobType, summaryMetrics: $summaryMetrics}) { bucket { id } } }`);

/** Values by name, as a script logged them. */
export interface Values {
  [key: string]: LoggedValue | undefined;
}

/** Reads a JSON text that holds an object; a missing one is empty. */
export function parseValues(text: string | null, what: string): Values {
  try {
    const value = parseJson(text ?? "{}");
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? { ...(value as Values) }
      : {};
  } catch (cause) {
    throw new TraceletError("backend-failed", `The server's ${what} is no JSON.`, {
      backend: "wandb",
      cause,
    });
  }
}

/** What of a run can be changed. */
export interface RunContents {
  /** Name shown to people. */
  name: string;
  /** Labels of the run. */
  tags: string[];
  /** Description of the run. */
  notes: string | undefined;
  /** Runs that belong together have the same. */
  group: string | undefined;
  /** What the run does in its group: `training`, `evaluation` ... */
  jobType: string | undefined;
  /** What the script configured, without what W&B keeps for itself. NaN and infinities are numbers. */
  config: Values;
  /** The last, least or greatest values, with `_step`, `_runtime` and `_timestamp`. */
  summary: Values;
}

export function contentsOf(record: RunRecord): RunContents {
  return {
    name: record.displayName ?? record.name,
    tags: [...(record.tags ?? [])],
    notes: record.notes ?? undefined,
    group: record.group ?? undefined,
    jobType: record.jobType ?? undefined,
    config: userConfig(record.config),
    summary: parseValues(record.summaryMetrics, "summary"),
  };
}

/** What W&B keeps for itself in a configuration. */
const isInternal = (key: string): boolean => key === "_wandb" || key === "wandb_version";

/** The user's part of a configuration, `{key: {value}}`; an entry of another form stands for itself. */
function userConfig(text: string | null): Values {
  const own = Object.entries(parseValues(text, "config")).filter(([key]) => !isInternal(key));
  return Object.fromEntries(
    own.map(([key, entry]) => {
      const isWrapped = typeof entry === "object" && entry !== null && "value" in entry;
      return [key, isWrapped ? (entry as { value: LoggedValue }).value : entry];
    }),
  );
}

/** The changeable fields of a record, as a server takes and gives them. */
type RunFields = Pick<
  RunRecord,
  "displayName" | "notes" | "group" | "jobType" | "config" | "summaryMetrics"
> & {
  readonly tags: readonly string[];
};

/**
 * A run's contents as fields of its record. A configuration is replaced as a whole, so that it has what W&B keeps for
 * itself, too: without its telemetry a run cannot be resumed.
 *
 * @throws TraceletError `invalid-value` for a value that cannot be sent
 */
export function fieldsOf(contents: RunContents, record: RunRecord): RunFields {
  const internal = Object.entries(parseValues(record.config, "config")).filter(([key]) => isInternal(key));
  const own = Object.entries(contents.config).flatMap(([key, value]) =>
    value === undefined
      ? []
      : [[key, { value: normalizeValue(value, `config["${key}"]`, "config"), desc: null }] as const],
  );
  return {
    displayName: contents.name,
    tags: contents.tags,
    notes: contents.notes ?? "",
    group: contents.group ?? "",
    jobType: contents.jobType ?? "",
    config: encodeJson(Object.fromEntries<LoggedValue | undefined>([...internal, ...own])),
    summaryMetrics: encodeJson(normalizeValue(contents.summary, "summary")),
  };
}

/** The fields that are others than a record's, and no others: somebody else may have changed those. */
export function changedFields(contents: RunContents, record: RunRecord): Partial<RunFields> {
  const before = fieldsOf(contentsOf(record), record);
  const now = fieldsOf(contents, record);
  const isOther = ([field, value]: [string, unknown]): boolean =>
    JSON.stringify(value) !== JSON.stringify(before[field as keyof RunFields]);
  return Object.fromEntries(Object.entries(now).filter(isOther)) as Partial<RunFields>;
}
