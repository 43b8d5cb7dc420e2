import type { ClosingReport, SyncReport } from "./contract.js";
import type { DropCounts } from "./drop-counts.js";

/** What is known of a backend at its end. */
export interface Ending {
  /** What went wrong in closing it. */
  readonly problem: string | undefined;
  /** What the backend said; undefined when it did not come to it, so that nothing is claimed to have arrived. */
  readonly said: Omit<ClosingReport, "hint"> | undefined;
  /** What to do about what is pending. */
  readonly hint: string | undefined;
  readonly accepted: number;
  readonly drops: Pick<DropCounts, "total" | "describe">;
  readonly location: string | undefined;
  readonly address: string | undefined;
}

/**
 * The report of a backend's end, in which what is synced, pending and dropped adds up to what was accepted, and the line that
 * says what is left: undefined when there is nothing to say.
 */
export function closingReport(ending: Ending): {
  readonly report: SyncReport;
  readonly line: string | undefined;
} {
  const { said, hint, problem, accepted, drops, location, address } = ending;
  const most = accepted - drops.total;
  const pending = said === undefined ? most : countOf(said.pending, most);
  const where = said?.location ?? (pending === 0 ? (address ?? location) : location);
  const report: SyncReport = {
    synced: most - pending,
    pending,
    dropped: drops.total,
    ...(where !== undefined && { location: where }),
    ...(hint !== undefined && { hint }),
  };
  const silent = problem === undefined && drops.total === 0 && (pending === 0 || said?.quiet === true);
  return { report, line: silent ? undefined : lineOf(ending, report) };
}

/** One line for all there is to say. */
function lineOf({ problem, accepted, drops }: Ending, { pending, location, hint }: SyncReport): string {
  const place = location === undefined ? "" : ` in ${location}`;
  // A backend that says what to do about what is pending keeps it on purpose.
  const kept = problem === undefined && hint !== undefined;
  const left = kept
    ? `${pending} events are kept${place}`
    : `${pending} of ${accepted} events are not confirmed${place}`;
  return [
    problem,
    pending === 0 ? undefined : left,
    drops.total === 0 ? undefined : `${drops.total} of ${accepted} events were dropped (${drops.describe()})`,
    hint,
  ]
    .filter((part) => part !== undefined)
    .join("; ");
}

/** A count as a backend gave it, made to fit. */
const countOf = (given: unknown, most: number) =>
  typeof given === "number" ? Math.min(Math.max(Math.trunc(given) || 0, 0), most) : 0;
