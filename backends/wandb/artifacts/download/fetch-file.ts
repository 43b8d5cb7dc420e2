import { open, rm } from "node:fs/promises";
import type { HttpStream } from "../../server/http.js";
import type { Digester, Following } from "../digests/digester.js";
import { createHasher, type DigestAlgorithm } from "../digests/hasher.js";
import { inParallel } from "./in-parallel.js";
import { openPartFile, type PartFile, writeAll } from "./part-file.js";
import {
  inPieces,
  isDiskFull,
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
 * Fetches a file of unknown or little size into a new file at `path`. After a break it begins again.
 *
 * @param options.check looks at the headers before anything is written; throws what is wrong
 * @param options.algorithm of the digest that is returned
 * @returns the base64 digest of what arrived, if it is asked for
 */
export async function fetchStream(
  context: TransferContext,
  locate: Locate,
  path: string,
  options: {
    readonly size?: number | undefined;
    readonly algorithm?: DigestAlgorithm;
    readonly check?: ((headers: HttpStream["headers"]) => void) | undefined;
  } = {},
): Promise<string | undefined> {
  const { size, algorithm, check } = options;
  const { onBytes } = context;
  let most = 0;
  try {
    return await persist(
      context,
      locate,
      async (source) => {
        const hasher = algorithm === undefined ? undefined : await createHasher(algorithm);
        const file = await open(path, "w");
        let count = 0;
        try {
          const limit = size ?? MOST_UNKNOWN_BYTES;
          const answer = await openSource(context, source, { start: 0, limit, check });
          const promised = Number(answer.headers["content-length"] ?? Number.NaN);
          for await (const chunks of inPieces(answer.chunks)) {
            for (const chunk of chunks) hasher?.update(chunk);
            const { length } = await writeAll(file, chunks, count);
            count += length;
            most = Math.max(most, count);
            onBytes?.(length);
          }
          if (count < (size ?? (promised || 0))) throw new Error("the answer ended before the file did");
        } catch (error) {
          onBytes?.(-count);
          throw error;
        } finally {
          await file.close();
        }
        return hasher?.digest("base64");
      },
      () => most,
    );
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** A file of known size, and how it is fetched. */
export interface PartsFetch {
  /** Where its part file is. */
  readonly folder: string;
  /** What the part file will hold, see `openPartFile`. */
  readonly key: string;
  readonly size: number;
  readonly rules?: RangeRules;
  /** Digests what has arrived while more does. */
  readonly digests?: { readonly digester: Digester; readonly algorithm: DigestAlgorithm };
}

/** A part file, complete and closed. */
export interface FetchedParts {
  readonly path: string;
  /** Base64; undefined when it was not asked for. */
  readonly digest: Promise<string> | undefined;
}

/** Fetches a file of known size by way of a part file, so that what has arrived need not be fetched again. */
export async function fetchParts(
  context: TransferContext,
  locate: Locate,
  { folder, key, size, rules = RANGE_RULES, digests }: PartsFetch,
): Promise<FetchedParts> {
  const open = async (rangeSize: number): Promise<DigestedParts> =>
    digestBehind(await openPartFile(folder, key, size, rangeSize), digests);
  let file = await open(size >= rules.parallelFrom ? rules.rangeSize : size);
  try {
    try {
      await fetchRanges(context, locate, file, rules);
    } catch (error) {
      if (!(error instanceof RangesIgnored)) throw error;
      for (const range of file.ranges.keys()) context.onBytes?.(-file.done(range));
      await file.discard();
      file = await open(size);
      await fetchRanges(context, locate, file, rules);
    }
    await file.finish();
    return { path: file.path, digest: file.digest() };
  } catch (error) {
    // On a full disk it would be in the way of everything else.
    if (error instanceof WrongContent || isDiskFull(error)) await file.discard();
    else await file.leave();
    throw error;
  }
}

interface DigestedParts extends PartFile {
  digest(): Promise<string> | undefined;
}

/** A part file whose bytes are digested as soon as all before them are there. */
function digestBehind(file: PartFile, digests: PartsFetch["digests"]): DigestedParts {
  if (digests === undefined) return { ...file, digest: () => undefined };
  const { digester, algorithm } = digests;
  const follow = (): Following => digester.follow(file.path, algorithm);
  let following = follow();
  /** All ranges before this one are complete. */
  let first = 0;
  const reach = (): void => {
    const { ranges } = file;
    while (first < ranges.length - 1 && file.done(first) === ranges[first]!.end - ranges[first]!.start)
      first++;
    following.reach(ranges[first]!.start + file.done(first));
  };
  reach();
  return {
    ...file,
    async append(range, chunks) {
      await file.append(range, chunks);
      if (range === first) reach();
    },
    reset(range) {
      // What is written again may be something else.
      following.leave();
      file.reset(range);
      following = follow();
      first = 0;
      reach();
    },
    async leave() {
      following.leave();
      await file.leave();
    },
    async discard() {
      following.leave();
      await file.discard();
    },
    digest: () => following.digest(),
  };
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
      for await (const chunks of inPieces(answer.chunks)) {
        const before = file.done(range);
        await file.append(range, chunks);
        context.onBytes?.(file.done(range) - before);
      }
      if (start + file.done(range) < end) throw new Error("the answer ended before the file did");
    },
    () => file.done(range),
  );
}

/** Whether a file of this size is worth a part file. */
export const isLarge = (size: number): boolean => size > SMALL;
