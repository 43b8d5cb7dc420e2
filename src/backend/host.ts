import { performance } from "node:perf_hooks";
import { type Event, type EventKind, type Outcome, type ScalarColumns } from "../events/event.js";
import { copyScalars, scalarEvents } from "../events/scalar-columns.js";
import type { Backend, BackendContext, BackendDefinition, RunDescription, SyncReport } from "./contract.js";
import { createFilter, type Route } from "./route.js";
import { createTroubleFilter, printLine } from "./trouble.js";

/** Bytes of events that may wait for a slow backend before the channel is held back. */
const BACKLOG_BYTES = 16 << 20;

/** What a host tells of its backend. */
export interface HostReporter {
  /** The backend is ready, or could not be started. */
  opened(ok: boolean): void;
  trouble(message: string): void;
  location(where: string): void;
  /** All drops of this backend so far, by reason. */
  drops(counts: Readonly<Record<string, number>>): void;
}

/** A backend that may be tried. */
export interface BackendCandidate {
  readonly label: string;
  create(context: BackendContext): Promise<CreatedBackend>;
}

/** A backend made by its definition, with what the host must know of the definition. */
export interface CreatedBackend extends Pick<BackendDefinition, "unsupported"> {
  readonly backend: Backend;
}

export interface HostOptions {
  /** The name the user gave the backend. */
  readonly label: string;
  /** The backend, then what to fall back to: the first that opens is used. */
  readonly candidates: readonly BackendCandidate[];
  readonly route?: Route | undefined;
  /** How long one `write` may take before its backlog is given up (milliseconds). */
  readonly stallMs: number;
  readonly reporter: HostReporter;
}

/**
 * One backend of one experiment, kept from harming anything else: calls are made one at a time and in order, failures
 * become counted drops and a line of trouble, a hanging call costs at most `stallMs` once and the deadline at the end.
 */
export interface BackendHost {
  readonly label: string;
  /** Opens the backend; its failure is reported, not thrown. */
  open(run: RunDescription): Promise<void>;
  /** Hands events over. `bytes` is their rough size. The arrays are taken as they are. */
  write(events: readonly Event[], bytes: number): void;
  /** Hands scalars over; the columns are copied if they have to wait. */
  writeScalars(columns: ScalarColumns): void;
  /**
   * True while so much waits that no more should be read from the channel. Gives the backlog up, and says so, when
   * the backend has been silent for longer than `stallMs`.
   */
  overloaded(): boolean;
  /** Resolves when everything handed over before has been written and flushed, or after the deadline. */
  flush(deadlineMs: number): Promise<void>;
  /** Ends the backend, in any case within the deadline. */
  close(outcome: Outcome, deadlineMs: number): Promise<SyncReport>;
}

type Batch = { readonly bytes: number; readonly count: number } & (
  | { readonly events: readonly Event[] }
  | { readonly columns: ScalarColumns }
);

