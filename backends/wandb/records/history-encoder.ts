import type { Branch, Leaf } from "../history/row.js";
import type { Frames } from "../transaction-log/frames.js";
import { encodeJson } from "../values/json.js";
import { MAX_NUMBER_LENGTH, writeNumber } from "../values/number.js";

/** Distinct keys whose bytes are kept; a run with more of them starts over. */
const KEPT_KEYS = 20_000;

const text = new TextEncoder();

/**
 * Encodes history rows straight into frames of a transaction log: the same bytes as
 * `encodeRecord({ num, history: { item: [{ nestedKey, valueJson }...], step: { num } } })`, which is its oracle in the tests.
 */
export class HistoryEncoder {
  /** Bytes of a `nested_key` field by key: tag, length, text. */
  readonly #keys = new Map<string, Uint8Array>();
  /** Bytes the length of the last history message took: the guess for the next one. */
  #lengthWidth = 1;
  #frames: Frames | undefined;
  #path: Uint8Array[] = [];

  /** Frames one row as record `num`; `step` is absent in shared mode. */
  encode(frames: Frames, num: number, row: Branch, step: number | undefined): void {
    this.#frames = frames;
    let at = frames.begin(64);
    const bytes = frames.bytes;
    bytes[at++] = 0x08; // Record.num
    at = writeVarint(bytes, at, num);
    bytes[at++] = 0x12; // Record.history
    const lengthAt = at;
    at = this.#writeBranch(lengthAt + this.#lengthWidth, row);
    if (step !== undefined) at = this.#writeStep(at, step);
    frames.commit(this.#writeLength(lengthAt, at));
  }

  #writeBranch(start: number, branch: Branch): number {
    let at = start;
    for (const [key, node] of branch) {
      if (node instanceof Map) {
        this.#path.push(this.#keyBytes(key));
        at = this.#writeBranch(at, node);
        this.#path.pop();
      } else {
        at = this.#writeItem(at, this.#keyBytes(key), node);
      }
    }
    return at;
  }

  /** HistoryItem: nested_key fields, then value_json (field 16, tag 82 01). */
  #writeItem(start: number, key: Uint8Array, leaf: Leaf): number {
    const frames = this.#frames!;
    let keyLength = key.length;
    for (const part of this.#path) keyLength += part.length;
    const isNumber = typeof leaf === "number";
    const json = isNumber ? "" : encodeJson(leaf);
    frames.reserve(start + keyLength + (isNumber ? MAX_NUMBER_LENGTH : json.length * 3) + 32);
    const bytes = frames.bytes;
    let at = start;
    bytes[at++] = 0x0a; // HistoryRecord.item
    const lengthAt = at++;
    for (const part of this.#path) {
      bytes.set(part, at);
      at += part.length;
    }
    for (let i = 0; i < key.length; i++) bytes[at++] = key[i]!;
    bytes[at++] = 0x82;
    bytes[at++] = 0x01;
    if (isNumber) {
      const valueAt = at + 1;
      const end = writeNumber(bytes, valueAt, leaf);
      bytes[at] = end - valueAt;
      at = end;
    } else {
      at = writeText(bytes, at, json);
    }
    const length = at - lengthAt - 1;
    if (length < 128) {
      bytes[lengthAt] = length;
      return at;
    }
    const shift = varintLength(length) - 1;
    bytes.copyWithin(lengthAt + 1 + shift, lengthAt + 1, at);
    writeVarint(bytes, lengthAt, length);
    return at + shift;
  }

  /** HistoryRecord.step: HistoryStep { num }; zero is the default and takes no bytes. */
  #writeStep(start: number, step: number): number {
    this.#frames!.reserve(start + 16);
    const bytes = this.#frames!.bytes;
    bytes[start] = 0x12;
    if (step === 0) {
      bytes[start + 1] = 0;
      return start + 2;
    }
    bytes[start + 2] = 0x08;
    const end = writeVarint(bytes, start + 3, step);
    bytes[start + 1] = end - start - 2;
    return end;
  }

  /** Fills in the length of the history message, moving its body where the guess was wrong. Returns the record's end. */
  #writeLength(lengthAt: number, end: number): number {
    const body = lengthAt + this.#lengthWidth;
    const length = end - body;
    const width = varintLength(length);
    let last = end;
    if (width !== this.#lengthWidth) {
      last = lengthAt + width + length;
      this.#frames!.reserve(last);
      this.#frames!.bytes.copyWithin(lengthAt + width, body, end);
      this.#lengthWidth = width;
    }
    writeVarint(this.#frames!.bytes, lengthAt, length);
    return last;
  }

  #keyBytes(key: string): Uint8Array {
    let bytes = this.#keys.get(key);
    if (bytes === undefined) {
      const name = text.encode(key);
      const width = varintLength(name.length);
      bytes = new Uint8Array(1 + width + name.length);
      bytes[0] = 0x12; // HistoryItem.nested_key
      writeVarint(bytes, 1, name.length);
      bytes.set(name, 1 + width);
      if (this.#keys.size >= KEPT_KEYS) this.#keys.clear();
      this.#keys.set(key, bytes);
    }
    return bytes;
  }
}

/** Writes length and UTF-8 bytes of a string. */
function writeText(bytes: Uint8Array, at: number, value: string): number {
  // The longest possible length decides where the text goes; moved back if it took fewer bytes.
  const guess = varintLength(value.length * 3);
  const { written } = text.encodeInto(value, bytes.subarray(at + guess));
  const width = varintLength(written);
  if (width !== guess) bytes.copyWithin(at + width, at + guess, at + guess + written);
  return writeVarint(bytes, at, written) + written;
}

function varintLength(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  let length = 2;
  for (let rest = value / 0x4000; rest >= 1; rest /= 0x80) length++;
  return length;
}

/** Writes a non-negative safe integer as a varint. */
function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  while (rest >= 0x80000000) {
    bytes[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}
