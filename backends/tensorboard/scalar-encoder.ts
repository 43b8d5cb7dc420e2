import { maskCrc, maskedCrc32c, TABLES, updateState, zeroBytesOperator } from "./crc32c.js";
import { FRAME_BYTES, type RecordBuffer, reserve } from "./records.js";

/**
 * Writes whole records of `Event{wall_time, step, summary{value{tag, simple_value}}}`, by far the most frequent, at
 * some 100 ns each. What makes it fast:
 * - everything between the step and the number depends on the tag alone ("middle"), so it is encoded once a tag;
 * - the CRC of the middle is one look-up in tables of its length (see `zeroBytesOperator`), not one per byte;
 * - metrics are logged in the same order again and again, so each tag remembers the one that followed it, and the map
 *   of tags is asked only when that guess is wrong.
 */
interface TagPart {
  readonly tag: string;
  /** Bytes `2a len 0a len 0a len <tag> 15`, as little-endian words, the last one padded. */
  readonly words: Int32Array;
  readonly length: number;
  /** CRC state that the middle alone gives. */
  readonly state: number;
  /** What as many zero bytes do to a state; undefined for long tags, whose bytes are gone through. */
  readonly operator: Int32Array | undefined;
  next: TagPart | undefined;
}

const MAX_TAGS = 1 << 14;
const MAX_OPERATOR_LENGTH = 160;

const tagParts = new Map<string, TagPart>();
const operators: (Int32Array | undefined)[] = [];
const lengthCrcs: (number | undefined)[] = [];
const utf8 = new TextEncoder();
let previousPart: TagPart | undefined;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
  return bytes;
}

function makeTagPart(tag: string): TagPart {
  const name = utf8.encode(tag); // a lone surrogate becomes U+FFFD: invalid UTF-8 would stop TensorBoard's reader
  const tagField = name.length === 0 ? [] : [0x0a, ...varint(name.length), ...name]; // an empty string is left out
  const value = [0x0a, ...varint(tagField.length + 5), ...tagField];
  const middle = [0x2a, ...varint(value.length + 5), ...value, 0x15];
  const length = middle.length;
  const bytes = new Uint8Array((length + 3) & ~3);
  bytes.set(middle);
  const view = new DataView(bytes.buffer);
  const words = Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i, true));
  const operator = length <= MAX_OPERATOR_LENGTH ? operatorOf(length) : undefined;
  const state = updateState(0, bytes, 0, length);
  return { tag, words, length, state, operator, next: undefined };
}

function operatorOf(length: number): Int32Array {
  const operator = operators[length] ?? zeroBytesOperator(length);
  operators[length] = operator;
  return operator;
}

function findTagPart(tag: string): TagPart {
  let part = tagParts.get(tag);
  if (part === undefined) {
    if (tagParts.size >= MAX_TAGS) tagParts.clear();
    part = makeTagPart(tag);
    tagParts.set(tag, part);
  }
  return part;
}

function lengthCrc(length: number): number {
  const known = lengthCrcs[length];
  if (known !== undefined) return known;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setUint32(0, length, true);
  const crc = maskedCrc32c(bytes);
  if (length < 4096) lengthCrcs[length] = crc;
  return crc;
}

/** Writes `step` as a varint of the 64-bit two's complement, at `at`; gives the position behind it. */
function writeStep(bytes: Uint8Array, at: number, step: number): number {
  let i = at;
  if (step >= 0 && step < 0x80000000) {
    let rest = step | 0;
    for (; rest > 127; rest >>>= 7) bytes[i++] = (rest & 127) | 128;
    bytes[i++] = rest;
    return i;
  }
  const high = Math.floor(step / 2 ** 32);
  let low = (step - high * 2 ** 32) >>> 0;
  let top = high >>> 0;
  while (top !== 0 || low > 127) {
    bytes[i++] = (low & 127) | 128;
    low = ((low >>> 7) | (top << 25)) >>> 0;
    top >>>= 7;
  }
  bytes[i++] = low;
  return i;
}

/**
 * Appends the record of one scalar. `value` is stored as float32 (TensorBoard's default reader drops doubles); a step
 * of 0 or NaN (missing) is left out, which reads as 0; steps are exact up to 2^53 in both directions.
 */
export function appendScalar(
  buffer: RecordBuffer,
  tag: string,
  value: number,
  step: number,
  wallTime: number,
): void {
  let part = previousPart?.next;
  if (part === undefined || part.tag !== tag) {
    part = findTagPart(tag);
    if (previousPart !== undefined) previousPart.next = part;
  }
  previousPart = part;

  if (buffer.bytes.length - buffer.length < part.length + 64) reserve(buffer, part.length + 64);
  const { bytes, view, length: start } = buffer;
  const t = TABLES;

  // A time that is no finite number would make a reader give up the file.
  view.setFloat64(start + 13, wallTime - wallTime === 0 ? wallTime : Date.now() / 1000, true);
  bytes[start + 12] = 0x09;
  let crc = view.getInt32(start + 12, true) ^ -1;
  crc =
    t[1792 + (crc & 255)]! ^
    t[1536 + ((crc >>> 8) & 255)]! ^
    t[1280 + ((crc >>> 16) & 255)]! ^
    t[1024 + (crc >>> 24)]! ^
    t[768 + bytes[start + 16]!]! ^
    t[512 + bytes[start + 17]!]! ^
    t[256 + bytes[start + 18]!]! ^
    t[bytes[start + 19]!]!;
  crc = (crc >>> 8) ^ t[(crc ^ bytes[start + 20]!) & 255]!;

  let at = start + 21;
  const whole = Math.trunc(step);
  if (whole !== 0 && whole - whole === 0) {
    bytes[at] = 0x10;
    const end = writeStep(bytes, at + 1, whole);
    for (; at < end; at++) crc = (crc >>> 8) ^ t[(crc ^ bytes[at]!) & 255]!;
  }

  // Copied as words: what overshoots is overwritten by the number and the checksum.
  const { words, operator } = part;
  for (let i = 0, to = at; i < words.length; i++, to += 4) view.setInt32(to, words[i]!, true);
  if (operator === undefined) {
    crc = updateState(crc, bytes, at, at + part.length);
  } else {
    crc =
      operator[crc & 255]! ^
      operator[256 + ((crc >>> 8) & 255)]! ^
      operator[512 + ((crc >>> 16) & 255)]! ^
      operator[768 + (crc >>> 24)]! ^
      part.state;
  }
  at += part.length;

  view.setFloat32(at, value, true);
  crc ^= view.getInt32(at, true);
  crc =
    t[768 + (crc & 255)]! ^ t[512 + ((crc >>> 8) & 255)]! ^ t[256 + ((crc >>> 16) & 255)]! ^ t[crc >>> 24]!;
  view.setInt32(at + 4, maskCrc(~crc), true);

  const payload = at + 4 - start - 12;
  view.setInt32(start, payload, true);
  view.setInt32(start + 4, 0, true);
  view.setInt32(start + 8, lengthCrc(payload), true);
  buffer.length = start + payload + FRAME_BYTES;
}
