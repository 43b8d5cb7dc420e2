import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { messageOf } from "../../../src/errors.js";
import type { Http, HttpAnswer } from "../server/http.js";
import {
  FILE_STREAM_RETRY,
  isJson,
  RequestError,
  type RetryPolicy,
  sendWithRetry,
  sleep,
} from "../server/retry.js";
import { createRateLimit } from "./rate-limit.js";
import { type LineKind, type PartsOptions, postInParts } from "./smaller-request.js";
import { encodeBody, type StreamBody } from "./stream-body.js";
import {
  createStreamBuffer,
  type StreamMark,
  type StreamOffsets,
  type StreamRequest,
} from "./stream-buffer.js";

/** Limits of the official client (`core/internal/filestream`). */
const MAX_BYTES = 10 << 20;
const MAX_LINE_BYTES = MAX_BYTES - (100 << 10);
const TRANSMIT_INTERVAL_MS = 15_000;
const HEARTBEAT_MS = 30_000;

/** Requests are not made smaller than that before the server has refused one. */
const LEAST_REQUEST_BYTES = 64 << 10;
const MOST_ANSWER_BYTES = 1 << 20;
/** What may be given in one go before `hasRoom` lets the request under way move on. */
const TURN_BYTES = 256 << 10;

const compress = promisify(gzip);

export interface FileStreamOptions {
  readonly http: Http;
  /** `/files/<entity>/<project>/<run>/file_stream`, escaped. */
  readonly path: string;
  /** Of every request: those of shared mode. */
  readonly headers?: { readonly [name: string]: string };
  /** Lines the server has already, of a resumed run; they are added to the numbers of this stream's lines. */
  readonly offsets: StreamOffsets;
  /** Least time between the beginnings of two requests; default 15 s. */
  readonly transmitIntervalMs?: number;
  /** An empty request is sent when nothing else was for so long; default 30 s. */
  readonly heartbeatMs?: number;
  /** For the lines of one request, and for those that wait before `hasRoom` holds back; default 10 MiB. */
  readonly maxBytes?: number;
  /** A longer line is dropped; default 10 MiB - 100 KiB. */
  readonly maxLineBytes?: number;
  /** A longer summary is skipped; default that of a line, but never less than a line's default. */
  readonly maxSummaryBytes?: number;
  /** Only for servers with the feature `FILESTREAM_GZIP`; default false. */
  readonly gzip?: boolean;
  /** Default `FILE_STREAM_RETRY`. */
  readonly policy?: RetryPolicy;
  /** Once aborted, no wait for another attempt is longer than a second. */
  readonly hurry?: AbortSignal | undefined;
  /** Ends the stream at once; what waits is given up, without a word. */
  readonly signal?: AbortSignal | undefined;
  /** After each request that had content. */
  onAcknowledged(sent: Acknowledged): void;
  /**
   * A line or summary beyond its limit. A line beyond ours is told while it is given.
   *
   * @param line of a line that only the server refuses (413), the lines before it; its small values take its place. Other lines
   * that are dropped have no number.
   */
  onDropped(kind: LineKind, reason: string, line?: number): void;
  /** A request did not succeed and will be sent again. */
  onTrouble(problem: string, status: number): void;
  /** Somebody asked on the server that the run be stopped; at most once. */
  onStopped(): void;
  /** The server refuses for good. Nothing more is sent; what waits and what comes is thrown away. */
  onFailed(error: RequestError): void;
}

/** What the server has confirmed, without the offsets. */
export interface Acknowledged {
  /** Lines since the start. */
  readonly history: number;
  readonly events: number;
  /** Every console line below this index has arrived as it was last given. */
  readonly console: number;
  /** Names that this request reported. */
  readonly uploaded: readonly string[];
}

/** A run's lines on their way to the server. No method throws; after `finish` or a failure they do nothing. */
export interface FileStream {
  /** Whether a line is within its limit; one beyond it is dropped, gets no number, and is told once it is given. */
  fits(line: string): boolean;
  /** A row: one line of JSON. */
  history(line: string): void;
  /** A system sample: one line of JSON. */
  event(line: string): void;
  /** @param index from 0 within this run; one that comes again replaces the line. */
  consoleLine(index: number, text: string): void;
  /** The whole summary; the latest one counts. A function is asked when a request is made. */
  summary(json: string | (() => string)): void;
  /** A run file has been uploaded. */
  uploaded(name: string): void;
  /** The process may be suspended; said at once. */
  preempting(): void;
  /** Of lines that are not yet in a request. A request under way holds up to `maxBytes` besides. */
  readonly waitingBytes: number;
  /**
   * Resolves when `waitingBytes` is below `maxBytes`. Gives the event loop a turn now and then: a source that never waits
   * for anything else would keep the bytes of a request from the socket until the buffer is full.
   */
  hasRoom(): Promise<void>;
  /** Sends at once. Resolves when what was given so far is confirmed, or the stream has ended. */
  flush(): Promise<void>;
  /**
   * Sends the rest and ends the stream. Resolves also when the server refuses, or the signal ends it.
   *
   * @param end with it the last request says that the run is over; without, the stream is only emptied.
   */
  finish(end: { readonly exitCode: number } | undefined): Promise<void>;
}

