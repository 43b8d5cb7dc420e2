import { crc32 } from "./crc32.js";
import { BLOCK_SIZE, CHUNK_HEADER_SIZE, ChunkType } from "./format.js";

/** Bytes a buffer starts with. */
const CAPACITY = 256 * 1024;
/** A buffer that has grown beyond this is given back once it is empty. */
const KEPT_CAPACITY = 4 * 1024 * 1024;

/**
 * Records framed for a transaction log, collected in one growing buffer until they are written. Where a record is cut
 * depends on its place in the file, so the frames know the offset at which their first byte will stand.
 *
 * A record is written in place: `begin(size)` gives room, the caller fills `bytes` from there, `commit(end)` frames it.
 */
export class Frames {
  /** The buffer; `[0, length)` are finished frames. Replaced when it grows: read it anew after `begin` and `reserve`. */
  bytes: Uint8Array;
  #length = 0;
  #records = 0;
  #fileOffset: number;
  #start = 0;

  /** `fileOffset`: where in the file the first byte will be written. */
  constructor(fileOffset: number, capacity = CAPACITY) {
    this.#fileOffset = fileOffset;
    this.bytes = new Uint8Array(capacity);
  }

  /** Bytes of finished frames. */
  get length(): number {
    return this.#length;
  }

  /** Records in the finished frames. */
  get records(): number {
    return this.#records;
  }

  /** Starts a record of at most `size` bytes (more after `reserve`) and returns where in `bytes` it starts. */
  begin(size: number): number {
    const left = BLOCK_SIZE - ((this.#fileOffset + this.#length) % BLOCK_SIZE);
    const padding = left < CHUNK_HEADER_SIZE ? left : 0;
    this.#start = this.#length + padding + CHUNK_HEADER_SIZE;
    this.reserve(this.#start + size);
    if (padding > 0) this.bytes.fill(0, this.#length, this.#length + padding);
    return this.#start;
  }

  /** Makes `bytes` reach up to `end` at least. */
  reserve(end: number): void {
    if (end <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(end, this.bytes.length * 2));
    grown.set(this.bytes);
    this.bytes = grown;
  }

  /** Ends the record that `begin` started: its bytes are `[start, end)`. */
  commit(end: number): void {
    const size = end - this.#start;
    const left = BLOCK_SIZE - ((this.#fileOffset + this.#start) % BLOCK_SIZE);
    // `left` counts from the payload; 32768 means that the header filled the block to its last byte.
    if (left === BLOCK_SIZE ? size === 0 : size <= left) {
      this.#writeHeader(this.#start - CHUNK_HEADER_SIZE, size, ChunkType.full);
      this.#length = end;
    } else {
      this.#split(size, left === BLOCK_SIZE ? 0 : left);
    }
    this.#records++;
  }

  /** Frames a record that is already encoded. */
  append(record: Uint8Array): void {
    const start = this.begin(record.length);
    this.bytes.set(record, start);
    this.commit(start + record.length);
  }

  /** Forgets the frames, because they are in the file now. */
  clear(): void {
    this.#fileOffset += this.#length;
    this.discard();
  }

  /** Forgets the frames without their having reached the file. */
  discard(): void {
    this.#length = 0;
    this.#records = 0;
    // One huge record does not keep its memory for the rest of the run.
    if (this.bytes.length > KEPT_CAPACITY) this.bytes = new Uint8Array(CAPACITY);
  }

  /** Cuts a record into FIRST, MIDDLE..., LAST, the first of `first` bytes. */
  #split(size: number, first: number): void {
    const payload = this.bytes.slice(this.#start, this.#start + size);
    const room = BLOCK_SIZE - CHUNK_HEADER_SIZE;
    const headers = 1 + Math.ceil((size - first) / room);
    let at = this.#start - CHUNK_HEADER_SIZE;
    this.reserve(at + size + headers * CHUNK_HEADER_SIZE);
    let type: number = ChunkType.first;
    let take = first;
    for (let done = 0; ; take = Math.min(room, size - done)) {
      this.bytes.set(payload.subarray(done, done + take), at + CHUNK_HEADER_SIZE);
      done += take;
      const last = done === size;
      if (last) type = ChunkType.last;
      this.#writeHeader(at, take, type);
      at += CHUNK_HEADER_SIZE + take;
      if (last) break;
      type = ChunkType.middle;
    }
    this.#length = at;
  }

  #writeHeader(at: number, size: number, type: number): void {
    const bytes = this.bytes;
    bytes[at + 6] = type;
    const crc = crc32(bytes, at + 6, at + CHUNK_HEADER_SIZE + size);
    bytes[at] = crc;
    bytes[at + 1] = crc >>> 8;
    bytes[at + 2] = crc >>> 16;
    bytes[at + 3] = crc >>> 24;
    bytes[at + 4] = size;
    bytes[at + 5] = size >>> 8;
  }
}
