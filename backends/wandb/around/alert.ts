import { TraceletError } from "../../../src/errors.js";
import type { AlertRecord } from "../records/record.js";

/** How urgent an alert is; default `INFO`. */
export type AlertLevel = "INFO" | "WARN" | "ERROR";

const LEVELS: readonly string[] = ["INFO", "WARN", "ERROR"];
const DEFAULT_WAIT_S = 60;
/** W&B's documentation asks for a title shorter than this. */
const TITLE_LIMIT = 64;

/** A message to the people who follow a run, by mail or chat as they have set. */
export interface AlertOptions {
  /** 1 to 63 characters. */
  readonly title: string;
  /** What happened; may be empty. */
  readonly text: string;
  /** Default `INFO`. */
  readonly level?: AlertLevel;
  /** Seconds before another alert of this title is sent; default (and for 0) 60. */
  readonly waitDuration?: number;
}

/** The record of an alert. Throws `invalid-value` with the rule that was broken. */
export function alertRecord({ title, text, level = "INFO", waitDuration }: AlertOptions): AlertRecord & {
  readonly title: string;
  readonly waitDuration: number;
} {
  if (typeof title !== "string" || title === "" || [...title].length >= TITLE_LIMIT) {
    refuse(`title must be a string of 1 to ${TITLE_LIMIT - 1} characters`);
  }
  if (typeof text !== "string") refuse("text must be a string");
  if (!LEVELS.includes(level)) refuse(`level is one of ${LEVELS.join(", ")}, not ${JSON.stringify(level)}`);
  const wait = waitDuration || DEFAULT_WAIT_S;
  if (typeof wait !== "number" || !Number.isFinite(wait) || wait < 0 || Number.isNaN(waitDuration)) {
    refuse("waitDuration is a number of seconds, 0 or more");
  }
  return { title, text, level, waitDuration: Math.trunc(wait * 1000) };
}

/** Which alerts come too soon after one of the same title. */
export interface AlertWaits {
  /** Whether an alert made at `wallTime` (seconds) is sent. One that is not counts and does not lengthen the wait. */
  admit(alert: { readonly title: string; readonly waitDuration: number }, wallTime: number): boolean;
  /** Alerts not sent, by title. */
  readonly dropped: ReadonlyMap<string, number>;
}

/** Applies `waitDuration` to the alerts of one run; the server does it too, but for a log synced later by the time of the sync. */
export function createAlertWaits(): AlertWaits {
  const sent = new Map<string, number>();
  const dropped = new Map<string, number>();
  return {
    dropped,
    admit({ title, waitDuration }, wallTime) {
      const last = sent.get(title);
      if (last !== undefined && wallTime >= last && (wallTime - last) * 1000 < waitDuration) {
        dropped.set(title, (dropped.get(title) ?? 0) + 1);
        return false;
      }
      sent.set(title, wallTime);
      return true;
    },
  };
}

function refuse(rule: string): never {
  throw new TraceletError("invalid-value", `alert: ${rule}.`, { backend: "wandb" });
}
