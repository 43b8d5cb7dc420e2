import { MessageChannel, receiveMessageOnPort, SHARE_ENV, Worker } from "node:worker_threads";
import type { Outcome } from "../events/event.js";
import { createSharedMemory } from "./layout.js";
import { encodeMessage } from "./message-codec.js";
import type { Command, Notice, Reply, WorkerInput } from "./protocol.js";
import { RingWriter } from "./ring-writer.js";

/** What a channel tells an experiment: the worker's notices, and `lost` when the worker is gone. */
export type ExperimentNotice =
  | Exclude<Notice, { type: "reply" }>
  | { readonly type: "lost"; readonly message: string };

/** The script's side of the connection to the logging worker. There is one for each thread that logs. */
export interface Channel {
  readonly writer: RingWriter;
  /** A number for a new experiment; its notices go to `listen`. */
  register(listen: (notice: ExperimentNotice) => void): number;
  /** The number under which scalars of this tag travel. */
  defineSeries(experiment: number, tag: string): number;
  /** Makes the numbers of series free for others; only after everything logged under them was sent. */
  releaseSeries(series: Iterable<number>): void;
  /** Writes the command into the ring; returns its size in bytes. */
  send(command: Command): number;
  /**
   * Sends a command and resolves when the worker has answered it; keeps the process alive until then. A worker that
   * does not answer in time is given up as lost.
   */
  request(make: (reply: Reply) => Command, timeoutMs: number): Promise<void>;
  /** Sends a command and sleeps until it is answered; false when the worker is lost or the time is up. */
  requestSync(make: (reply: Reply) => Command, timeoutMs: number): boolean;
  /** As `requestSync`, and returns what the answer holds; undefined when there is none. */
  askSync(make: (reply: Reply) => Command, timeoutMs: number): unknown;
  /** Keeps the process alive until the promise settles. */
  hold(promise: Promise<unknown>): void;
  /** Delivers the notices that have come so far, without waiting for the event loop. */
  receive(): void;
}

let current: Channel | undefined;

/** The channel of this thread; the worker starts when the first experiment does. */
export function openChannel(): Channel {
  current ??= startChannel();
  return current;
}

/** The channel if one was ever opened; for the exit hooks. */
export const existingChannel = (): Channel | undefined => current;

function startChannel(): Channel {
  const memory = createSharedMemory();
  const writer = new RingWriter(memory);
  const { port1: port, port2: workerPort } = new MessageChannel();
  const input: WorkerInput = { ...memory, port: workerPort };
  const worker = new Worker(new URL("./worker.js", import.meta.url), {
    name: "tracelet",
    workerData: input,
    transferList: [workerPort],
    env: SHARE_ENV,
    // The script's own loaders (tsx and the like) would be run again and delay the start.
    execArgv: [],
    stdin: false,
  });
  worker.unref();

  const listeners = new Map<number, (notice: ExperimentNotice) => void>();
  const requests = new Map<number, (answer?: unknown) => void>();
  let nextExperiment = 1;
  let nextReply = 1;
  let nextSeries = 1;
  const freeSeries: number[] = [];

  /** Awaited promises that only a message from the worker can settle. */
  let held = 0;
  const hold = (promise: Promise<unknown>) => {
    if (held++ === 0) port.ref();
    const release = () => {
      if (--held === 0) port.unref();
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

  /** The worker has ended or hangs: said once to every experiment; what is logged from now on is counted as dropped. */
  const lose = (message: string) => {
    if (current !== channel && writer.closed) return;
    writer.closed = true;
    if (current === channel) current = undefined;
    for (const listen of [...listeners.values()]) listen({ type: "lost", message });
    listeners.clear();
    for (const resolve of requests.values()) resolve();
    requests.clear();
    port.close();
    void worker.terminate();
  };

  port.on("message", dispatch);
  port.unref();
  worker.on("error", (error: unknown) =>
    lose(`the logging worker failed: ${error instanceof Error ? error.message : String(error)}`),
  );
  worker.on("exit", () => lose("the logging worker ended unexpectedly"));

  const channel: Channel = {
    writer,
    register(listen) {
      const experiment = nextExperiment++;
      listeners.set(experiment, listen);
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
      const wasClosed = writer.closed;
      const parts = encodeMessage(command);
      writer.message(parts);
      if (writer.closed && !wasClosed) lose("the logging worker does not answer");
      return parts.reduce((bytes, part) => bytes + part.byteLength, 0);
    },
    request(make, timeoutMs) {
      if (writer.closed) return Promise.resolve();
      const id = nextReply++;
      const answered = new Promise<void>((resolve) => {
        const timer = setTimeout(() => lose("the logging worker does not answer"), timeoutMs);
        requests.set(id, () => {
          clearTimeout(timer);
          resolve();
        });
      });
      hold(answered);
      channel.send(make({ id, sync: false }));
      port.postMessage(undefined);
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
    requestSync(make, timeoutMs) {
      if (writer.closed) return false;
      const id = nextReply++;
      channel.send(make({ id, sync: true }));
      port.postMessage(undefined);
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

/** Ends every open experiment of this thread and waits for it; for the moment before the process is gone. */
export function shutdown(outcome: Outcome, deadlineMs: number): void {
  current?.requestSync((reply) => ({ type: "shutdown", outcome, deadlineMs, reply }), deadlineMs + 1_000);
}