export function createHost(options: HostOptions): BackendHost {
  const { label, stallMs } = options;
  const untold = createTroubleFilter();
  const reporter: HostReporter = {
    ...options.reporter,
    trouble(message) {
      if (!untold(message)) return;
      printLine(`${label}: ${message}`);
      options.reporter.trouble(message);
    },
  };
  const filter = createFilter(options.route);
  const drops: Record<string, number> = {};
  const warnedKinds = new Set<EventKind>();
  let backend: Backend | undefined;
  let unsupported: { readonly [K in EventKind]?: string } = {};
  let state: "opening" | "ready" | "failed" | "closed" = "opening";
  let accepted = 0;
  let dropped = 0;
  let location: string | undefined;

  const waiting: Batch[] = [];
  let waitingBytes = 0;
  /** The write that is under way, and since when; undefined when the backend is free. */
  let busy: Promise<void> | undefined;
  let busySince = 0;
  let stalled = false;

  const drop = (count: number, reason: string) => {
    if (count === 0) return;
    dropped += count;
    drops[reason] = (drops[reason] ?? 0) + count;
    reporter.drops({ ...drops });
  };

  const context: BackendContext = {
    warn: (message) => reporter.trouble(message),
    location(where) {
      location = where;
      reporter.location(where);
    },
    drop,
  };

  /** Calls the backend; returns a promise only when the backend does. */
  const deliver = (batch: Batch): Promise<void> | undefined => {
    const failed = (error: unknown) => {
      const reason = messageOf(error);
      drop(batch.count, reason);
      reporter.trouble(`could not write: ${reason}; ${dropped} ${dropped === 1 ? "event" : "events"} dropped so far`);
    };
    try {
      const target = backend!;
      let result: void | Promise<void>;
      if ("events" in batch) result = target.write(batch.events);
      else if (target.writeScalars !== undefined) result = target.writeScalars(batch.columns);
      else result = target.write(scalarEvents(batch.columns));
      return isPromise(result) ? result.then(undefined, failed) : undefined;
    } catch (error) {
      failed(error);
      return undefined;
    }
  };

  const run = (batch: Batch) => {
    const result = deliver(batch);
    if (result === undefined) return;
    busySince = performance.now();
    busy = result.then(() => {
      busy = undefined;
      if (stalled) {
        stalled = false;
        reporter.trouble("answers again; what came meanwhile was dropped");
      }
      drain();
    });
  };

  const drain = () => {
    while (busy === undefined && state === "ready" && waiting.length > 0) {
      const batch = waiting.shift()!;
      waitingBytes -= batch.bytes;
      run(batch);
    }
  };

  const giveUpWaiting = (reason: string) => {
    let count = 0;
    for (const batch of waiting) count += batch.count;
    waiting.length = 0;
    waitingBytes = 0;
    drop(count, reason);
  };

  /** Takes one batch: at once when the backend is free, else into the queue. */
  const take = (batch: Batch) => {
    accepted += batch.count;
    if (state === "failed") return drop(batch.count, "backend failed to start");
    if (state === "closed") return drop(batch.count, "logged after the end");
    if (stalled) return drop(batch.count, "backend stalled");
    if (state === "ready" && busy === undefined) return run(batch);
    waiting.push("columns" in batch ? { ...batch, columns: copyScalars(batch.columns) } : batch);
    waitingBytes += batch.bytes;
  };

  /** Leaves out what the backend says it cannot hold; counted, and said once a kind. */
  const supported = (events: readonly Event[]): readonly Event[] => {
    if (!events.some((event) => unsupported[event.kind] !== undefined)) return events;
    return events.filter((event) => {
      const reason = unsupported[event.kind];
      if (reason === undefined) return true;
      accepted++;
      drop(1, `${event.kind}: ${reason}`);
      if (!warnedKinds.has(event.kind)) {
        warnedKinds.add(event.kind);
        reporter.trouble(`does not take ${event.kind} events (${reason}); they are counted in stats().drops`);
      }
      return false;
    });
  };

  return {
    label,

    overloaded() {
      if (waitingBytes < BACKLOG_BYTES) return false;
      if (busy !== undefined && performance.now() - busySince > stallMs) {
        stalled = true;
        reporter.trouble(`has not answered a write for ${Math.round(stallMs / 1000)} s; its events are dropped until it does`);
        giveUpWaiting("backend stalled");
        return false;
      }
      return true;
    },

    async open(description) {
      for (const [index, candidate] of options.candidates.entries()) {
        try {
          const made = await candidate.create(context);
          await made.backend.open(description);
          backend = made.backend;
          unsupported = made.unsupported ?? {};
          break;
        } catch (error) {
          const next = options.candidates[index + 1];
          const then = next === undefined ? "" : `; falling back to ${next.label}`;
          reporter.trouble(`${index === 0 ? "" : `${candidate.label} `}could not start: ${messageOf(error)}${then}`);
        }
      }
      if (state !== "opening") return;
      reporter.opened(backend !== undefined);
      state = backend === undefined ? "failed" : "ready";
      if (state === "failed") {
        giveUpWaiting("backend failed to start");
        return;
      }
      // What came before the backend was ready went around the filter of unsupported kinds.
      for (const [index, batch] of waiting.entries()) {
        if (!("events" in batch)) continue;
        accepted -= batch.count;
        const events = supported(batch.events);
        accepted += events.length;
        waiting[index] = { events, count: events.length, bytes: batch.bytes };
      }
      drain();
    },

    write(events, bytes) {
      let kept = filter === undefined ? events : events.flatMap((event) => filter.event(event) ?? []);
      if (state !== "opening") kept = supported(kept);
      if (kept.length > 0) take({ events: kept, count: kept.length, bytes });
    },

    writeScalars(columns) {
      const kept = filter === undefined ? columns : filter.scalars(columns);
      if (kept.length > 0) take({ columns: kept, count: kept.length, bytes: kept.length * 32 });
    },

    async flush(deadlineMs) {
      await within(deadlineMs, async () => {
        while (state === "opening" || busy !== undefined || waiting.length > 0) await (busy ?? soon());
        if (state !== "ready") return;
        try {
          await backend!.flush?.();
        } catch (error) {
          reporter.trouble(`could not flush: ${messageOf(error)}`);
        }
      });
    },

    async close(outcome, deadlineMs) {
      const report = await within(deadlineMs, async () => {
        while (state === "opening" || (state === "ready" && (busy !== undefined || waiting.length > 0))) {
          await (busy ?? soon());
        }
        if (state !== "ready") return { pending: 0 };
        try {
          return (await backend!.close(outcome)) ?? { pending: 0 };
        } catch (error) {
          reporter.trouble(`could not close: ${messageOf(error)}`);
          return undefined;
        }
      });
      if (report === "late") {
        reporter.trouble(`did not close within ${deadlineMs} ms and was left behind`);
        giveUpWaiting("not written before the deadline");
      }
      state = "closed";
      if (dropped > 0) printLine(`${label}: ${dropped} of ${accepted} events dropped: ${describeDrops(drops)}`);
      const where = location === undefined ? {} : { location };
      // A backend that did not close in order has not said what arrived: nothing is claimed to have.
      if (report === undefined || report === "late") {
        return { synced: 0, pending: accepted - dropped, dropped, ...where };
      }
      const pending = report.pending ?? 0;
      return { ...where, ...report, synced: accepted - dropped - pending, pending, dropped };
    },
  };
}

const isPromise = (value: void | Promise<void>): value is Promise<void> =>
  typeof (value as { then?: unknown } | undefined)?.then === "function";

const soon = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

const describeDrops = (drops: Readonly<Record<string, number>>) =>
  Object.entries(drops)
    .map(([reason, count]) => `${count} (${reason})`)
    .join(", ");

/** First line of an error's message; enough to act on, short enough for one line. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0]!;
}

/** The work's result, or "late" when it takes longer. */
async function within<T>(deadlineMs: number, work: () => Promise<T>): Promise<T | "late"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), deadlineMs);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
