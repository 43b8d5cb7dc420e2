import {
  MessageChannel,
  receiveMessageOnPort,
  SHARE_ENV,
  Worker,
  type WorkerOptions,
} from "node:worker_threads";
import { printLine } from "../backend/trouble.js";
import { messageOf, TraceletError } from "../errors.js";
import type { Outcome } from "../events/event.js";
import { createSharedMemory } from "./layout.js";
import { encodeMessage } from "./message-codec.js";
import type { Command, Notice, Reply, RunPlan, WorkerInput } from "./protocol.js";
import { RingWriter } from "./ring-writer.js";

/** The longest time a Node timer can be set to; with more it would go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** The worker keeps the deadline of the end itself; the script gives it this much more. */
const EXIT_GRACE_MS = 1_000;
/** A drain waits for a worker that is at work, and for backends to open, but not for a server that does not answer. */
const DRAIN_MS = 3_000;
/** A timer that is due after the process was stopped (Ctrl-Z) fires before the answer that lies ready is read. */
const SECOND_LOOK_MS = 1_000;

/** What a channel tells an experiment: the worker's notices, and `lost` when the worker is gone. */
export type ExperimentNotice =
  | Exclude<Notice, { type: "reply" }>
  | { readonly type: "lost"; readonly message: string };

/** The script's side of the connection to the logging worker. There is one for each thread that logs. */
export interface Channel {
  readonly writer: RingWriter;
  /** Opens a run in the worker; returns the experiment's number. Its notices go to `listen`. */
  open(plan: RunPlan, listen: (notice: ExperimentNotice) => void): number;
  /** The number under which scalars of this tag travel. */
  defineSeries(experiment: number, tag: string): number;
  /** Makes the numbers of series free for others; only after everything logged under them was sent. */
  releaseSeries(series: Iterable<number>): void;
  /** Writes the command into the ring; returns its size in bytes. */
  send(command: Command): number;
  /**
   * Sends a command and resolves with the worker's answer when it is there; keeps the process alive until then. A worker that
   * does not answer in time is given up as lost.
   */
  request(make: (reply: Reply) => Command, timeoutMs: number): Promise<unknown>;
  /** Sends a command and sleeps until it is answered; false when the worker is lost or the time is up. */
  requestSync(make: (reply: Reply) => Command, timeoutMs: number): boolean;
  /** As `requestSync`, and returns what the answer holds; undefined when there is none. */
  askSync(make: (reply: Reply) => Command, timeoutMs: number): unknown;
  /** Keeps the process alive until the promise settles. */
  hold(promise: Promise<unknown>): void;
  /** Delivers the notices that have come so far, without waiting for the event loop. */
  receive(): void;
  /** Gives the worker up: said once on stderr, told every experiment; what is logged from now on is dropped. */
  lose(message: string): void;
}

let current: Channel | undefined;

/** The channel of this thread; the worker starts when the first experiment does. */
export function openChannel(): Channel {
  current ??= startChannel();
  return current;
}

const NO_ANSWER = "the logging worker does not answer";

