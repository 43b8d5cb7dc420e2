import type { AlertRecord } from "../records/record.js";
import { type Graphql, operation, type QueryOptions } from "../server/graphql.js";
import { RequestError } from "../server/retry.js";
import type { RunIdentity } from "./upserts.js";

const NOTIFY = operation(`
  mutation NotifyScriptableRunAlert(
    $entityName: String!, $projectName: String!, $runName: String!, $title: String!, $text: String!,
    $severity: AlertSeverity = INFO, $waitDuration: Duration
  ) {
    notifyScriptableRunAlert(input: {
      entityName: $entityName, projectName: $projectName, runName: $runName, title: $title, text: $text,
      severity: $severity, waitDuration: $waitDuration
    }) { success }
  }`);

/** Statuses of answers that would be the same another time; 200: errors that the answer itself lists. */
const REFUSALS = new Set([200, 400, 404, 409, 410, 413, 422, 501]);

/** Whether a server does not take an alert, now or later. */
export const isAlertRefused = (error: unknown): boolean =>
  error instanceof RequestError && REFUSALS.has(error.status);

/** Has the server tell those who follow a run. */
export async function sendAlert(
  graphql: Graphql,
  { entity, project, runId }: RunIdentity,
  { title = "", text = "", level = "INFO", waitDuration }: AlertRecord,
  options: QueryOptions,
): Promise<void> {
  await graphql.query(
    NOTIFY,
    {
      entityName: entity,
      projectName: project,
      runName: runId,
      title,
      text,
      severity: level,
      waitDuration: waitDuration ?? null,
    },
    options,
  );
}
