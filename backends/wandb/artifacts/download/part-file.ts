import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { generateId } from "../../run/run-id.js";

/** A mark is written each time this much has arrived; at most so much is fetched again after a crash. */
const MARK_EVERY = 1 << 20;
const CELL = 8;

/**
 * A file that is fetched in ranges, side by side, and over several attempts and processes. It is as long as the whole
 * will be; behind its end stands a table: the length of a range, and for each range how many of its bytes are there.
 */
export interface PartFile {
  readonly path: string;
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
  /** Bytes of a range that are there. */
  done(range: number): number;
  /** Adds bytes to a range. */
  append(range: number, chunks: readonly Uint8Array[]): Promise<void>;
  /** Forgets the bytes of a range. */
  reset(range: number): void;
  /** Cuts the table off and closes the file: now it is the whole. */
  finish(): Promise<void>;
  /** Closes the file and leaves it for a later attempt. */
  leave(): Promise<void>;
  /** Closes and removes it. */
  discard(): Promise<void>;
}

/**
 * Opens the part file of `key`: one that an ended process or an attempt left behind, else a new one.
 *
 * @param key what the file will hold, e.g. the hex of its digest; letters and digits
 * @param size bytes of the whole
 * @param rangeSize bytes of each range but the last
 */
export async function openPartFile(
  folder: string,
  key: string,
  size: number,
  rangeSize: number,
): Promise<PartFile> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${key}.${process.pid}-${generateId(8)}.part`);
  const found = await claim(folder, key, path);
  const file = await open(path, found ? "r+" : "wx+");
  const ranges = Array.from({ length: Math.max(1, Math.ceil(size / rangeSize)) }, (_, index) => ({
    start: index * rangeSize,
    end: Math.min(size, (index + 1) * rangeSize),
  }));
  const done = (await readTable(file, size, rangeSize, ranges)) ?? ranges.map(() => 0);
  const marked = [...done];
  const mark = async (range: number): Promise<void> => {
    const cell = Buffer.alloc(CELL);
    cell.writeDoubleLE(done[range]!);
    await file.write(cell, 0, CELL, size + CELL * (range + 1));
    marked[range] = done[range]!;
  };
  const head = Buffer.alloc(CELL * (ranges.length + 1));
  head.writeDoubleLE(rangeSize);
  for (const [range, count] of done.entries()) head.writeDoubleLE(count, CELL * (range + 1));
  await file.write(head, 0, head.length, size);

  return {
    path,
    ranges,
    done: (range) => done[range]!,
    async append(range, chunks) {
      const { length } = await writeAll(file, chunks, ranges[range]!.start + done[range]!);
      done[range]! += length;
      if (done[range]! - marked[range]! >= MARK_EVERY) await mark(range);
    },
    reset(range) {
      done[range] = 0;
    },
    async finish() {
      await file.truncate(size);
      await file.close();
    },
    async leave() {
      for (const range of ranges.keys()) await mark(range);
      await file.close();
      // The process goes on, so its number would keep others away.
      await rename(path, join(folder, `${key}.0-${generateId(8)}.part`));
    },
    async discard() {
      await file.close();
      await rm(path, { force: true });
    },
  };
}

/** Makes a file that nobody writes to any more ours. Renaming decides between processes that try at once. */
async function claim(folder: string, key: string, path: string): Promise<boolean> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${key}.`)) continue;
    const owner = /^(\d+)-\w+\.part$/.exec(name.slice(key.length + 1))?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    try {
      await rename(join(folder, name), path);
      return true;
    } catch {
      // Another process was quicker.
    }
  }
  return false;
}

function isAlive(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** How much of each range is there; undefined when the file has no table that fits. */
async function readTable(
  file: FileHandle,
  size: number,
  rangeSize: number,
  ranges: PartFile["ranges"],
): Promise<number[] | undefined> {
  const table = Buffer.alloc(CELL * (ranges.length + 1));
  const { bytesRead } = await file.read(table, 0, table.length, size);
  if (bytesRead < table.length || table.readDoubleLE(0) !== rangeSize) return undefined;
  const done = ranges.map((_, range) => table.readDoubleLE(CELL * (range + 1)));
  const fits = done.every(
    (count, range) =>
      Number.isSafeInteger(count) && count >= 0 && count <= ranges[range]!.end - ranges[range]!.start,
  );
  return fits ? done : undefined;
}

/** Writes chunks one after the other, without putting them together first. */
export async function writeAll(
  file: FileHandle,
  chunks: readonly Uint8Array[],
  position: number,
): Promise<{ readonly length: number }> {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const { bytesWritten } = await file.writev(chunks, position);
  if (bytesWritten < length) {
    // Rare: a disk that is almost full, for instance, which the next attempt says.
    const rest = Buffer.concat(chunks);
    for (let at = bytesWritten; at < length; ) {
      at += (await file.write(rest, at, length - at, position + at)).bytesWritten;
    }
  }
  return { length };
}
