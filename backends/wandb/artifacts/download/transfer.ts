import type { Readable } from "node:stream";
import { TraceletError } from "../../../../src/errors.js";
import { abandon } from "../../server/abandon.js";
import type { Http, HttpStream } from "../../server/http.js";
import {
  backoff,
  errorText,
  isFinalFailure,
  RequestError,
  type RetryPolicy,
  sleep,
} from "../../server/retry.js";

/** Without a byte for so long a transfer is taken for dead, and asked for again. */
const IDLE_MS = 60_000;
/** Of the body of a refusal, for its message. */
const MOST_REFUSAL_BYTES = 10_000;

/** Where a file can be fetched. */
export interface Source {
  readonly url: string;
  /** Signed and foreign addresses get no key. */
  readonly anonymous: boolean;
}

/** Says where the file is; asked `again` when what it said before does not work any more, as addresses expire. */
export type Locate = (again: boolean) => Promise<Source>;

/** What all transfers of one download share. */
export interface TransferContext {
  readonly http: Http;
  readonly policy: RetryPolicy;
  readonly signal?: AbortSignal | undefined;
  /** Told of bytes that arrived; negative for bytes that have to be fetched again. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

/** What arrived is not what was to come, and the same address will not do better. */
export class WrongContent extends Error {
  override readonly name = "WrongContent";
}

/** The server does not hand out parts of the file. */
export class RangesIgnored extends Error {
  override readonly name = "RangesIgnored";
}

/**
 * Does one thing with a source until it succeeds: waits and repeats when the network or server fails, asks for a new
 * address once when the old one is refused. Attempts count anew whenever something arrived.
 *
 * @param arrived how much has arrived, to see whether an attempt brought anything
 * @throws RequestError when it is given up; `WrongContent` and `RangesIgnored` at once; what the signal was aborted with
 */
export async function persist<Result>(
  context: TransferContext,
  locate: Locate,
  attempt: (source: Source) => Promise<Result>,
  arrived: () => number,
): Promise<Result> {
  const { policy, signal } = context;
  let most = arrived();
  let renewed = false;
  let source = await locate(false);
  for (let failures = 0; ; ) {
    try {
      return await attempt(source);
    } catch (error) {
      signal?.throwIfAborted();
      if (isFinal(error)) throw error;
      if (arrived() > most) {
        most = arrived();
        failures = 0;
        renewed = false;
      }
      const status = error instanceof RequestError ? error.status : 0;
      if (status !== 0 && !policy.repeats(status)) {
        if (renewed) throw error;
        renewed = true;
        source = await locate(true);
        continue;
      }
      if (failures >= policy.retries) throw error;
      await sleep(backoff(policy, failures), signal);
      failures += 1;
    }
  }
}

const DISK_CODES = /^(ENOSPC|EDQUOT|EACCES|EPERM|EROFS|EIO|ENOENT|ENOTDIR|EISDIR|EFBIG|EMFILE|ENFILE)$/;

/** Whether something was not written for want of room. */
export const isDiskFull = (error: unknown): boolean =>
  /^(ENOSPC|EDQUOT)$/.test((error as NodeJS.ErrnoException | undefined)?.code ?? "");

/** Whether something was not written because of the place. */
export const isUnwritable = (error: unknown): boolean =>
  isDiskFull(error) ||
  /^(EACCES|EPERM|EROFS|ENOTDIR)$/.test((error as NodeJS.ErrnoException | undefined)?.code ?? "");

/** A wrong file, a full disk and a wrong certificate do not pass by waiting. */
function isFinal(error: unknown): boolean {
  if (error instanceof WrongContent || error instanceof RangesIgnored || error instanceof TraceletError) {
    return true;
  }
  return isFinalFailure(error) || DISK_CODES.test((error as NodeJS.ErrnoException | undefined)?.code ?? "");
}

/** An answer with the bytes from `offset` on, as far as `limit`. */
export interface OpenAnswer {
  readonly headers: HttpStream["headers"];
  /** Where its first byte stands in the file. */
  readonly offset: number;
  /** Its bytes. Throws `WrongContent` as soon as there are more than there may be. */
  readonly chunks: AsyncIterable<Buffer>;
}

/** What is asked for. */
export interface Wanted {
  readonly start: number;
  /** Where a range ends; without it everything from `start` on is wanted. */
  readonly end?: number | undefined;
  /** Where the answer has to end. */
  readonly limit: number;
  /** Looks at the headers before anything is read; throws what is wrong. */
  readonly check?: ((headers: HttpStream["headers"]) => void) | undefined;
}

/**
 * Asks for the bytes of a file. A server that does not know ranges answers with the whole file: then the offset is 0.
 * The chunks have to be read, as they hold the connection.
 *
 * @throws RangesIgnored when a range with an end was asked for and the whole file comes
 */
export async function openSource(
  { http, signal }: TransferContext,
  source: Source,
  { start, end, limit, check }: Wanted,
): Promise<OpenAnswer> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(new Error(`nothing arrived for ${IDLE_MS / 1000} s`)), IDLE_MS);
  timer.unref();
  const ranged = start > 0 || end !== undefined;
  let answer: HttpStream;
  try {
    answer = await http.open({
      method: "GET",
      url: source.url,
      anonymous: source.anonymous,
      signal: signal === undefined ? idle.signal : AbortSignal.any([signal, idle.signal]),
      ...(ranged ? { headers: { range: `bytes=${start}-${end === undefined ? "" : end - 1}` } } : {}),
    });
  } catch (error) {
    clearTimeout(timer);
    throw error;
  }
  const { status, headers, body } = answer;
  try {
    if (status === 416) throw new WrongContent("the file ends before it should");
    if (status !== 200 && status !== 206) {
      const text = await readBounded(body, MOST_REFUSAL_BYTES, true);
      throw new RequestError(`${status}: ${errorText({ status, headers, body: text })}`, status);
    }
    if (status === 200 && end !== undefined) throw new RangesIgnored("the server does not know ranges");
    check?.(headers);
    const offset = status === 206 ? firstByte(headers["content-range"], start) : 0;
    return { headers, offset, chunks: chunksOf(body, limit - offset, timer) };
  } catch (error) {
    clearTimeout(timer);
    abandon(body);
    throw error;
  }
}

