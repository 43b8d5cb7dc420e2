import { closeSync, openSync, readSync } from "node:fs";
import { TraceletError } from "../../src/errors.js";
import { EVENT_KINDS, type Event } from "../../src/events/event.js";
import { decodeValue } from "./encode.js";

const KINDS: ReadonlySet<unknown> = new Set(EVENT_KINDS);

const NO_JSON = "is not JSON";

/**
 * Reads a file of the `jsonl` backend, event by event, without holding it in memory. The part of a line that a killed
 * process left at the end of its session is passed over.
 *
 * @param path The file.
 * @returns The events in the order they were logged.
 * @throws TraceletError `invalid-file` when another line is not what the backend writes; the message names it.
 *
 * @example
 * ```ts
 * for (const event of readJsonl("runs/baseline.jsonl")) {
 *   if (event.kind === "scalar") console.log(event.step, event.tag, event.value);
 * }
 * ```
 */
export function* readJsonl(path: string): Generator<Event, void, void> {
  /** The line that could not be read; harmless only when its session ends there. */
  let torn: { number: number; cause: unknown } | undefined;
  let number = 0;
  for (const line of readLines(path)) {
    number += 1;
    let value: unknown;
    try {
      value = decodeValue(line);
    } catch (cause) {
      if (torn !== undefined) throw invalid(path, torn.number, NO_JSON, torn.cause);
      if (!(cause instanceof SyntaxError))
        throw invalid(path, number, "holds data of a newer release; update tracelet", cause);
      torn = { number, cause };
      continue;
    }
    const { kind, format, version } = Object(value) as {
      kind?: unknown;
      format?: unknown;
      version?: unknown;
    };
    if (format === "tracelet-jsonl") {
      if (version !== 1) {
        throw invalid(path, number, `says version ${String(version)}, this release reads 1; update tracelet`);
      }
      torn = undefined;
      continue;
    }
    if (torn !== undefined) throw invalid(path, torn.number, NO_JSON, torn.cause);
    if (!KINDS.has(kind)) {
      throw invalid(path, number, "is no event of a known kind; was it written by a newer release?");
    }
    yield value as Event;
  }
}

function invalid(path: string, line: number, problem: string, cause?: unknown): TraceletError {
  return new TraceletError("invalid-file", `${path}: line ${line} ${problem}`, { backend: "jsonl", cause });
}

/** Lines without their ends; the last one also when it has none. */
function* readLines(path: string): Generator<string, void, void> {
  const fd = openSync(path, "r");
  try {
    const chunk = Buffer.allocUnsafe(64 * 1024);
    /** Pieces of a line longer than a chunk. */
    let pieces: Buffer[] = [];
    for (;;) {
      const length = readSync(fd, chunk, 0, chunk.length, null);
      if (length === 0) break;
      let start = 0;
      for (;;) {
        const end = chunk.indexOf(0x0a, start);
        if (end < 0 || end >= length) break;
        pieces.push(chunk.subarray(start, end));
        yield Buffer.concat(pieces).toString("utf8");
        pieces = [];
        start = end + 1;
      }
      if (start < length) pieces.push(Buffer.from(chunk.subarray(start, length)));
    }
    if (pieces.length > 0) yield Buffer.concat(pieces).toString("utf8");
  } finally {
    closeSync(fd);
  }
}
