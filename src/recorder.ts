import { performance } from "node:perf_hooks";
import type { SyncReport } from "./backend/contract.js";
import type { BackendHost } from "./backend/host.js";
import { printLine } from "./backend/trouble.js";
import { type ExperimentNotice, openChannel } from "./channel/channel.js";
import { PIECE_SLOTS } from "./channel/layout.js";
import type { Reports, RunPlan } from "./channel/protocol.js";
import { createQueueAge } from "./channel/queue-age.js";
import { createSeriesTable } from "./channel/series-table.js";
import { messageOf, TraceletError } from "./errors.js";
import type { Event, Outcome, ScalarEvent } from "./events/event.js";

/** Every this many scalars one is timed, for `stats().timeMs`. */
const TIMED_EVERY = 256;
/** Values of one row that go together; longer rows are split. */
const MAX_ROW = PIECE_SLOTS >> 2;

/** The worker keeps the deadlines itself; the script only gives up on it this much later. */
const GRACE_MS = 5_000;

/** What an experiment has cost and where it stands. */
export interface Stats {
  /** Events accepted; a row of several numbers is one. */
  readonly events: number;
  /** Bytes handed to the logging worker. */
  readonly bytes: number;
  /** Times the script had to wait because the channel was full, and how long in all (milliseconds). */
  readonly waits: number;
  readonly waitedMs: number;
  /** Time spent in logging calls on the script's thread (milliseconds); scalars are sampled. */
  readonly timeMs: number;
  /** How long the oldest event not yet taken by the worker has been waiting (milliseconds). */
  readonly queueAgeMs: number;
  /** Events lost, by backend and reason. Empty when all is well. */
  readonly drops: { readonly [backend: string]: { readonly [reason: string]: number } };
}

/** Where an experiment's events go: the channel to the worker, and backends on the script's own thread. */
export interface Recorder {
  /** `step` is NaN when there is none. */
  scalar(tag: string, value: number, step: number, wallTime: number): void;
  /** `commit` is for backends whose own API has it. */
  row(
    tags: readonly string[],
    values: readonly number[],
    step: number,
    wallTime: number,
    commit?: boolean,
  ): void;
  event(event: Event): void;
  flush(deadlineMs: number): Promise<void>;
  flushSync(deadlineMs: number): boolean;
  /** A backend's answer to a question of its own API; sleeps until it is there. Only for backends on the worker. */
  ask(backend: string, question: unknown, deadlineMs: number): unknown;
  /** As `ask`, without sleeping: resolves with the answer, however long it takes. */
  serve(backend: string, request: unknown): Promise<unknown>;
  finish(outcome: Outcome, deadlineMs: number): Promise<Reports>;
  /** Takes no more, and ends the backends on the script's thread as far as they do so at once. */
  endNow(outcome: Outcome): void;
  stats(): Stats;
  /** Keeps the process alive until the promise settles, if it waits for the worker. */
  hold(promise: Promise<unknown>): void;
}

/**
 * @param plan what the worker does; undefined when all backends are on the script's thread
 * @param local opened hosts of backends that run on the script's thread
 * @param listen gets the worker's notices
 */