function firstByte(range: string | undefined, start: number): number {
  const first = Number(/^bytes (\d+)-/.exec(range ?? "")?.[1] ?? Number.NaN);
  if (first !== start) throw new WrongContent(`the server was asked for byte ${start} and sent others`);
  return first;
}

async function* chunksOf(body: Readable, most: number, timer: NodeJS.Timeout): AsyncIterable<Buffer> {
  let count = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      timer.refresh();
      count += chunk.length;
      if (count > most) throw new WrongContent("more arrives than there should be");
      yield chunk;
    }
  } finally {
    clearTimeout(timer);
    abandon(body);
  }
}

/** Written at once: chunks of the network are small, and each write is a way through Node's thread pool. */
const PIECE = 1 << 20;
/** Chunks of few bytes each are heavier than what is in them. */
const MOST_CHUNKS = 1024;

/** Chunks in lots to be written at once. What arrived before a failure comes before it. */
export async function* inPieces(chunks: AsyncIterable<Buffer>): AsyncIterable<readonly Buffer[]> {
  let waiting: Buffer[] = [];
  let size = 0;
  const take = (): readonly Buffer[] => {
    const piece = waiting;
    waiting = [];
    size = 0;
    return piece;
  };
  try {
    for await (const chunk of chunks) {
      waiting.push(chunk);
      size += chunk.length;
      if (size >= PIECE || waiting.length >= MOST_CHUNKS) yield take();
    }
  } catch (error) {
    if (size > 0) yield take();
    throw error;
  }
  if (size > 0) yield take();
}

/** Reads a body of at most so many bytes; a longer one is an error, or cut. */
export async function readBounded(body: AsyncIterable<Buffer>, most: number, cut = false): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > most && !cut) throw new WrongContent(`it is longer than ${most >> 20} MiB`);
    chunks.push(chunk);
    if (size > most) break;
  }
  return Buffer.concat(chunks).subarray(0, most);
}
