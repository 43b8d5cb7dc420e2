import { TraceletError } from "../../../../src/errors.js";
import type { Connection } from "../../server/connection.js";
import { RequestError, type RetryOptions, type RetryPolicy } from "../../server/retry.js";
import { readHeaders, uploadBytes, uploadFile } from "../../server/upload.js";
import { cachedPath, type FileCache } from "../cache.js";
import { knownDigest } from "../digests/digest.js";
import type { Digester } from "../digests/digester.js";
import type { Part } from "../digests/file-digests.js";
import {
  changedFile,
  checkUnchanged,
  entryAlgorithm,
  type FileEntry,
  findFile,
  type LocalFile,
  readSmallFile,
} from "./local-file.js";
import { COMPLETE_MULTIPART, type UploadTarget } from "./operations.js";
import type { Slots } from "./slots.js";

/** When a file is uploaded in parts. Numbers of the official client (`core/pkg/artifacts/multipart.go`). */
export interface MultipartRule {
  /** Bytes from which on a file goes in parts. */
  readonly threshold: number;
  /** Bytes of a part, unless there would be too many. */
  readonly partSize: number;
}

export const MULTIPART: MultipartRule = { threshold: 2 * 2 ** 30, partSize: 100 * 2 ** 20 };
const MOST_PARTS = 10_000;
/** Part sizes beyond the usual one are multiples of this. */
const PART_STEP = 4096;
/** Larger objects are none that an object store takes. */
export const MOST_FILE_BYTES = 5 * 2 ** 40;

/** Transfers that go on at a time. */
export const TRANSFER_SLOTS = 128;
/** A file read in pieces takes as many of them: its pieces are in memory, and few fill a line. */
const LARGE_FILE_SLOTS = 8;
/** Up to this size a file is read at once. */
const SMALL_FILE_BYTES = 256 << 10;

/** What transfers share. */
export interface TransferContext extends Pick<RetryOptions, "signal" | "hurry" | "onRetry"> {
  readonly connection: Connection;
  readonly policy: RetryPolicy | undefined;
  /** Folder of W&B's caches. */
  readonly cacheFolder: string;
  readonly cache: FileCache;
  readonly slots: Slots;
  readonly digester: Digester;
  readonly multipart: MultipartRule;
}

export function partSizeOf(size: number, { partSize }: MultipartRule): number {
  if (Math.ceil(size / partSize) < MOST_PARTS) return partSize;
  return Math.ceil(Math.ceil(size / MOST_PARTS) / PART_STEP) * PART_STEP;
}

/** A file that is uploaded in parts. */
export interface Division {
  readonly file: LocalFile;
  readonly parts: readonly Part[];
}

/** An entry, and what a server wants to know of its bytes. */
export interface PreparedFile {
  readonly entry: FileEntry;
  /** Empty for a file in parts that is known by another digest: the official client does not tell either. */
  readonly md5: string;
  /** Of an entry that is to be uploaded in parts. */
  readonly division: Division | undefined;
}

/**
 * Finds out what a server wants to know of the bytes of an entry.
 *
 * @throws TraceletError `invalid-file` when the file is gone or has changed.
 */
export async function prepare(context: TransferContext, entry: FileEntry): Promise<PreparedFile> {
  const { multipart, cacheFolder, digester } = context;
  const size = entry.size ?? 0;
  const algorithm = entryAlgorithm(entry);
  const isDivided = size >= multipart.threshold;
  if (algorithm === "MD5" && !isDivided) return { entry, md5: entry.digest, division: undefined };
  const file = findFile(entry, cachedPath(cacheFolder, entry.digest, algorithm));
  const { whole, parts } = await digester.digest({
    path: file.path,
    size,
    algorithms: isDivided || algorithm === "MD5" ? [algorithm] : [algorithm, "MD5"],
    partSize: isDivided ? partSizeOf(size, multipart) : undefined,
  });
  if (whole[algorithm] !== entry.digest) throw changedFile(entry);
  return { entry, md5: whole.MD5 ?? "", division: isDivided ? { file, parts } : undefined };
}

/**
 * Brings the bytes of an entry to where the server wants them, and keeps them in the cache.
 *
 * @param onBytes bytes more (or, before another attempt, fewer) than before
 * @throws TraceletError `invalid-file` when the file is gone or has changed; RequestError when the server refuses.
 */
