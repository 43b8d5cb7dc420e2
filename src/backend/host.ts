import { maskSecrets } from "../collectors/secrets.js";
import { runAt } from "../distributed/rank-role.js";
import { messageOf } from "../errors.js";
import type { Event, EventKind, Outcome, ScalarColumns } from "../events/event.js";
import { copyScalars, scalarEvents } from "../events/scalar-columns.js";
import { createCallQueue } from "./call-queue.js";
import type {
  Backend,
  BackendContext,
  BackendDefinition,
  ClosingReport,
  Opened,
  RunDescription,
  SyncReport,
} from "./contract.js";
import { createDropCounts } from "./drop-counts.js";
import { after, isPromise } from "./maybe-async.js";
import { createFilter, type Route } from "./route.js";
import { createTroubleFilter, printLine } from "./trouble.js";

/** Bytes of events that may wait for a slow backend before the channel is held back. */
const BACKLOG_BYTES = 4 << 20;

/** The longest time a Node timer can be set to; with more it would go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

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

/** A backend that may be tried. */
export interface BackendCandidate {
  readonly label: string;
  create(context: BackendContext): CreatedBackend | Promise<CreatedBackend>;
}

/** A backend made by its definition, with what the host must know of the definition. */
export interface CreatedBackend extends Pick<BackendDefinition, "unsupported" | "sharedWriters"> {
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

    open: (description) => openFrom(0, description),

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

  /** Tries the candidates in their order. */
  function openFrom(index: number, description: RunDescription): void | Promise<void> {
    const candidate = options.candidates[index];
    if (candidate === undefined) return opened(undefined);
    const failed = (error: unknown) => {
      const next = options.candidates[index + 1];
      const then = next === undefined ? "" : `; falling back to ${next.label}`;
      const who = index === 0 ? "" : `${candidate.label} `;
      reporter.trouble(`${who}could not start: ${textOf(error)}${then}`);
      return openFrom(index + 1, description);
    };
    try {
      const made = after(candidate.create(context), (created) =>
        after(created.backend.open(runAt(created, description)), (begun) => ({ created, begun })),
      );
      const done = (made: { created: CreatedBackend; begun: Opened | void }) =>
        opened(made.created, made.begun ?? {});
      return isPromise(made) ? made.then(done, failed) : done(made);
    } catch (error) {
      return failed(error);
    }
  }

  function opened(created: CreatedBackend | undefined, { connected }: Opened = {}): void {
    if (state !== "opening") return;
    backend = created?.backend;
    unsupported = created?.unsupported;
    state = created === undefined ? "failed" : "ready";
    const tell = () => reporter.opened(created !== undefined);
    if (connected === undefined) tell();
    else connected.catch((error: unknown) => reporter.trouble(textOf(error))).then(tell);
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
    const report =
      answer === "late" || (state !== "failed" && problem !== undefined) ? undefined : (answer ?? {});
    state = "closed";
    // A backend that did not close in order has not said what arrived: nothing is claimed to have.
    const most = accepted - drops.total;
    const pending = report === undefined ? most : countOf(report.pending, most);
    const known = pending === 0 ? (address ?? location) : location;
    const where = report?.location === undefined ? known : textOf(report.location);
    const unsaid = answer === "late" ? lastHint : undefined;
    const hint = report?.hint === undefined ? unsaid : textOf(report.hint);
    sayWhatIsLeft(problem, pending, where, hint, report?.quiet === true);
    return {
      synced: most - pending,
      pending,
      dropped: drops.total,
      ...(where !== undefined && { location: where }),
      ...(hint !== undefined && { hint }),
    };
  }

  /** One line for all there is to say at the end. */
  function sayWhatIsLeft(
    problem: string | undefined,
    pending: number,
    where: string | undefined,
    hint: string | undefined,
    quiet: boolean,
  ): void {
    const place = where === undefined ? "" : ` in ${where}`;
    // A backend that says what to do about what is pending keeps it on purpose.
    const kept = problem === undefined && hint !== undefined;
    const left = [
      problem,
      pending === 0
        ? undefined
        : kept
          ? `${pending} events are kept${place}`
          : `${pending} of ${accepted} events are not confirmed${place}`,
      drops.total === 0
        ? undefined
        : `${drops.total} of ${accepted} events were dropped (${drops.describe()})`,
      hint,
    ].filter((part) => part !== undefined);
    if (problem !== undefined) reporter.trouble(left.join("; "));
    else if (drops.total > 0 || (pending > 0 && !quiet)) printLine(`${label}: ${left.join("; ")}`);
  }
}

/** What a backend said, fit for stderr, reports and the other thread; messages of HTTP clients hold addresses and headers. */
const textOf = (said: unknown) => maskSecrets(messageOf(said));

/** A count as a backend gave it, made to fit. */
const countOf = (given: unknown, most: number) =>
  typeof given === "number" ? Math.min(Math.max(Math.trunc(given) || 0, 0), most) : 0;

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

/** Runs the work; a promise is returned only when the work gave one. Failures go to `failed`, never out. */
function attempt(work: () => void | Promise<void>, failed: (error: unknown) => void): void | Promise<void> {
  try {
    const result = work();
    if (isPromise(result)) return Promise.resolve(result as PromiseLike<void>).catch(failed);
  } catch (error) {
    failed(error);
  }
}

/** The result, or "late" when it takes longer. */
async function within<T>(deadlineMs: number, work: T | Promise<T>): Promise<T | "late"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), Math.min(deadlineMs, LONGEST_TIMER_MS));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