function startChannel(): Channel {
  const memory = createSharedMemory();
  const writer = new RingWriter(
    memory,
    () => lose(NO_ANSWER),
    () => wake(),
  );
  const { port1: port, port2: workerPort } = new MessageChannel();
  const input: WorkerInput = { ...memory, port: workerPort };
  const worker = startWorker(new URL("./worker.js", import.meta.url), {
    name: "tracelet",
    workerData: input,
    transferList: [workerPort],
    env: SHARE_ENV,
    // The script's own loaders (tsx and the like) would be run again and delay the start.
    execArgv: [],
    stdin: false,
    // They are never read: the worker prints directly (worker-output.ts).
    stdout: true,
    stderr: true,
    // What the worker makes lives for one look at the ring. V8's default of 48 MiB for such things would only fill up.
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
  worker.unref();

  const listeners = new Map<number, (notice: ExperimentNotice) => void>();
  const requests = new Map<number, (answer?: unknown) => void>();
  let nextExperiment = 1;
  let nextReply = 1;
  let nextSeries = 1;
  const freeSeries: number[] = [];

  /** How many awaited promises only the worker can settle, by a message or by its end. */
  let held = 0;
  const hold = (promise: Promise<unknown>) => {
    if (held++ === 0) {
      port.ref();
      // The port closes when the worker dies; only the worker itself then keeps the process until that is told.
      worker.ref();
    }
    const release = () => {
      if (--held > 0) return;
      port.unref();
      worker.unref();
    };
    promise.then(release, release);
  };

  const dispatch = (notice: Notice) => {
    if (notice.type === "reply") {
      const resolve = requests.get(notice.id);
      requests.delete(notice.id);
      resolve?.(notice.answer);
      return;
    }
    listeners.get(notice.experiment)?.(notice);
    if (notice.type === "finished") listeners.delete(notice.experiment);
  };

  let given = false;
  const lose = (message: string) => {
    if (given) return;
    given = true;
    // What it said before it ended still counts.
    channel.receive();
    writer.closed = true;
    if (current === channel) current = undefined;
    printLine(`${message}; what it had not written is lost, and what is logged from now on is dropped`);
    for (const listen of [...listeners.values()]) listen({ type: "lost", message });
    listeners.clear();
    for (const resolve of requests.values()) resolve();
    requests.clear();
    port.close();
    void worker.terminate();
  };

  /** Makes the worker look at once, up to here in any case. Without an open run it looks only when it is told to. */
  const wake = () => port.postMessage(writer.head);

  port.on("message", dispatch);
  port.unref();
  worker.on("error", (error: unknown) => lose(`the logging worker failed: ${messageOf(error)}`));
  worker.on("exit", () => lose("the logging worker ended unexpectedly"));

  const channel: Channel = {
    writer,
    open(plan, listen) {
      const experiment = nextExperiment++;
      listeners.set(experiment, listen);
      // Twice, because a plan that is larger than the ring is read while it is written.
      wake();
      channel.send({ type: "open", experiment, plan });
      wake();
      return experiment;
    },
    defineSeries(experiment, tag) {
      const series = freeSeries.pop() ?? nextSeries++;
      channel.send({ type: "series", experiment, series, tag });
      return series;
    },
    releaseSeries(series) {
      for (const id of series) freeSeries.push(id);
    },
    send(command) {
      const parts = encodeMessage(command);
      writer.message(parts);
      return parts.reduce((bytes, part) => bytes + part.byteLength, 0);
    },
    request(make, timeoutMs) {
      if (writer.closed) return Promise.resolve();
      const id = nextReply++;
      const answered = new Promise<unknown>((resolve) => {
        let timer = setTimeout(
          () => {
            timer = setTimeout(() => lose(NO_ANSWER), SECOND_LOOK_MS);
          },
          Math.min(timeoutMs, LONGEST_TIMER_MS),
        );
        requests.set(id, (answer) => {
          clearTimeout(timer);
          resolve(answer);
        });
      });
      hold(answered);
      channel.send(make({ id, sync: false }));
      wake();
      return answered;
    },
    hold,
    askSync(make, timeoutMs) {
      let answer: unknown;
      const id = nextReply;
      requests.set(id, (found) => {
        answer = found;
      });
      channel.requestSync(make, timeoutMs);
      requests.delete(id);
      return answer;
    },
    lose,
    requestSync(make, timeoutMs) {
      if (writer.closed) return false;
      const id = nextReply++;
      channel.send(make({ id, sync: true }));
      wake();
      const answered = writer.awaitAnswer(id, timeoutMs);
      channel.receive();
      return answered;
    },
    receive() {
      for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
        dispatch(next.message as Notice);
      }
    },
  };
  return channel;
}

function startWorker(file: URL, options: WorkerOptions): Worker {
  try {
    return new Worker(file, options);
  } catch (cause) {
    throw new TraceletError(
      "backend-failed",
      `the logging worker cannot be started: ${messageOf(cause)}. With Node's permission model, pass --allow-worker.`,
      { cause },
    );
  }
}

/** Ends every open experiment of this thread and waits for it; for the moment before the process is gone. */
export function shutdown(outcome: Outcome, deadlineMs: number): void {
  const channel = current;
  const done = channel?.requestSync(
    (reply) => ({ type: "shutdown", outcome, deadlineMs, reply }),
    deadlineMs + EXIT_GRACE_MS,
  );
  if (done === false) channel!.lose(NO_ANSWER);
}

/** Waits until what was logged so far is with the backends; for a moment after which the process may be gone. */
export function drain(): void {
  current?.requestSync((reply) => ({ type: "drain", reply }), DRAIN_MS);
}
