import { readFileSync, statSync, writeFileSync } from "node:fs";
import { isOpenHere, isRunning, type ProcessMark, thisProcess } from "./process-mark.js";

/** Which of the writers of a run a log is of. */
export interface Writer {
  /** Whether there are several; the server keeps their rows apart by `id`. */
  readonly shared: boolean;
  /** 32 characters of a-z and 0-9. */
  readonly id: string;
  readonly label?: string | undefined;
  /** Whether it writes the files about the run as a whole. */
  readonly primary: boolean;
  /** Whether its end is that of the run. */
  readonly endsRun: boolean;
  /** Whether the run goes on with one of its id: if there is one, only then, or only if there is none. */
  readonly resume?: "allow" | "must" | "never" | undefined;
}

interface WriterFile extends Writer, ProcessMark {}

/** A log without an end that nobody has said more about counts as being written for so long after its last change. */
const QUIET_MS = 60_000;

const pathOf = (logFile: string): string => `${logFile}.writer`;

/** Notes beside a log who writes it, for whoever sends it later. Throws when the folder cannot be written. */
export function writeWriterFile(logFile: string, writer: Writer): void {
  const file: WriterFile = { ...writer, ...thisProcess() };
  writeFileSync(pathOf(logFile), JSON.stringify(file));
}

/** Who writes, or wrote, a log; undefined for one of another client. */
export function readWriterFile(logFile: string): Writer | undefined {
  return readFile(logFile);
}

/**
 * Whether a log without an end may still grow: its process lives. Of another client's, a process has it open (the official
 * one writes 32 KiB at a time, which may take hours), or it has just been written, from wherever.
 */
export function isBeingWritten(logFile: string): boolean {
  const writer = readFile(logFile);
  const lives = writer === undefined ? undefined : isRunning(writer);
  if (lives !== undefined) return lives;
  const stats = statSync(logFile, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  // In whichever direction: by a clock that was wrong, a log may have been written next year.
  const isFresh = Math.abs(Date.now() - stats.mtimeMs) < QUIET_MS;
  return isFresh || isOpenHere(logFile);
}

function readFile(logFile: string): WriterFile | undefined {
  try {
    const writer = JSON.parse(readFileSync(pathOf(logFile), "utf8")) as Partial<WriterFile>;
    return typeof writer.id === "string" && Number.isSafeInteger(writer.pid)
      ? (writer as WriterFile)
      : undefined;
  } catch {
    return undefined;
  }
}
