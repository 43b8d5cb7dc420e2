import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { Http, HttpAnswer } from "./http.js";
import { type RetryOptions, type RetryPolicy, sendWithRetry, TRANSFER_RETRY } from "./retry.js";

/** Something for one signed address. */
interface Upload extends Pick<RetryOptions, "signal" | "hurry" | "onRetry"> {
  /** A signed address; a path that begins with `/` is one of the server itself (older servers give those). */
  readonly url: string;
  /** `uploadHeaders` of the server's answer: `Key:Value` each. */
  readonly headers: readonly string[];
  /** Besides `headers`, and in place of those of the same name: what a part of a larger upload needs. */
  readonly extraHeaders?: { readonly [name: string]: string } | undefined;
  /** Default `TRANSFER_RETRY`. */
  readonly policy?: RetryPolicy | undefined;
}

/** One file, or a range of its bytes, for one signed address. */
export interface FileUpload extends Upload {
  readonly path: string;
  /** Bytes of the file as they were counted for this upload: what is appended meanwhile is not sent. */
  readonly size: number;
  /** First byte; default 0. */
  readonly start?: number | undefined;
  /** The byte after the last one; default `size`. */
  readonly end?: number | undefined;
  /** Called when all but the last bytes are on their way; what it rejects with breaks the upload off before its end. */
  readonly beforeEnd?: (() => Promise<void>) | undefined;
  /** How many bytes of this upload are on their way; goes back to the beginning when it is tried again. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** Larger pieces than Node's 64 KiB: fewer turns of the event loop for each file. */
const READ_BYTES = 512 << 10;
/** The official client waits for ever. A connection that is dead would then hold its file until the run ends. */
const LEAST_TIMEOUT_MS = 5 * 60_000;
/** Slower than 32 kB/s is no upload any more. */
const LEAST_BYTES_PER_MS = 32;
/** Only a store's word about the upload. */
const MOST_ANSWER_BYTES = 1 << 20;
/** The longest a timer of Node can wait. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Puts a file to a signed address, straight from the disk. Tries again as the policy says, from the beginning.
 *
 * @returns the server's answer; a part of a larger upload needs its `etag`.
 * @throws RequestError when the server refuses, the file is gone or shorter than `size`, `beforeEnd` rejects, or the
 *   retries are used up; what the signal was aborted with.
 *
 * @example
 * ```ts
 * const { size } = await stat(path);
 * await uploadFile(http, { url: uploadUrl, headers: uploadHeaders, path, size });
 * ```
 */
export function uploadFile(http: Http, upload: FileUpload): Promise<HttpAnswer> {
  const { path, size, start = 0, end = size, beforeEnd, onProgress } = upload;
  const read = (): Readable => {
    // The last byte counts here.
    const file = createReadStream(path, { start, end: end - 1, highWaterMark: READ_BYTES });
    // A file that is gone by now fails the request, which has no connection yet and does not listen: nothing else may fail.
    file.on("error", () => {});
    if (onProgress === undefined && beforeEnd === undefined) return file;
    const checked = beforeEnd === undefined ? file : held(file, beforeEnd);
    // One piece in advance: each is large.
    return Readable.from(onProgress === undefined ? checked : counted(checked, onProgress), {
      highWaterMark: 1,
    });
  };
  return put(http, upload, end === start ? undefined : read, end - start);
}

/** As `uploadFile`, of bytes in memory. */
export function uploadBytes(
  http: Http,
  upload: Upload & { readonly bytes: Uint8Array },
): Promise<HttpAnswer> {
  const { bytes } = upload;
  return put(http, upload, bytes.length === 0 ? undefined : bytes, bytes.length);
}

function put(
  http: Http,
  upload: Upload,
  body: Uint8Array | (() => Readable) | undefined,
  length: number,
): Promise<HttpAnswer> {
  const { url, headers, extraHeaders, policy = TRANSFER_RETRY } = upload;
  return sendWithRetry(
    http,
    {
      method: "PUT",
      url,
      // Without a length an upload would go in chunks, which object stores refuse; an empty file needs its 0 as well.
      headers: { ...readHeaders(headers), ...extraHeaders, "content-length": String(length) },
      ...(body === undefined ? {} : { body }),
      timeoutMs: policy.timeoutMs ?? timeLimit(length),
      mostBytes: MOST_ANSWER_BYTES,
    },
    policy,
    upload,
  );
}

/** Whole minutes: timers of the same length share a list. */
function timeLimit(length: number): number {
  const minutes = Math.ceil(length / LEAST_BYTES_PER_MS / 60_000);
  return Math.min(LEAST_TIMEOUT_MS + minutes * 60_000, LONGEST_TIMEOUT_MS);
}

/** Headers as a server lists them: `Key:Value`, divided at the first colon. */
export function readHeaders(lines: readonly string[]): { [name: string]: string } {
  const headers: { [name: string]: string } = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
  }
  return headers;
}

async function* counted(source: AsyncIterable<Buffer>, tell: (bytes: number) => void) {
  let bytes = 0;
  for await (const piece of source) {
    yield piece;
    bytes += piece.length;
    tell(bytes);
  }
}

/** Passes bytes on, and the last piece when it may. */
async function* held(source: AsyncIterable<Buffer>, beforeEnd: () => Promise<void>) {
  let last: Buffer | undefined;
  for await (const piece of source) {
    if (last !== undefined) yield last;
    last = piece;
  }
  await beforeEnd();
  if (last !== undefined) yield last;
}
