import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { RunDescription } from "../../src/backend/contract.js";
import { TraceletError } from "../../src/errors.js";

/** File systems take 255 bytes, and a letter may need four. */
const LONGEST_NAME = 50;

/** A file that only ever holds whole batches. */
export interface LineFile {
  readonly path: string;
  /** Adds whole lines. Throws `backend-failed` when they cannot all be written, and then leaves none of them. */
  append(lines: string): void;
  /** Returns when the disk has everything. */
  sync(): void;
  close(): void;
}

/** Opens the file of a run: the one asked for, or a new one named after the run. */
export function openRunFile(run: RunDescription, file: string | undefined): LineFile {
  if (file !== undefined) return openLineFile(resolve(run.dir, file), "a");
  const id = fileName(run.id);
  const name = fileName(run.name ?? "") || id;
  try {
    return openLineFile(join(run.dir, `${name}.jsonl`), "ax");
  } catch (error) {
    if (!(error instanceof TraceletError) || (error.cause as NodeJS.ErrnoException).code !== "EEXIST")
      throw error;
    return openLineFile(join(run.dir, `${name}-${id}.jsonl`), "a");
  }
}

/** A name is for people and may hold anything; in a file name it must not lead elsewhere. */
function fileName(name: string): string {
  const safe = name.trim().replace(/[^\p{L}\p{N} ._-]/gu, "_");
  return safe.replace(/^\.+/, "_").slice(0, LONGEST_NAME);
}

function openLineFile(path: string, flags: "a" | "ax"): LineFile {
  let fd: number;
  try {
    mkdirSync(dirname(path), { recursive: true });
    fd = openSync(path, flags === "a" ? "a+" : "ax+");
  } catch (cause) {
    throw failed(
      `Cannot open ${path} for writing: ${(cause as Error).message}. Choose another folder or file.`,
      cause,
    );
  }
  /** Everything before it is whole lines that were accepted. */
  let good = fstatSync(fd).size;
  if (endsTorn(fd, good)) good += writeSync(fd, "\n");

  return {
    path,
    append(lines) {
      const bytes = Buffer.from(lines, "utf8");
      let written = 0;
      try {
        // A full disk takes a part first and refuses the rest.
        while (written < bytes.length) written += writeSync(fd, bytes, written);
        good += written;
      } catch (cause) {
        // Another process may have written to the same file since; its lines are not ours to cut.
        if (written > 0 && fstatSync(fd).size === good + written) ftruncateSync(fd, good);
        throw failed(
          `Cannot write to ${path}: ${(cause as Error).message}. Free space on that disk; what was logged before is safe.`,
          cause,
        );
      }
    },
    sync: () => fsyncSync(fd),
    close: () => closeSync(fd),
  };
}

function failed(message: string, cause: unknown): TraceletError {
  return new TraceletError("backend-failed", message, { backend: "jsonl", cause });
}

/** A run that was killed may have left a part of a line. */
function endsTorn(fd: number, size: number): boolean {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  return readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
}
