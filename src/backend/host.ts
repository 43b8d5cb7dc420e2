import { maskSecrets } from "../collectors/secrets.js";
import { messageOf } from "../errors.js";
import type { Event, EventKind, Outcome, ScalarColumns } from "../events/event.js";
import { copyScalars, scalarEvents } from "../events/scalar-columns.js";
import { createCallQueue } from "./call-queue.js";
import { closingReport } from "./closing-report.js";
import type { Backend, BackendContext, ClosingReport, RunDescription, SyncReport } from "./contract.js";
import { createDropCounts } from "./drop-counts.js";
import { attempt, within } from "./guard.js";
import { after } from "./maybe-async.js";
import { type BackendCandidate, type CreatedBackend, type OpenedBackend, openFirst } from "./open-first.js";
import { createFilter, type Route } from "./route.js";
import { createTroubleFilter, printLine } from "./trouble.js";

/** Bytes of events that may wait for a slow backend before the channel is held back. */
const BACKLOG_BYTES = 4 << 20;

/** What a host tells of its backend. */
export interface HostReporter {
  /** The backend is ready, or could not be started. */
  opened(ok: boolean): void;
  trouble(message: string): void;
  location(folder: string): void;
  address(url: string): void;
  /** All drops of this backend so far, by reason. */
  drops(counts: Readonly<Record<string, number>>): void;
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
  /** Whether nothing is under way: what is handed over now reaches the backend before the call returns. */
  readonly idle: boolean;
  /** Opens the backend, at once if the backend does; its failure is reported, not thrown. */
  open(run: RunDescription): void | Promise<void>;
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
  /** The backend's answer to a question of its own API; undefined when it has none. */
  answer(question: unknown): Promise<unknown>;
  /** As `answer`, for what takes long: it waits for what came before, and nothing waits for it. */
  serve(request: unknown): Promise<unknown>;
  /** Ends the backend, in any case within the deadline. */
  close(outcome: Outcome, deadlineMs: number): Promise<SyncReport>;
}

