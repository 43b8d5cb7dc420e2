import { performance } from "node:perf_hooks";
import { maskSecrets } from "../collectors/secrets.js";
import { messageOf } from "../errors.js";
import type { Event, EventKind, Outcome, ScalarColumns } from "../events/event.js";
import { copyScalars, scalarEvents } from "../events/scalar-columns.js";
import type { Backend, BackendContext, BackendDefinition, RunDescription, SyncReport } from "./contract.js";
import { createFilter, type Route } from "./route.js";
import { createTroubleFilter, printLine } from "./trouble.js";

/** Bytes of events that may wait for a slow backend before the channel is held back. */
const BACKLOG_BYTES = 16 << 20;
/** Reasons for drops that are told apart; the rest goes under `OTHER_REASONS`, however many a backend makes up. */
const MAX_REASONS = 20;
const OTHER_REASONS = "other reasons";
/** The longest time a Node timer can be set to; with more it would go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

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
  // Without a prototype, because the names are reasons and may be any text.
  const drops: Record<string, number> = Object.create(null);
  const warnedKinds = new Set<EventKind>();
  let backend: Backend | undefined;
  let unsupported: { readonly [K in EventKind]?: string } = {};
  let state: "opening" | "ready" | "failed" | "closed" = "opening";
  let accepted = 0;
  let dropped = 0;
  let location: string | undefined;

  const waiting: Batch[] = [];
  let waitingBytes = 0;
  /** The write or flush that is under way; undefined when the backend is free. */
  let busy: Promise<void> | undefined;
  /** Since when the backend opens, writes or flushes. */
  let busySince = performance.now();
  let stalled = false;

  const drop = (given: number, reason: string) => {
    // A backend may count wrongly; the report has to add up all the same.
    const count = Math.min(Math.trunc(given), accepted - dropped);
    if (!(count > 0)) return;
    dropped += count;
    const known = reason in drops || Object.keys(drops).length < MAX_REASONS;
    const key = known ? reason : OTHER_REASONS;
    drops[key] = (drops[key] ?? 0) + count;
    reporter.drops({ ...drops });
  };

  // What a backend says goes to the other thread: it has to be what its type promises, or it could not be sent.
  const context: BackendContext = {
    warn: (message) => reporter.trouble(textOf(message)),
    location(where) {
      location = textOf(where);
      reporter.location(location);
    },
    drop(count, reason) {
      if (state === "closed") return;
      const before = dropped;
      drop(count, textOf(reason));
      if (dropped > before) reporter.trouble(`${eventsDropped(dropped - before)}: ${textOf(reason)}`);
    },
  };

  /** Calls the backend; returns a promise only when the backend does. */
  const deliver = (batch: Batch): Promise<void> | undefined => {
    const failed = (error: unknown) => {
      const reason = textOf(error);
      drop(batch.count, reason);
      reporter.trouble(`could not write: ${reason}; ${eventsDropped(dropped)} so far`);
    };
    try {
      const target = backend!;
      let result: void | Promise<void>;
      if ("events" in batch) result = target.write(batch.events);
      else if (target.writeScalars !== undefined) result = target.writeScalars(batch.columns);
      else result = target.write(scalarEvents(batch.columns));
      return isPromise(result) ? Promise.resolve(result).catch(failed) : undefined;
    } catch (error) {
      failed(error);
      return undefined;
    }
  };

  /** Keeps further calls of the backend waiting until this one, which never rejects, is through. */
  const occupy = (call: Promise<void>) => {
    busySince = performance.now();
    busy = call.then(() => {
      busy = undefined;
      recovered();
      drain();
    });
    return busy;
  };

  const recovered = () => {
    if (!stalled) return;
    stalled = false;
    reporter.trouble("answers again; what came meanwhile was dropped");
  };

  const run = (batch: Batch) => {
    const call = deliver(batch);
    if (call !== undefined) void occupy(call);
  };

  const drain = () => {
    while (busy === undefined && state === "ready" && waiting.length > 0) {
      const batch = waiting.shift()!;
      waitingBytes -= batch.bytes;
      run(batch);
    }
  };

  /** Something still has to happen before the backend can be flushed or closed. */
  const unsettled = () =>
    state === "opening" || (state === "ready" && (busy !== undefined || waiting.length > 0));

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
      if (performance.now() - busySince > stallMs) {
        stalled = true;
        reporter.trouble(`has not answered for ${stallMs / 1000} s; its events are dropped until it does`);
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
          reporter.trouble(
            `${index === 0 ? "" : `${candidate.label} `}could not start: ${textOf(error)}${then}`,
          );
        }
      }
      if (state !== "opening") return;
      reporter.opened(backend !== undefined);
      state = backend === undefined ? "failed" : "ready";
      if (state === "failed") {
        giveUpWaiting("backend failed to start");
        return;
      }
      recovered();
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
      const done = await within(deadlineMs, async () => {
        while (unsettled()) await (busy ?? soon());
        if (state !== "ready") return;
        await occupy(
          (async () => backend!.flush?.())().then(undefined, (error: unknown) =>
            reporter.trouble(`could not flush: ${textOf(error)}`),
          ),
        );
      });
      if (done === "late") reporter.trouble(`did not flush within ${deadlineMs} ms`);
    },

    async close(outcome, deadlineMs) {
      let problem: string | undefined;
      const report = await within(deadlineMs, async () => {
        while (unsettled()) await (busy ?? soon());
        if (state !== "ready") return {};
        try {
          return (await backend!.close(outcome)) ?? {};
        } catch (error) {
          problem = `could not close: ${textOf(error)}`;
          return undefined;
        }
      });
      if (report === "late") {
        problem = `did not ${state === "opening" ? "start" : "close"} within ${deadlineMs} ms and was left behind`;
        giveUpWaiting("not written before the deadline");
        if (state === "opening") reporter.opened(false);
      }
      state = "closed";
      const closing = report === "late" ? undefined : report;
      // A backend that did not close in order has not said what arrived: nothing is claimed to have.
      const pending =
        closing === undefined ? accepted - dropped : countOf(closing.pending, accepted - dropped);
      const where = closing?.location === undefined ? location : textOf(closing.location);
      const hint = closing?.hint === undefined ? undefined : textOf(closing.hint);
      // One line for all there is to say at the end.
      const left = [
        ...(problem === undefined ? [] : [problem]),
        ...(pending === 0
          ? []
          : [
              `${pending} of ${accepted} events are not confirmed${where === undefined ? "" : ` in ${where}`}`,
            ]),
        ...(dropped === 0 ? [] : [`${dropped} of ${accepted} events were dropped (${describeDrops(drops)})`]),
        ...(hint === undefined ? [] : [hint]),
      ].join("; ");
      if (problem !== undefined) reporter.trouble(left);
      else if (pending > 0 || dropped > 0) printLine(`${label}: ${left}`);
      return {
        synced: accepted - dropped - pending,
        pending,
        dropped,
        ...(where !== undefined && { location: where }),
        ...(hint !== undefined && { hint }),
      };
    },
  };
}

/** What a backend said, fit for stderr, reports and the other thread; messages of HTTP clients hold addresses and headers. */
const textOf = (said: unknown) => maskSecrets(messageOf(said));

const eventsDropped = (count: number) => `${count} ${count === 1 ? "event" : "events"} dropped`;

/** A count as a backend gave it, made to fit. */
const countOf = (given: unknown, most: number) =>
  typeof given === "number" ? Math.min(Math.max(Math.trunc(given) || 0, 0), most) : 0;

const isPromise = (value: void | PromiseLike<void>): value is PromiseLike<void> =>
  typeof (value as { then?: unknown } | undefined)?.then === "function";

const soon = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

const describeDrops = (drops: Readonly<Record<string, number>>) =>
  Object.entries(drops)
    .map(([reason, count]) => `${count}: ${reason}`)
    .join(", ");

/** The work's result, or "late" when it takes longer. */
async function within<T>(deadlineMs: number, work: () => Promise<T>): Promise<T | "late"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), Math.min(deadlineMs, LONGEST_TIMER_MS));
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
