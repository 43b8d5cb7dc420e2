import { TraceletError } from "../../../src/errors.js";
import type { RunRecord } from "../records/record.js";
import type { Writer } from "../run/writer-file.js";
import type { Connection } from "../server/connection.js";
import type { QueryOptions } from "../server/graphql.js";
import { type Branch, branchOf } from "./branch.js";
import { type Cursor, type LineCounts, NO_LINES } from "./cursor.js";
import { type ExistingRun, findEnd, findRun } from "./existing-run.js";
import type { RunConfig } from "./run-config.js";
import type { RunFields } from "./run-fields.js";
import type { RunIdentity, Upserts } from "./upserts.js";

/** Where the lines of a log go. */
export interface SendingStart {
  readonly identity: RunIdentity;
  /** What the run goes on with, if it does. */
  readonly branch: Branch | undefined;
  readonly base: LineCounts;
  /** Lines of the log that the server has. */
  readonly sent: LineCounts;
  /** Alerts of the log that were sent before. */
  readonly alerts: number;
  /** The exit code with which the run that the log joins had ended; sending to it opens it again. */
  readonly ended: number | undefined;
}

export interface SendingStartOptions {
  readonly connection: Connection;
  readonly record: RunRecord;
  readonly fields: RunFields;
  readonly config: RunConfig;
  readonly upserts: Upserts;
  /** What a run that is being written has found out before its first row. */
  readonly branch: Branch | undefined;
  /** Whether the server was asked for it. */
  readonly isBranchKnown: boolean;
  /** What the run was to go on with, as far as it is known. */
  readonly wish: Writer["resume"];
  /** False for a log that may have been sent before, as a whole or in part. */
  readonly isNew: boolean;
  /** Whether the log is of a writer whose end is not the run's. */
  readonly joins: boolean;
  /** What was noted of earlier times, for each destination. */
  readonly cursors: readonly Cursor[];
  /** Whether the last row that the server has is a row of the log, and which: its number from 0. */
  readonly findRow: (row: NonNullable<ExistingRun["lastRow"]>) => number | undefined;
  readonly query: QueryOptions;
}

/**
 * Makes the run known and finds the places of the log's lines. A log that was sent before, by this client or another,
 * goes on where the server's lines end, so that sending it again adds nothing.
 */
export async function startSending(options: SendingStartOptions): Promise<SendingStart> {
  const { connection, record, fields, config, upserts, isNew, cursors, findRow, query } = options;
  fields.update(record);
  config.run(record);
  const { runId, entity, project } = fields.names();
  const path = { runId, entity: entity || undefined, project: project || undefined };
  const asks = !isNew || !options.isBranchKnown;
  const found = asks ? await findRun(connection.graphql, path, query) : undefined;
  const ended =
    found !== undefined && options.joins ? await findEnd(connection.graphql, path, query) : undefined;
  const earlier = cursors.find((cursor) => isOf(cursor, { runId, entity, project }));
  if (asks && earlier === undefined) checkWish(options.wish, found, runId, findRow);
  const goesOn = earlier?.resumed ?? (options.wish !== "never" && record.resume === true);
  const branch = options.branch ?? (goesOn && found !== undefined ? branchOf(found) : undefined);
  if (branch !== undefined) {
    if (branch.config !== undefined) config.resume(branch.config);
    fields.adopt({ ...(branch.storageId === undefined ? {} : { storageId: branch.storageId }) });
    if (branch.resumed && !record.tags?.length && branch.tags.length > 0) {
      fields.update({ tags: [...branch.tags] });
    }
    if (branch.resumed && !record.notes && branch.notes) fields.update({ notes: branch.notes });
  }
  const identity = await upserts.first();
  // A run that is new to the server although it was sent before was deleted there.
  const used = identity.inserted ? undefined : cursors.find((cursor) => isOf(cursor, identity));
  return {
    identity,
    branch,
    ...places({ isNew, findRow }, used, found, branch, identity),
    alerts: used?.alerts ?? 0,
    ended,
  };
}

/**
 * Nothing is sent of a run that was to begin otherwise. A row of the log at the server says that it was sent before.
 *
 * @throws TraceletError `backend-failed` with what does not hold
 */
function checkWish(
  wish: SendingStartOptions["wish"],
  found: ExistingRun | undefined,
  runId: string,
  findRow: SendingStartOptions["findRow"],
): void {
  const isOther =
    found !== undefined && !(found.lastRow !== undefined && findRow(found.lastRow) !== undefined);
  const problem =
    wish === "must" && found === undefined
      ? `resume "must": there is no run ${runId}`
      : wish === "never" && isOther
        ? `resume "never": there is a run ${runId} already`
        : undefined;
  if (problem === undefined) return;
  throw new TraceletError("backend-failed", `${problem}; tracelet sync --id sends it under another id`, {
    backend: "wandb",
  });
}

/** Whether a cursor is of this run of the server, as far as its names are known; the log may have gone to another run. */
function isOf(cursor: Cursor, names: Pick<RunIdentity, "runId" | "entity" | "project">): boolean {
  const parts = ["runId", "entity", "project"] as const;
  return parts.every((part) => names[part] === "" || names[part] === cursor[part]);
}

function places(
  { isNew, findRow }: Pick<SendingStartOptions, "isNew" | "findRow">,
  cursor: Cursor | undefined,
  found: ExistingRun | undefined,
  branch: Branch | undefined,
  identity: RunIdentity,
): { readonly base: LineCounts; readonly sent: LineCounts } {
  const anew = {
    base: { ...(branch?.lines ?? NO_LINES), history: identity.historyLines },
    sent: NO_LINES,
  };
  if (isNew) return anew;
  if (cursor !== undefined) {
    const left = identity.historyLines - cursor.base.history;
    if (left >= cursor.sent.history) return { base: cursor.base, sent: cursor.sent };
    // Fewer lines than it confirmed: the run was deleted and begun again, or rewound, meanwhile. Its last row tells.
  }
  const row = found?.lastRow === undefined ? undefined : findRow(found.lastRow);
  if (row === undefined) return anew;
  const base = { ...(cursor?.base ?? NO_LINES), history: Math.max(0, identity.historyLines - row - 1) };
  return { base, sent: { ...NO_LINES, history: row + 1 } };
}
