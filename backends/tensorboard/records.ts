import { maskedCrc32c } from "./crc32c.js";

/**
 * TFRecord framing: uint64 length, masked CRC of those 8 bytes, the payload, masked CRC of the payload; all
 * little-endian, no file header, no padding.
 */
export const HEADER_BYTES = 12;
export const FRAME_BYTES = 16;

/** Bytes to be written, growing as needed; `bytes[0..length]` is what it holds. `view` is over the same memory. */
export interface RecordBuffer {
  bytes: Uint8Array;
  view: DataView;
  length: number;
}

/** An empty buffer. */
export function createRecordBuffer(capacity: number): RecordBuffer {
  const bytes = new Uint8Array(capacity);
  return { bytes, view: new DataView(bytes.buffer), length: 0 };
}

/** Makes room for `count` more bytes, at least doubling, and keeps what is there. */
export function reserve(buffer: RecordBuffer, count: number): void {
  const needed = buffer.length + count;
  if (needed <= buffer.bytes.length) return;
  const bytes = new Uint8Array(Math.max(needed, 2 * buffer.bytes.length));
  bytes.set(buffer.bytes.subarray(0, buffer.length));
  buffer.bytes = bytes;
  buffer.view = new DataView(bytes.buffer);
}

/** Appends one record. */
export function appendRecord(buffer: RecordBuffer, payload: Uint8Array): void {
  reserve(buffer, payload.length + FRAME_BYTES);
  const { bytes, view, length: start } = buffer;
  view.setUint32(start, payload.length, true);
  view.setUint32(start + 4, 0, true);
  view.setUint32(start + 8, maskedCrc32c(bytes, start, start + 8), true);
  bytes.set(payload, start + HEADER_BYTES);
  const end = start + HEADER_BYTES + payload.length;
  view.setUint32(end, maskedCrc32c(bytes, end - payload.length, end), true);
  buffer.length = end + 4;
}

/** Where the reading of records ended, and why. */
export interface RecordsEnd {
  /** Offset of the first byte after the last whole record. */
  readonly offset: number;
  /** `end`: nothing follows; `torn`: a record that is not (yet) whole; `corrupt`: bytes that are no record. */
  readonly state: "end" | "torn" | "corrupt";
  /** What is wrong, for a corrupt file. */
  readonly reason?: string;
}

/** One record: where it begins, and its payload, valid until the next one is asked for. */
export interface FramedRecord {
  readonly offset: number;
  readonly payload: Uint8Array;
}

/** Reads up to `length` bytes at `position` into `target[at..]`; gives how many there were, 0 at the end. */
export type ReadBytes = (target: Uint8Array, at: number, length: number, position: number) => number;

const CHUNK_BYTES = 1 << 18;
/** The limit of protobuf. */
const MAX_PAYLOAD_BYTES = 2 ** 31 - 1;

/**
 * Yields the whole records from `start` on, and returns where and why it ended. A length beyond `size` is a torn
 * record, so no length found in a file can make this allocate more than the file is long.
 */
export function* scanRecords(
  read: ReadBytes,
  size: number,
  start = 0,
): Generator<FramedRecord, RecordsEnd, undefined> {
  let chunk = new Uint8Array(Math.min(size - start, CHUNK_BYTES) + FRAME_BYTES);
  let view = new DataView(chunk.buffer);
  let [from, to, offset] = [0, 0, start]; // chunk[from..to] holds the bytes at `offset`

  const fill = (count: number): boolean => {
    if (to - from >= count) return true;
    if (from + count > chunk.length) {
      const grown = count > chunk.length ? new Uint8Array(count) : chunk;
      grown.set(chunk.subarray(from, to));
      chunk = grown;
      view = new DataView(chunk.buffer);
      [from, to] = [0, to - from];
    }
    while (to - from < count) {
      const got = read(chunk, to, chunk.length - to, offset + to - from);
      if (got === 0) return false;
      to += got;
    }
    return true;
  };

  for (;;) {
    if (!fill(HEADER_BYTES)) return { offset, state: to > from ? "torn" : "end" };
    if (view.getUint32(from + 8, true) !== maskedCrc32c(chunk, from, from + 8)) {
      return { offset, state: "corrupt", reason: "the checksum of a record's length is wrong" };
    }
    const length = view.getUint32(from, true) + 2 ** 32 * view.getUint32(from + 4, true);
    if (length > MAX_PAYLOAD_BYTES) {
      return { offset, state: "corrupt", reason: "a record is longer than any message (2 GiB)" };
    }
    if (length > size - offset - FRAME_BYTES || !fill(length + FRAME_BYTES)) return { offset, state: "torn" };
    const begin = from + HEADER_BYTES;
    const end = begin + length;
    if (view.getUint32(end, true) !== maskedCrc32c(chunk, begin, end)) {
      return { offset, state: "corrupt", reason: "the checksum of a record's payload is wrong" };
    }
    const record = { offset, payload: chunk.subarray(begin, end) };
    from = end + 4;
    offset += length + FRAME_BYTES;
    yield record;
  }
}
