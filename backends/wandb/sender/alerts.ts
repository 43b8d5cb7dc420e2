import { messageOf } from "../../../src/errors.js";
import type { AlertRecord } from "../records/record.js";
import { type Graphql, operation, type QueryOptions } from "../server/graphql.js";
import { isUnreached } from "../server/reach.js";
import { RequestError } from "../server/retry.js";
import type { SendProgress } from "./send-progress.js";
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

/** Between the clock of an attempt and that of the server. */
const MARGIN_MS = 5_000;
/** Statuses of answers that would be the same another time; 200: errors that the answer itself lists. */
const REFUSALS = new Set([200, 400, 404, 409, 410, 413, 422, 501]);

/** Whether a server does not take an alert, now or later. */
const isAlertRefused = (error: unknown): boolean =>
  error instanceof RequestError && REFUSALS.has(error.status);

export interface AlertsOptions {
  readonly graphql: Graphql;
  readonly identity: RunIdentity;
  readonly query: QueryOptions;
  readonly progress: Pick<SendProgress, "cursor" | "save">;
  readonly problem: (message: string) => void;
  readonly leaveOut: (message: string) => void;
}

/** The alerts of a log on their way. */
export interface Alerts {
  send(alert: AlertRecord): void;
  /** Resolves when those given so far have arrived, or were given up. */
  settled(): Promise<void>;
}

/**
 * Has the server tell those who follow a run, once for each alert of the log, in their order. An alert has no number at the
 * server: one that may have been taken, as its answer was lost, could be told twice when it is sent again. So it is sent again
 * with a `waitDuration` that reaches back behind its first attempt: the server tells an alert of a title once within that time.
 */
export function createAlerts({
  graphql,
  identity,
  query,
  progress,
  problem,
  leaveOut,
}: AlertsOptions): Alerts {
  let last: Promise<void> = Promise.resolve();
  let count = 0;
  let isStopped = false;

  const send = async ({
    title = "",
    text = "",
    level = "INFO",
    waitDuration,
  }: AlertRecord): Promise<void> => {
    const { entity, project, runId } = identity;
    /** When the first attempt began that may have been taken, at an earlier time or now. */
    let attempted = progress.cursor.alertBegan;
    const variables = () => {
      const backMs = attempted === undefined ? 0 : Date.now() - attempted + MARGIN_MS;
      return {
        entityName: entity,
        projectName: project,
        runName: runId,
        title,
        text,
        severity: level,
        waitDuration: backMs > (waitDuration ?? 0) ? backMs : (waitDuration ?? null),
      };
    };
    let began = Date.now();
    // What kills the process may do so behind the attempt.
    const note = () => progress.save({ alertBegan: attempted ?? began });
    note();
    await graphql.query(NOTIFY, variables, {
      ...query,
      onRetry(found, status, waitMs, failure) {
        query.onRetry?.(found, status, waitMs, failure);
        const isRefused = status >= 400 && status < 500;
        if (!isRefused && !isUnreached(failure)) attempted ??= began;
        began = Date.now() + waitMs;
        note();
      },
    });
  };

  const sendNext = async (alert: AlertRecord): Promise<void> => {
    // They are counted, not named: what did not arrive holds those behind it back until the next time.
    if (isStopped) return;
    try {
      await send(alert);
    } catch (error) {
      if (!isAlertRefused(error)) {
        isStopped = true;
        return problem(`alert "${alert.title}": ${messageOf(error)}`);
      }
      leaveOut(`alert "${alert.title}" is left out: ${messageOf(error)}`);
    }
    progress.save({ alerts: progress.cursor.alerts + 1, alertBegan: undefined });
  };

  return {
    send(alert) {
      if (count++ < progress.cursor.alerts) return;
      last = last.then(() => sendNext(alert));
    },
    settled: () => last,
  };
}
