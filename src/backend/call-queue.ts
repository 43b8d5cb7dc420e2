import { performance } from "node:perf_hooks";

/** Something to be done with a backend. Neither function may throw. */
export interface Call {
  /** Rough size of what waits with it. */
  readonly bytes: number;
  run(): void | Promise<void>;
  /** It will never run. */
  giveUp(reason: string): void;
}

/** Runs calls one after another: at once while nothing is under way, so that synchronous ones never wait. */
export interface CallQueue {
  add(call: Call): void;
  /** Begins to run calls; before, they wait. */
  open(): void;
  /** Drops everything that waits. */
  giveUp(reason: string): void;
  /** Whether a call that is added now would run at once. */
  readonly idle: boolean;
  /** Bytes waiting. */
  readonly bytes: number;
  /** How long the call under way, or the opening, has taken so far (milliseconds); 0 when there is none. */
  readonly busyMs: number;
}

/** @param freed called when the opening or a call that took time has ended */
export function createCallQueue(freed: () => void): CallQueue {
  let waiting: Call[] = [];
  /** Calls before it were taken out: cutting a long array at its front each time would take quadratic time. */
  let next = 0;
  let bytes = 0;
  /** Since when a call, or the opening, is under way. */
  let busySince: number | undefined = performance.now();

  const drain = () => {
    while (busySince === undefined && next < waiting.length) {
      const call = waiting[next++]!;
      bytes -= call.bytes;
      run(call);
    }
    if (next < waiting.length && next < waiting.length >> 1) return;
    waiting = waiting.slice(next);
    next = 0;
  };
  const run = (call: Call) => {
    const result = call.run();
    if (result === undefined) return;
    busySince = performance.now();
    void result.then(release);
  };
  const release = () => {
    busySince = undefined;
    freed();
    drain();
  };

  return {
    add(call) {
      if (busySince === undefined) return run(call);
      waiting.push(call);
      bytes += call.bytes;
    },
    open: release,
    giveUp(reason) {
      const given = waiting.slice(next);
      waiting = [];
      next = 0;
      bytes = 0;
      for (const call of given) call.giveUp(reason);
    },
    get idle() {
      return busySince === undefined;
    },
    get bytes() {
      return bytes;
    },
    get busyMs() {
      return busySince === undefined ? 0 : performance.now() - busySince;
    },
  };
}