export function createRecorder(
  plan: RunPlan | undefined,
  local: readonly BackendHost[],
  listen: (notice: ExperimentNotice) => void,
): Recorder {
  const channel = plan === undefined ? undefined : openChannel();
  const writer = channel?.writer;
  const drops: Record<string, Record<string, number>> = {};
  let reports: Reports = {};
  let lost = false;
  let ended = false;
  /** What was logged after the worker was lost. */
  let refused = 0;
  let events = 0;
  let bytes = 0;
  let timeMs = 0;
  let lastWallTime = Number.NaN;
  const age = createQueueAge();
  const tail = () => writer!.tail;
  /** The clock is asked at most once each millisecond: calls of one have the same time. */
  const mark = (wallTime: number) => {
    if (wallTime === lastWallTime) return;
    lastWallTime = wallTime;
    age.mark(writer!.head, tail);
  };

  const experiment =
    channel?.open(plan!, (notice) => {
      if (notice.type === "finished") reports = notice.reports;
      if (notice.type === "lost") lost = true;
      if (notice.type === "drops") drops[notice.backend] = { ...notice.counts };
      listen(notice);
    }) ?? 0;

  const series = channel === undefined ? undefined : createSeriesTable(channel, experiment);

  const copying = <T>(event: Event, copy: () => T): T => {
    try {
      return copy();
    } catch (cause) {
      throw new TraceletError(
        "invalid-value",
        `this ${event.kind} holds something that cannot be logged: ${messageOf(cause)}`,
        { cause },
      );
    }
  };

  const refuse = (count: number) => {
    if (!ended) refused += count;
    const reason = lost ? "the logging worker is gone" : "logged after the end";
    const counts = drops["tracelet"] ?? {};
    if (!lost && counts[reason] === undefined)
      printLine("events logged after the end of the run are dropped");
    drops["tracelet"] = { ...counts, [reason]: (counts[reason] ?? 0) + count };
  };

  /** Nobody can say what the worker had written when it was lost: nothing is claimed to have arrived. */
  const lostReports = (): Reports =>
    Object.fromEntries(
      plan!.backends.map(({ label }) => [
        label,
        reports[label] ?? { synced: 0, pending: events, dropped: refused },
      ]),
    );

  const toLocal = (event: Event) => {
    // The worker's copy was made by writing it into the ring; here it has to be made.
    if (local.length === 0) return;
    const copy = [copying(event, () => structuredClone(event))];
    for (const host of local) host.write(copy, 1024);
  };

  const scalar = (tag: string, value: number, step: number, wallTime: number): void => {
    if (ended || lost) return refuse(1);
    events++;
    if (writer !== undefined) {
      bytes += 32;
      mark(wallTime);
      writer.scalar(series!.of(tag), value, step, wallTime);
    }
    if (local.length > 0) {
      const event: ScalarEvent = { kind: "scalar", tag, value, wallTime };
      toLocal(Number.isNaN(step) ? event : { ...event, step });
    }
  };

  const timed = (work: () => void) => {
    const started = performance.now();
    work();
    timeMs += performance.now() - started;
  };

  return {
    scalar(tag, value, step, wallTime) {
      if (events % TIMED_EVERY !== 0) return scalar(tag, value, step, wallTime);
      const started = performance.now();
      scalar(tag, value, step, wallTime);
      timeMs += (performance.now() - started) * (events === 1 ? 1 : TIMED_EVERY);
    },

    row(tags, values, step, wallTime, commit) {
      if (ended || lost) return refuse(1);
      timed(() => {
        events++;
        if (writer !== undefined) {
          bytes += 24 + tags.length * 12;
          mark(wallTime);
          for (let from = 0; from < tags.length; from += MAX_ROW) {
            const last = from + MAX_ROW >= tags.length;
            const ids = series!.ofRow(from === 0 && last ? tags : tags.slice(from, from + MAX_ROW));
            const part = from === 0 ? values : values.slice(from, from + MAX_ROW);
            writer.row(ids, part, ids.length, step, wallTime, last ? commit : false);
          }
        }
        if (local.length === 0) return;
        toLocal({
          kind: "row",
          tags,
          values,
          wallTime,
          ...(!Number.isNaN(step) && { step }),
          ...(commit !== undefined && { commit }),
        });
      });
    },

    event(event) {
      if (ended || lost) return refuse(1);
      timed(() => {
        if (writer !== undefined) {
          mark(event.wallTime);
          bytes += copying(event, () => channel!.send({ type: "event", experiment, event }));
        }
        toLocal(event);
        events++;
      });
    },

    async flush(deadlineMs) {
      await Promise.all([
        channel?.request(
          (reply) => ({ type: "flush", experiment, deadlineMs, reply }),
          deadlineMs + GRACE_MS,
        ),
        ...local.map((host) => host.flush(deadlineMs)),
      ]);
    },

    flushSync(deadlineMs) {
      // On this thread what takes no time is done when this returns; a write that is under way cannot be waited for.
      const waiting = local.filter((host) => !host.idle);
      for (const host of local) void host.flush(deadlineMs);
      if (waiting.length > 0 || lost) return false;
      if (channel === undefined) return true;
      return channel.requestSync(
        (reply) => ({ type: "flush", experiment, deadlineMs, reply }),
        deadlineMs + GRACE_MS,
      );
    },

    ask(backend, question, deadlineMs) {
      if (channel === undefined || lost || ended) return undefined;
      return channel.askSync(
        (reply) => ({ type: "ask", experiment, backend, question, reply }),
        deadlineMs + GRACE_MS,
      );
    },

    async serve(backend, request) {
      if (channel === undefined || lost || ended) return undefined;
      return channel.request(
        (reply) => ({ type: "serve", experiment, backend, request, reply }),
        Number.POSITIVE_INFINITY,
      );
    },

    endNow(outcome) {
      if (ended) return;
      ended = true;
      const finishEvent: Event = { kind: "finish", outcome, wallTime: Date.now() / 1000 };
      for (const host of local) {
        host.write([finishEvent], 64);
        void host.close(outcome, 0);
      }
    },

    async finish(outcome, deadlineMs) {
      ended = true;
      const finishEvent: Event = { kind: "finish", outcome, wallTime: Date.now() / 1000 };
      for (const host of local) host.write([finishEvent], 64);
      const [localReports] = await Promise.all([
        Promise.all(
          local.map(
            async (host): Promise<[string, SyncReport]> => [
              host.label,
              await host.close(outcome, deadlineMs),
            ],
          ),
        ),
        channel?.request(
          (reply) => ({ type: "finish", experiment, outcome, deadlineMs, reply }),
          deadlineMs + GRACE_MS,
        ),
      ]);
      series?.release();
      return { ...(lost ? lostReports() : reports), ...Object.fromEntries(localReports) };
    },

    hold(promise) {
      if (channel !== undefined && !lost) channel.hold(promise);
    },

    stats() {
      channel?.receive();
      return {
        events,
        bytes,
        waits: writer?.waits ?? 0,
        waitedMs: writer?.waitedMs ?? 0,
        timeMs,
        queueAgeMs: writer === undefined ? 0 : age.ageMs(writer.head, writer.tail),
        drops: structuredClone(drops),
      };
    },
  };
}