export function createHost(options: HostOptions): BackendHost {
  const { label, stallMs } = options;
  const reporter = withRareTroubles(options.reporter, label);
  const filter = createFilter(options.route);
  const drops = createDropCounts(reporter.drops);
  const warnedKinds = new Set<EventKind>();
  let backend: Backend | undefined;
  let unsupported: CreatedBackend["unsupported"] = {};
  let state: "opening" | "ready" | "failed" | "closed" = "opening";
  let accepted = 0;
  let stalled = false;
  let location: string | undefined;
  let lastHint: string | undefined;
  let address: string | undefined;
  let closing: Promise<SyncReport> | undefined;

  const calls = createCallQueue(() => {
    if (!stalled) return;
    stalled = false;
    reporter.trouble("answers again; what came meanwhile was dropped");
  });

  const drop = (given: number, reason: string) => {
    // A backend may count wrongly; the report has to add up all the same.
    const count = Math.min(Math.trunc(given), accepted - drops.total);
    if (count > 0) drops.add(count, reason);
  };

  // What a backend says goes to the other thread: it has to be what its type promises, or it could not be sent.
  const context: BackendContext = {
    warn: (message) => reporter.trouble(textOf(message)),
    location(where, hint) {
      location = textOf(where);
      lastHint = hint === undefined ? undefined : textOf(hint);
      reporter.location(location);
    },
    address(url) {
      address = textOf(url);
      reporter.address(address);
    },
    drop(count, reason) {
      if (state === "closed") return;
      const before = drops.total;
      drop(count, textOf(reason));
      if (drops.total > before) reporter.trouble(`${drops.total - before} events dropped: ${textOf(reason)}`);
    },
  };

  /** Hands a batch to the backend; `give` gets the backend, `count` events stand or fall with it. */
  const take = (count: number, bytes: number, give: (target: Backend) => void | Promise<void>) => {
    accepted += count;
    const refusal = state === "failed" ? FAILED : state === "closed" ? ENDED : stalled ? STALLED : undefined;
    if (refusal !== undefined) return drop(count, refusal);
    const failed = (error: unknown) => {
      const reason = textOf(error);
      drop(count, reason);
      reporter.trouble(`could not write: ${reason}; events dropped so far: ${drops.total}`);
    };
    calls.add({
      bytes,
      run: () => attempt(() => give(backend!), failed),
      giveUp: (reason) => drop(count, reason),
    });
  };

  /** Puts a call in its place behind the events that came before; resolves with its result, or undefined if it fails. */
  const ask = <T>(
    what: string,
    work: (target: Backend) => T | Promise<T>,
    tell: (problem: string) => void = reporter.trouble,
  ): Promise<T | undefined> =>
    new Promise((resolve) => {
      if (state === "failed" || state === "closed") return resolve(undefined);
      const failed = (error: unknown) => {
        tell(`could not ${what}: ${textOf(error)}`);
        resolve(undefined);
      };
      calls.add({
        bytes: 0,
        run: () => attempt(async () => resolve(await work(backend!)), failed),
        giveUp: () => resolve(undefined),
      });
    });

  const isForeign = (event: Event) => event.kind === "native" && event.backend !== label;

  /** Leaves out what the backend says it cannot hold; counted, and said once a kind. Asked when the backend is known. */
  const supported = (events: readonly Event[]): readonly Event[] => {
    if (!events.some((event) => unsupported?.[event.kind] !== undefined)) return events;
    return events.filter((event) => {
      const reason = unsupported?.[event.kind];
      if (reason === undefined) return true;
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
    get idle() {
      return calls.idle;
    },

    overloaded() {
      if (calls.bytes < BACKLOG_BYTES) return false;
      if (calls.busyMs <= stallMs) return true;
      stalled = true;
      reporter.trouble(`has not answered for ${stallMs / 1000} s; its events are dropped until it does`);
      calls.giveUp(STALLED);
      return false;
    },

    open,

    write(events, bytes) {
      let kept = filter === undefined ? events : events.flatMap((event) => filter.event(event) ?? []);
      if (kept.some(isForeign)) kept = kept.filter((event) => !isForeign(event));
      if (kept.length === 0) return;
      take(kept.length, bytes, (target) => {
        const holdable = supported(kept);
        if (holdable.length > 0) return target.write(holdable);
      });
    },

    writeScalars(columns) {
      const kept = filter === undefined ? columns : filter.scalars(columns);
      if (kept.length === 0) return;
      // The columns are reused by the caller as soon as this returns, so what has to wait is copied.
      const own = calls.idle ? kept : copyScalars(kept);
      take(kept.length, kept.length * 32, (target) =>
        target.writeScalars === undefined ? target.write(scalarEvents(own)) : target.writeScalars(own),
      );
    },

    async flush(deadlineMs) {
      const flushed = ask("flush", (target) => target.flush?.()).then(() =>
        beside("flush", backend?.sent?.bind(backend)),
      );
      const done = await within(deadlineMs, flushed);
      if (done === "late") reporter.trouble(`did not flush within ${deadlineMs} ms`);
    },

    answer: (question) => ask<unknown>("answer", (target) => target.answer?.(question)),

    serve: async (request) => {
      await ask("serve", () => {});
      return beside("serve", backend?.serve?.bind(backend, request));
    },

    close(outcome, deadlineMs) {
      closing ??= close(outcome, deadlineMs);
      return closing;
    },
  };

  /** What runs beside the calls that come one after another. */
  async function beside(what: string, work: (() => Promise<unknown>) | undefined): Promise<unknown> {
    if (state === "failed") return undefined;
    try {
      return await work?.();
    } catch (error) {
      reporter.trouble(`could not ${what}: ${textOf(error)}`);
      return undefined;
    }
  }

  function open(description: RunDescription): void | Promise<void> {
    const failed = ({ label: who }: BackendCandidate, error: unknown, next: BackendCandidate | undefined) => {
      const subject = who === label ? "" : `${who} `;
      const then = next === undefined ? "" : `; falling back to ${next.label}`;
      reporter.trouble(`${subject}could not start: ${textOf(error)}${then}`);
    };
    return after(openFirst(options.candidates, context, description, failed), opened);
  }

  function opened(found: OpenedBackend | undefined): void {
    if (state !== "opening") return;
    backend = found?.backend;
    unsupported = found?.unsupported;
    state = found === undefined ? "failed" : "ready";
    const tell = () => reporter.opened(found !== undefined);
    if (found?.connected === undefined) tell();
    else found.connected.catch((error: unknown) => reporter.trouble(textOf(error))).then(tell);
    if (state === "ready") calls.open();
    else calls.giveUp(FAILED);
  }

  async function close(outcome: Outcome, deadlineMs: number): Promise<SyncReport> {
    let problem: string | undefined;
    const closed = ask<ClosingReport>(
      "close",
      async (target) => (await target.close(outcome, deadlineMs)) ?? {},
      (message) => {
        problem = message;
      },
    );
    const answer = await within(deadlineMs, state === "failed" ? {} : closed);
    if (answer === "late") {
      problem = `did not ${state === "opening" ? "start" : "close"} within ${deadlineMs} ms and was left behind`;
      calls.giveUp("not written before the deadline");
      if (state === "opening") reporter.opened(false);
    }
    // A backend that did not close in order has not said what arrived.
    const inOrder = answer !== "late" && (state === "failed" || problem === undefined);
    const { hint, location: folder, ...said } = (inOrder && answer) || {};
    state = "closed";
    const { report, line } = closingReport({
      problem,
      said: inOrder ? { ...said, ...(folder !== undefined && { location: textOf(folder) }) } : undefined,
      hint: hint !== undefined ? textOf(hint) : answer === "late" ? lastHint : undefined,
      accepted,
      drops,
      location,
      address,
    });
    if (line !== undefined) {
      if (problem === undefined) printLine(`${label}: ${line}`);
      else reporter.trouble(line);
    }
    return report;
  }
}

/** What a backend said, fit for stderr, reports and the other thread; messages of HTTP clients hold addresses and headers. */
const textOf = (said: unknown) => maskSecrets(messageOf(said));

const FAILED = "backend failed to start";
const STALLED = "backend stalled";
const ENDED = "logged after the end";

/** Prints troubles, and passes them on, but not the same one again and again. */
function withRareTroubles(reporter: HostReporter, label: string): HostReporter {
  const untold = createTroubleFilter();
  return {
    ...reporter,
    trouble(message) {
      if (!untold(message)) return;
      printLine(`${label}: ${message}`);
      reporter.trouble(message);
    },
  };
}