/**
 * Starts the file stream of a run: one request at a time, at once when there is something after a pause, else one in
 * `transmitIntervalMs`. What comes meanwhile is merged. A request is repeated as it was until the server has it; as every
 * line has its number, one that arrived twice changes nothing.
 *
 * @example
 * ```ts
 * const stream = createFileStream({ http, path, offsets: { history: 0, events: 0, console: 0 }, onAcknowledged, ... });
 * stream.history('{"loss":0.5,"_step":0}');
 * await stream.finish({ exitCode: 0 });
 * ```
 */
export function createFileStream(options: FileStreamOptions): FileStream {
  const { http, path, signal, hurry, policy = FILE_STREAM_RETRY } = options;
  const { transmitIntervalMs = TRANSMIT_INTERVAL_MS, heartbeatMs = HEARTBEAT_MS } = options;
  const { maxBytes = MAX_BYTES, maxLineBytes = MAX_LINE_BYTES } = options;
  let { maxSummaryBytes = Math.max(maxLineBytes, MAX_LINE_BYTES) } = options;
  /** Of the lines of one request; less than `maxBytes` once the server has refused a smaller one. */
  let requestBytes = maxBytes;
  const tooLong = (what: string, bytes: number, limit: number): string =>
    `a ${what} of ${bytes} bytes is longer than the ${limit} the server takes`;
  const buffer = createStreamBuffer({
    offsets: options.offsets,
    maxBytes,
    maxSummaryBytes: () => maxSummaryBytes,
    onSummarySkipped: (bytes) => options.onDropped("summary", tooLong("summary", bytes, maxSummaryBytes)),
  });
  const rateLimit = createRateLimit();

  /** The earliest times of the next request with content, and of the next heartbeat. */
  let nextAt = 0;
  let beatAt = performance.now() + heartbeatMs;
  let isPreempting = false;
  let isStopped = false;
  let finishing: { readonly end: { readonly exitCode: number } | undefined } | undefined;
  let isComplete = false;
  let hasEnded = false;
  let roomWaiters: (() => void)[] = [];
  let bytesThisTurn = 0;
  let flushes: { readonly mark: StreamMark; readonly done: () => void }[] = [];
  let pause: { readonly until: number; readonly end: () => void } | undefined;

  const isTaking = (): boolean => !hasEnded && finishing === undefined;

  const dueAt = (): number => {
    if (finishing !== undefined || flushes.length > 0 || isPreempting) return 0;
    if (buffer.bytes >= requestBytes) return 0;
    return buffer.isEmpty ? beatAt : nextAt;
  };

  const pauseUntil = (until: number): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        pause = undefined;
        resolve();
      };
      const timer = setTimeout(end, until - performance.now());
      pause = { until, end };
    });

  /** A pause is over when something makes a request due before its end. */
  const changed = (): void => {
    if (pause !== undefined && (signal?.aborted || dueAt() < pause.until)) pause.end();
  };

  const freeRoom = (): void => {
    if (buffer.bytes >= maxBytes) return;
    const waiters = roomWaiters;
    roomWaiters = [];
    for (const done of waiters) done();
  };

  const settleFlushes = (): void => {
    const settled = flushes.filter(({ mark }) => buffer.hasPassed(mark));
    flushes = flushes.filter((flush) => !settled.includes(flush));
    for (const { done } of settled) done();
  };

  const nextRequest = (): StreamRequest => {
    const request = buffer.take(requestBytes, flushes[0]?.mark);
    if (request.body.preempting) isPreempting = false;
    if (finishing?.end !== undefined && buffer.isEmpty) {
      request.body.complete = true;
      request.body.exitcode = finishing.end.exitCode;
      isComplete = true;
    }
    freeRoom();
    return request;
  };

  const post = async (body: StreamBody, returned?: number): Promise<HttpAnswer> => {
    const waitMs = rateLimit.take(performance.now());
    if (waitMs > 0) await sleep(waitMs, signal, hurry);
    const json = encodeBody(body);
    const isPacked = options.gzip === true && Object.keys(body).length > 0;
    const answer = await sendWithRetry(
      http,
      {
        method: "POST",
        url: path,
        headers: {
          "content-type": "application/json",
          ...(isPacked ? { "content-encoding": "gzip" } : {}),
          ...options.headers,
        },
        // Made once: a repeated request is the same to the byte.
        body: isPacked ? await compress(json) : json,
        mostBytes: MOST_ANSWER_BYTES,
      },
      policy,
      {
        signal,
        hurry,
        returned,
        check: isJson,
        onRetry: (problem, status) => options.onTrouble(problem, status),
      },
    );
    rateLimit.observe(answer.headers, performance.now());
    return answer;
  };

  const inParts: PartsOptions = {
    post,
    onTooLarge(bytes) {
      requestBytes = Math.min(requestBytes, Math.max(bytes >> 1, LEAST_REQUEST_BYTES));
    },
    onLeftOut(kind, bytes, place) {
      const reason = `the server refused one of ${bytes} bytes (413)`;
      if (kind !== "summary") return options.onDropped(kind, reason, place - options.offsets[kind]);
      maxSummaryBytes = Math.min(maxSummaryBytes, bytes - 1);
      options.onDropped(kind, reason);
    },
  };

  const transmit = async (): Promise<void> => {
    const { body, history, events, consoleEnd, uploaded } = nextRequest();
    const now = performance.now();
    const isHeartbeat = Object.keys(body).length === 0;
    if (!isHeartbeat) nextAt = now + transmitIntervalMs;
    beatAt = now + heartbeatMs;
    const answers = await postInParts(body, inParts);
    if (!isStopped && answers.some(asksToStop)) {
      isStopped = true;
      options.onStopped();
    }
    if (!isHeartbeat) {
      const console = Math.min(consoleEnd, buffer.lowestConsoleLine());
      options.onAcknowledged({ history, events, console, uploaded });
    }
    settleFlushes();
  };

  const isDone = (): boolean =>
    finishing !== undefined && buffer.isEmpty && (finishing.end === undefined || isComplete);

  const run = async (): Promise<void> => {
    try {
      while (!signal?.aborted && !isDone()) {
        const due = dueAt();
        if (due > performance.now()) await pauseUntil(due);
        else await transmit();
      }
    } catch (error) {
      if (!signal?.aborted) {
        const isRefusal = error instanceof RequestError;
        options.onFailed(isRefusal ? error : new RequestError(messageOf(error), 0, error));
      }
    } finally {
      hasEnded = true;
      signal?.removeEventListener("abort", changed);
      buffer.clear();
      freeRoom();
      for (const { done } of flushes) done();
      flushes = [];
    }
  };
  signal?.addEventListener("abort", changed);
  const running = run();

  const line = (kind: "history" | "events", text: string, add: (text: string, bytes: number) => void) => {
    if (!isTaking()) return;
    const bytes = Buffer.byteLength(text);
    if (bytes > maxLineBytes) {
      options.onDropped(kind, tooLong("line", bytes, maxLineBytes));
      return;
    }
    add(text, bytes);
    bytesThisTurn += bytes;
    changed();
  };
  const other = (add: () => void): void => {
    if (!isTaking()) return;
    add();
    changed();
  };

  return {
    // A character is at most three bytes.
    fits: (text) => text.length * 3 <= maxLineBytes || Buffer.byteLength(text) <= maxLineBytes,
    history: (text) => line("history", text, buffer.history),
    event: (text) => line("events", text, buffer.event),
    consoleLine: (index, text) => other(() => buffer.consoleLine(index, text)),
    summary: (json) => other(() => buffer.summary(json)),
    uploaded: (name) => other(() => buffer.uploaded(name)),
    preempting: () =>
      other(() => {
        isPreempting = true;
        buffer.preempting();
      }),
    get waitingBytes() {
      return buffer.bytes;
    },
    async hasRoom() {
      if (bytesThisTurn > TURN_BYTES) {
        bytesThisTurn = 0;
        await new Promise((done) => setImmediate(done));
      }
      if (hasEnded || buffer.bytes < maxBytes) return;
      await new Promise<void>((done) => roomWaiters.push(done));
    },
    flush() {
      if (hasEnded) return Promise.resolve();
      return new Promise((done) => {
        flushes.push({ mark: buffer.mark(), done });
        // Between two requests there is nothing to wait for but what waits in the buffer.
        if (pause !== undefined) settleFlushes();
        changed();
      });
    },
    finish(end) {
      finishing ??= { end };
      changed();
      return running;
    },
  };
}

function asksToStop({ body }: HttpAnswer): boolean {
  return (JSON.parse(body.toString()) as { readonly stopped?: unknown } | null)?.stopped === true;
}
