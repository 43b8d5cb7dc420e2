import type { RunDescription, SyncReport } from "../backend/contract.js";
import type { BackendHost } from "../backend/host.js";
import type { Event, Outcome } from "../events/event.js";
import { createScalarBuffer, growScalarBuffer } from "../events/scalar-columns.js";
import type { Reports } from "./protocol.js";

/** Scalars gathered before they are handed to the backends in the middle of a look. */
const BATCH = 8192;
/** The same for other events. More of these objects at a time would outlive the collector's young generation. */
const EVENT_BATCH = 2048;

/**
 * One experiment on the worker's side: puts what comes out of the ring into batches, scalars as columns and the rest
 * as events, and hands them to every backend in the order of the calls.
 */
export interface WorkerRun {
  /** Resolves when every backend is open, or has failed to; until then what they are given is in memory only. */
  readonly opened: Promise<unknown>;
  scalar(tag: string, value: number, step: number, wallTime: number): void;
  event(event: Event, bytes: number): void;
  /** Hands over what was gathered; called at the end of every look at the ring. */
  deliver(): void;
  overloaded(): boolean;
  flush(deadlineMs: number): Promise<void>;
  ask(backend: string, question: unknown): Promise<unknown>;
  serve(backend: string, request: unknown): Promise<unknown>;
  finish(outcome: Outcome, deadlineMs: number): Promise<Reports>;
}

/** `onFirst` is called when something is gathered after a delivery, so that the worker knows whom to ask. */
export function createWorkerRun(
  description: RunDescription,
  hosts: readonly BackendHost[],
  onFirst: (run: WorkerRun) => void,
): WorkerRun {
  const scalars = createScalarBuffer();
  let events: Event[] = [];
  let bytes = 0;
  let gathered = false;
  let finished: Promise<Reports> | undefined;

  const mark = () => {
    if (gathered) return;
    gathered = true;
    onFirst(run);
  };
  const deliverScalars = () => {
    if (scalars.length === 0) return;
    for (const host of hosts) host.writeScalars(scalars);
    scalars.length = 0;
  };
  const deliverEvents = () => {
    if (events.length === 0) return;
    for (const host of hosts) host.write(events, bytes);
    events = [];
    bytes = 0;
  };

  const run: WorkerRun = {
    opened: Promise.all(hosts.map((host) => host.open(description))),
    scalar(tag, value, step, wallTime) {
      if (events.length > 0) deliverEvents();
      mark();
      const at = scalars.length;
      if (at === scalars.values.length) growScalarBuffer(scalars);
      scalars.tags[at] = tag;
      scalars.values[at] = value;
      scalars.steps[at] = step;
      scalars.wallTimes[at] = wallTime;
      scalars.length = at + 1;
      if (at + 1 === BATCH) deliverScalars();
    },
    event(event, size) {
      if (scalars.length > 0) deliverScalars();
      mark();
      events.push(event);
      bytes += size;
      if (events.length === EVENT_BATCH) deliverEvents();
    },
    deliver() {
      gathered = false;
      deliverScalars();
      deliverEvents();
    },
    overloaded: () => hosts.some((host) => host.overloaded()),
    async flush(deadlineMs) {
      run.deliver();
      await Promise.all(hosts.map((host) => host.flush(deadlineMs)));
    },
    async ask(backend, question) {
      run.deliver();
      return hosts.find((host) => host.label === backend)?.answer(question);
    },
    async serve(backend, request) {
      run.deliver();
      return hosts.find((host) => host.label === backend)?.serve(request);
    },
    finish(outcome, deadlineMs) {
      finished ??= (async () => {
        run.event({ kind: "finish", outcome, wallTime: Date.now() / 1000 }, 64);
        run.deliver();
        const reports = await Promise.all(
          hosts.map(
            async (host): Promise<[string, SyncReport]> => [
              host.label,
              await host.close(outcome, deadlineMs),
            ],
          ),
        );
        return Object.fromEntries(reports);
      })();
      return finished;
    },
  };
  return run;
}
