import type { AlertRecord } from "../records/record.js";
import { type Graphql, operation, type QueryOptions } from "../server/graphql.js";
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