export async function transfer(
  context: TransferContext,
  { entry, md5, division }: PreparedFile,
  target: UploadTarget,
  onBytes: (more: number) => void,
): Promise<void> {
  const { slots, cacheFolder, cache, digester } = context;
  const size = entry.size ?? 0;
  // A small file is read in one step: Node's thread pool would cost several times as much as its upload.
  const small = size <= SMALL_FILE_BYTES;
  if (target.uploadUrl === null && target.uploadMultipartUrls === null) return onBytes(size);
  const algorithm = entryAlgorithm(entry);
  const cached = cachedPath(cacheFolder, entry.digest, algorithm);
  const keep = async (file: LocalFile & { readonly bytes?: Buffer }) => {
    if (!entry.skipCache) await cache.keep({ ...file, digest: entry.digest, algorithm });
  };
  if (division !== undefined && target.uploadMultipartUrls !== null) {
    await sendParts(context, entry, division, target, onBytes);
    return await keep(division.file);
  }
  await slots.run(small ? 1 : LARGE_FILE_SLOTS, async () => {
    context.signal?.throwIfAborted();
    const upload = { ...context, url: target.uploadUrl!, headers: target.uploadHeaders ?? [] };
    if (small) {
      const file = readSmallFile(entry, md5, cached);
      await uploadBytes(context.connection.http, { ...upload, bytes: file.bytes });
      onBytes(size);
      return await keep(file);
    }
    const file = division?.file ?? findFile(entry, cached);
    const sure = division !== undefined || knownDigest(file.path, file.stats) === md5;
    // Read twice, at the same time: the second reading finds it in memory.
    const digests = sure ? undefined : digester.digest({ path: file.path, size, algorithms: ["MD5"] });
    digests?.catch(() => {});
    const progress = counter(onBytes);
    await uploadFile(context.connection.http, {
      ...upload,
      path: file.path,
      size,
      onProgress: progress.reach,
      beforeEnd: async () => {
        if (digests !== undefined && (await digests).whole.MD5 !== md5) throw changedFile(entry);
        checkUnchanged(entry, file);
      },
    }).catch(progress.undo(entry));
    await keep(file);
  });
}

async function sendParts(
  context: TransferContext,
  entry: FileEntry,
  { file, parts }: Division,
  target: UploadTarget,
  onBytes: (more: number) => void,
): Promise<void> {
  const { connection, policy, slots, signal, hurry, onRetry } = context;
  const { uploadID, uploadUrlParts } = target.uploadMultipartUrls!;
  const headers = readHeaders(target.uploadHeaders ?? []);
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  const urls = new Map(uploadUrlParts.map(({ partNumber, uploadUrl }) => [partNumber, uploadUrl]));
  const sent = await Promise.allSettled(
    parts.map(({ partNumber, start, end, md5 }) =>
      slots.run(LARGE_FILE_SLOTS, async () => {
        signal?.throwIfAborted();
        const url = urls.get(partNumber);
        if (url === undefined)
          throw new RequestError(`no address for part ${partNumber} of "${entry.path}"`, 200);
        const progress = counter(onBytes);
        const answer = await uploadFile(connection.http, {
          signal,
          hurry,
          onRetry,
          policy,
          url,
          headers: [],
          extraHeaders: { "content-md5": md5, "content-type": type },
          path: file.path,
          size: file.stats.size,
          start,
          end,
          onProgress: progress.reach,
          beforeEnd: async () => checkUnchanged(entry, file),
        }).catch(progress.undo(entry));
        const etag = answer.headers["etag"];
        if (etag === undefined)
          throw new RequestError(`the store named no ETag of part ${partNumber}`, answer.status);
        return { partNumber, hexMD5: etag };
      }),
    ),
  );
  const completedParts = sent.map((part) => {
    if (part.status === "rejected") throw part.reason;
    return part.value;
  });
  await connection.graphql.query(
    COMPLETE_MULTIPART,
    {
      completeMultipartAction: "Complete",
      completedParts,
      artifactID: target.artifact.id,
      storagePath: target.storagePath ?? "",
      uploadID,
    },
    { signal, hurry, onRetry },
  );
}

/** Turns the bytes an upload has reached into steps, and takes them back when it fails. */
function counter(onBytes: (more: number) => void) {
  let reached = 0;
  const reach = (bytes: number) => {
    onBytes(bytes - reached);
    reached = bytes;
  };
  return {
    reach,
    undo: (entry: FileEntry) => (error: unknown) => {
      reach(0);
      const { cause } = error as Error;
      if (cause instanceof TraceletError) throw cause;
      // The file was shorter than when it was found.
      const { code } = (cause ?? {}) as { code?: unknown };
      throw code === "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH" ? changedFile(entry) : error;
    },
  };
}
