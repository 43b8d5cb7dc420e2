import { closeSync, openSync, readSync } from "node:fs";
import { TraceletError } from "../../../src/errors.js";
import { decodeRecord, type WandbRecord } from "../records/record.js";
import { crc32 } from "./crc32.js";
import { BLOCK_SIZE, CHUNK_HEADER_SIZE, ChunkType, FILE_HEADER } from "./format.js";

/** The bytes of a record with their place in the file. */
export interface LoggedBytes {
  /** Where its first chunk starts: a place to go on reading from. */
  readonly offset: number;
  /** Where the next record starts. */
  readonly end: number;
  /** Good until the next record is asked for. */
  readonly bytes: Uint8Array;
}

export interface LoggedRecord extends LoggedBytes {
  readonly record: WandbRecord;
}

/**
 * How reading ended. `end`: after a whole record. `torn`: in the middle of one, as when the writer was killed or is
 * still writing; what came before is whole. `corrupt`: the bytes are not what a writer leaves. Everything before
 * `offset` is good.
 */
export interface LogEnd {
  readonly reason: "end" | "torn" | "corrupt";
  readonly offset: number;
  /** What is wrong, for `corrupt`. */
  readonly problem?: string;
}

/**
 * Reads the records of a transaction log in order; the generator's return value says how it ended. It never throws on
 * any content; it throws only when the file cannot be opened or read.
 *
 * @param source - path of a `.wandb` file, or its bytes
 * @param from - offset of a record to start at, as yielded before; default: the first one
 *
 * @example
 * ```ts
 * for (const { record } of readTransactionLog("run-abcd1234.wandb")) {
 *   if (record.history) console.log(record.history.item);
 * }
 * ```
 */
export function* readTransactionLog(source: string | Uint8Array, from = 0): Generator<LoggedRecord, LogEnd> {
  const records = readRecordBytes(source, from);
  try {
    for (;;) {
      const next = records.next();
      if (next.done) return next.value;
      const { offset, end, bytes } = next.value;
      const record = decode(bytes);
      if ("problem" in record) {
        return { reason: "corrupt", offset, problem: `${record.problem} at byte ${offset}` };
      }
      yield { offset, end, bytes, record };
    }
  } finally {
    // Whoever leaves early leaves no open file.
    records.return({ reason: "end", offset: from });
  }
}

/** As `readTransactionLog`, without decoding what stands in the records. */
export function* readRecordBytes(source: string | Uint8Array, from = 0): Generator<LoggedBytes, LogEnd> {
  if (typeof source !== "string") return yield* scan((at) => source.subarray(at, at + BLOCK_SIZE), from);
  const file = openSync(source, "r");
  try {
    return yield* scan((at) => readBlock(file, at), from);
  } finally {
    closeSync(file);
  }
}

function readBlock(file: number, offset: number): Uint8Array {
  const block = new Uint8Array(BLOCK_SIZE);
  let filled = 0;
  while (filled < BLOCK_SIZE) {
    const count = readSync(file, block, filled, BLOCK_SIZE - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return block.subarray(0, filled);
}

type Problem = { readonly problem: string };
type Chunk = { readonly type: number; readonly payload: Uint8Array };

/** Reads chunk after chunk; `block(at)` gives the bytes of the block that starts at `at`, fewer at the end of the file. */
function* scan(block: (at: number) => Uint8Array, from: number): Generator<LoggedBytes, LogEnd> {
  let blockAt = Math.floor(from / BLOCK_SIZE) * BLOCK_SIZE;
  let bytes = block(blockAt);
  let at = from;
  if (from === 0) {
    const bad = FILE_HEADER.findIndex((byte, i) => i < bytes.length && bytes[i] !== byte);
    if (bad >= 0)
      return { reason: "corrupt", offset: 0, problem: "the file does not start as a .wandb file" };
    if (bytes.length < FILE_HEADER.length) return { reason: "torn", offset: 0 };
    at = FILE_HEADER.length;
  }
  let start = at;
  let parts: Uint8Array[] = [];
  for (;;) {
    if (parts.length === 0) start = at;
    if (blockAt + BLOCK_SIZE - at < CHUNK_HEADER_SIZE) {
      if (bytes.length < BLOCK_SIZE) {
        const clean = parts.length === 0 && bytes.length === at - blockAt;
        return { reason: clean ? "end" : "torn", offset: start };
      }
      blockAt += BLOCK_SIZE;
      at = blockAt;
      bytes = block(blockAt);
      if (parts.length === 0) start = at;
    }
    const chunk = readChunk(bytes, at - blockAt);
    if (chunk === "torn") {
      const clean = parts.length === 0 && bytes.length === at - blockAt;
      return { reason: clean ? "end" : "torn", offset: start };
    }
    if ("problem" in chunk)
      return { reason: "corrupt", offset: start, problem: `${chunk.problem} at byte ${at}` };
    at += CHUNK_HEADER_SIZE + chunk.payload.length;
    const starts = chunk.type === ChunkType.full || chunk.type === ChunkType.first;
    if (starts !== (parts.length === 0)) {
      return { reason: "corrupt", offset: start, problem: `chunks out of order at byte ${at}` };
    }
    parts.push(chunk.payload);
    if (chunk.type !== ChunkType.full && chunk.type !== ChunkType.last) continue;
    const record = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    parts = [];
    yield { offset: start, end: at, bytes: record };
  }
}

/** The chunk at `at` of a block, `torn` when the block ends before it does. */
function readChunk(block: Uint8Array, at: number): Chunk | "torn" | Problem {
  const header = at + CHUNK_HEADER_SIZE;
  if (header > block.length) return "torn";
  const size = block[at + 4]! | (block[at + 5]! << 8);
  const type = block[at + 6]!;
  const end = header + size;
  if (end > BLOCK_SIZE) return { problem: "a chunk reaches over its block" };
  // Zero bytes to the end of the file are what a file system leaves after a crash.
  if (type === 0 && size === 0 && block.subarray(at).every((byte) => byte === 0)) return "torn";
  if (type < ChunkType.full || type > ChunkType.last) return { problem: `unknown chunk type ${type}` };
  if (end > block.length) return "torn";
  const expected =
    (block[at]! | (block[at + 1]! << 8) | (block[at + 2]! << 16) | (block[at + 3]! << 24)) >>> 0;
  if (crc32(block, at + 6, end) !== expected) return { problem: "a checksum does not match" };
  return { type, payload: block.subarray(header, end) };
}

function decode(bytes: Uint8Array): WandbRecord | Problem {
  try {
    return decodeRecord(bytes);
  } catch (error) {
    if (error instanceof TraceletError) return { problem: "a record cannot be decoded" };
    throw error;
  }
}
