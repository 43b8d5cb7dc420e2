import { TraceletError } from "../../../src/errors.js";
import { type Operation, operation } from "../server/graphql.js";
import type { LoggedValue } from "../values/json.js";
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
    $tags: [String!], $config: JSONString, $groupName: String, $summaryMetrics: JSONString) {
  upsertBucket(input: {id: $id, displayName: $displayName, notes: $notes, tags: $tags, config: $config,
    groupName: $groupName, summaryMetrics: $summaryMetrics}) { bucket { id } } }`);

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

/** The user's part of a configuration: `{key: {value}}` without what W&B keeps for itself. */
export function userConfig(text: string | null): Values {
  const found: Values = {};
  for (const [key, entry] of Object.entries(parseValues(text, "config"))) {
    if (key === "_wandb" || key === "wandb_version") continue;
    const { value } = (typeof entry === "object" && entry !== null ? entry : {}) as { value?: LoggedValue };
    found[key] = value ?? null;
  }
  return found;
}
