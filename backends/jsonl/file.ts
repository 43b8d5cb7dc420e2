import { createHash } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { dirname, join, parse, resolve } from "node:path";
import type { RunDescription } from "../../src/backend/contract.js";
import { makeFolder } from "../../src/backend/folder.js";
import { TraceletError } from "../../src/errors.js";

/** File systems take 255 bytes, and a letter may need four. */
const LONGEST_NAME = 50;
const UNSAFE = /[^\p{L}\p{N} ._-]/gu;

/** A file that only ever holds whole batches. */
export interface LineFile {
  readonly path: string;
  /** Adds whole lines. Throws `backend-failed` when they cannot all be written, and then leaves none of them. */
  append(lines: string): void;
  /** Returns when the disk has everything. */
  sync(): void;
  close(): void;
}

/** What begins a file, and who is told when it is gone. */
export interface LineFileOptions {
  /** Whole lines to begin with. */
  readonly header: string;
  /** Called once if someone removes the file or its folder while it is written; a new one is begun. */
  readonly onRemoved: (path: string) => void;
}

const CHECK_INTERVAL_MS = 1000;

/**
 * Opens the file of a run: the one asked for, or a new one named after the run. Runs of one job each get their id into the name,
 * for the name is the same for all.
 */
export function openRunFile(
  run: RunDescription,
  file: string | undefined,
  options: LineFileOptions,
): LineFile {
  const id = idName(run.id);
  if (file !== undefined) {
    const { dir, name, ext } = parse(resolve(run.dir, file));
    return openLineFile(join(dir, run.rank === undefined ? name + ext : `${name}-${id}${ext}`), "a", options);
  }
  const name = fileName(run.name ?? "") || id;
  if (run.rank !== undefined) {
    return openLineFile(join(run.dir, `${name === id ? "" : `${name}-`}${id}.jsonl`), "a", options);
  }
  try {
    return openLineFile(join(run.dir, `${name}.jsonl`), "ax", options);
  } catch (error) {
    if (!(error instanceof TraceletError) || (error.cause as NodeJS.ErrnoException).code !== "EEXIST")
      throw error;
    return openLineFile(join(run.dir, `${name}-${id}.jsonl`), "a", options);
  }
}

/** A name is for people and may hold anything; in a file name it must not lead elsewhere. */
function fileName(name: string): string {
  const safe = name.trim().replace(UNSAFE, "_");
  return safe.replace(/^\.+/, "_").slice(0, LONGEST_NAME);
}

/** As `fileName`, for ids: two that differ get two names, and the end stays, where a rank stands. */
function idName(id: string): string {
  const name = fileName(id);
  if (name === id) return name;
  const hash = createHash("sha256").update(id).digest("hex").slice(0, 8);
  const end = [...id].slice(-16).join("").replace(UNSAFE, "_");
  return `${name.slice(0, LONGEST_NAME - 26)}-${hash}-${end}`;
}

function openLineFile(path: string, flags: "a" | "ax", { header, onRemoved }: LineFileOptions): LineFile {
  let fd = -1;
  /** Everything before it is whole lines that were accepted. */
  let good = 0;
  let lastCheck = 0;
  let reported = false;

  const open = (how: "a" | "ax") => {
    try {
      makeFolder(dirname(path));
      fd = openSync(path, `${how}+`);
    } catch (cause) {
      throw failed(
        `Cannot open ${path} for writing: ${(cause as Error).message}. Choose another folder or file.`,
        cause,
      );
    }
    good = fstatSync(fd).size;
    lastCheck = performance.now();
    write(endsTorn(fd, good) ? `\n${header}` : header);
  };

  const write = (lines: string) => {
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
  };

  /** True when nobody will ever see what is written. */
  const isRemoved = () => {
    lastCheck = performance.now();
    const removed = fstatSync(fd).nlink === 0;
    if (removed && !reported) onRemoved(path);
    reported ||= removed;
    return removed;
  };

  open(flags);
  return {
    path,
    append(lines) {
      if (performance.now() - lastCheck > CHECK_INTERVAL_MS && isRemoved()) {
        const old = fd;
        open("a");
        closeSync(old);
      }
      write(lines);
    },
    sync: () => fsyncSync(fd),
    close() {
      isRemoved();
      closeSync(fd);
    },
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
