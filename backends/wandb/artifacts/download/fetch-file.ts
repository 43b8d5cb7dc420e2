import { createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import type { HttpStream } from "../../server/http.js";
import { inParallel } from "./in-parallel.js";
import { openPartFile, type PartFile } from "./part-file.js";
import {
  inPieces,
  type Locate,
  openSource,
  persist,
  RangesIgnored,
  type TransferContext,
  WrongContent,
} from "./transfer.js";

/** Files up to this size are fetched in one go and, after a break, from their beginning. */
const SMALL = 1 << 20;
/** Nothing says how long an answer will be: then it may be this long. */
export const MOST_UNKNOWN_BYTES = 16 * 2 ** 30;

/** How large files are fetched. Numbers of the official client. */
export interface RangeRules {
  /** Files from this size on are fetched in several ranges at a time. Default 2 GiB. */
  readonly parallelFrom: number;
  /** Default 100 MiB. */
  readonly rangeSize: number;
  /** How many ranges of one file at a time. */
  readonly atOnce: number;
}

export const RANGE_RULES: RangeRules = { parallelFrom: 2 * 2 ** 30, rangeSize: 100 << 20, atOnce: 8 };

/**
 * Fetches a file of unknown or little size into a new file at `path`, and gives the base64 MD5 of what arrived. After a
 * break it begins again.
 *
 * @param check looks at the headers before anything is written; throws what is wrong
 */
export async function fetchStream(
  context: TransferContext,
  locate: Locate,
  path: string,
  options: {
    readonly size?: number | undefined;
    readonly check?: ((headers: HttpStream["headers"]) => void) | undefined;
  } = {},
): Promise<string> {
  const { size, check } = options;
  const { onBytes } = context;
  let most = 0;
  try {
    return await persist(
      context,
      locate,
      async (source) => {
        const hash = createHash("md5");
        const file = await open(path, "w");
        let count = 0;
        try {
          const limit = size ?? MOST_UNKNOWN_BYTES;
          const answer = await openSource(context, source, { start: 0, limit, check });
          const promised = Number(answer.headers["content-length"] ?? Number.NaN);
          for await (const chunk of inPieces(answer.chunks)) {
            hash.update(chunk);
            await file.writeFile(chunk);
            count += chunk.length;
            most = Math.max(most, count);
            onBytes?.(chunk.length);
          }
          if (count < (size ?? (promised || 0))) throw new Error("the answer ended before the file did");
        } catch (error) {
          onBytes?.(-count);
          throw error;
        } finally {
          await file.close();
        }
        return hash.digest("base64");
      },
      () => most,
    );
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/**
 * Fetches a file of known size by way of a part file, so that what has arrived need not be fetched again, and gives the
 * part file, complete and closed.
 */
export async function fetchParts(
  context: TransferContext,
  locate: Locate,
  folder: string,
  key: string,
  size: number,
  rules: RangeRules = RANGE_RULES,
): Promise<string> {
  const parallel = size >= rules.parallelFrom;
  let file = await openPartFile(folder, key, size, parallel ? rules.rangeSize : size);
  try {
    try {
      await fetchRanges(context, locate, file, rules);
    } catch (error) {
      if (!(error instanceof RangesIgnored)) throw error;
      await file.discard();
      file = await openPartFile(folder, key, size, size);
      await fetchRanges(context, locate, file, rules);
    }
    await file.finish();
    return file.path;
  } catch (error) {
    if (error instanceof WrongContent) await file.discard();
    else await file.leave();
    throw error;
  }
}

/** The first range alone, as its answer tells whether the server knows ranges; then the others. */
async function fetchRanges(
  context: TransferContext,
  locate: Locate,
  file: PartFile,
  { atOnce }: RangeRules,
): Promise<void> {
  const [first, ...others] = file.ranges.keys();
  for (const range of file.ranges.keys()) context.onBytes?.(file.done(range));
  await fetchRange(context, locate, file, first!);
  await inParallel(others, atOnce, context.signal, (range, signal) =>
    fetchRange({ ...context, signal }, locate, file, range),
  );
}

async function fetchRange(
  context: TransferContext,
  locate: Locate,
  file: PartFile,
  range: number,
): Promise<void> {
  const { start, end } = file.ranges[range]!;
  const isWhole = file.ranges.length === 1;
  if (file.done(range) === end - start) return;
  await persist(
    context,
    locate,
    async (source) => {
      const at = start + file.done(range);
      const answer = await openSource(context, source, {
        start: at,
        ...(isWhole ? {} : { end }),
        limit: end,
      });
      if (answer.offset !== at) {
        context.onBytes?.(-file.done(range));
        file.reset(range);
      }
      for await (const chunk of inPieces(answer.chunks)) {
        await file.append(range, chunk);
        context.onBytes?.(chunk.length);
      }
      if (start + file.done(range) < end) throw new Error("the answer ended before the file did");
    },
    () => file.done(range),
  );
}

/** Whether a file of this size is worth a part file. */
export const isLarge = (size: number): boolean => size > SMALL;
