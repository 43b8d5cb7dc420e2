/*
 * The places of a history record's parts in its bytes, for `history-line.ts`: field numbers are those of
 * `records/messages.ts`.
 */

/** Where a reader stands. Kept in one object so that reading makes no garbage. */
export interface Cursor {
  at: number;
}

/** A varint below 2^31; -1 for anything else, which the caller leaves to protobufjs. */
export function readSmallVarint(bytes: Uint8Array, cursor: Cursor, end: number): number {
  let value = 0;
  for (let shift = 0; shift < 28 && cursor.at < end; shift += 7) {
    const byte = bytes[cursor.at++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return -1;
}

/** Passes over a field's value by its wire type; false when it is not whole. */
export function skipField(bytes: Uint8Array, cursor: Cursor, end: number, wireType: number): boolean {
  if (wireType === 0) {
    while (cursor.at < end) if (bytes[cursor.at++]! < 0x80) return true;
    return false;
  }
  const size = wireType === 2 ? readSmallVarint(bytes, cursor, end) : wireType === 1 ? 8 : 4;
  if (size < 0 || wireType === 3 || wireType === 4 || wireType > 5) return false;
  cursor.at += size;
  return cursor.at <= end;
}

const HISTORY_TAG = 0x12;
/** Fields of a record that say no type: num, control, uuid, info. */
const OTHER_FIELDS: ReadonlySet<number> = new Set([1, 16, 19, 200]);

/**
 * Where the history of a record is: sets `cursor.at` to its start and returns its end. -1 when the record is of another
 * type, or is not what a writer writes.
 */
export function findHistory(bytes: Uint8Array, cursor: Cursor): number {
  cursor.at = 0;
  let start = -1;
  let end = -1;
  while (cursor.at < bytes.length) {
    const tag = readSmallVarint(bytes, cursor, bytes.length);
    if (tag === HISTORY_TAG && start < 0) {
      const size = readSmallVarint(bytes, cursor, bytes.length);
      start = cursor.at;
      end = start + size;
      if (size < 0 || end > bytes.length) return -1;
      cursor.at = end;
    } else if (tag < 0 || !OTHER_FIELDS.has(tag >>> 3)) {
      return -1;
    } else if (!skipField(bytes, cursor, bytes.length, tag & 7)) {
      return -1;
    }
  }
  cursor.at = start;
  return start < 0 ? -1 : end;
}

/**
 * Copies the JSON number that is `bytes[start..end)` to `target[to]` and returns the end of the copy; -1 when it is no
 * number by the grammar of JSON.
 */
export function copyNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  to: number,
): number {
  // Reading on behind the end is harmless: what is copied from there is no match in the end.
  let at = start;
  let out = to;
  let byte = bytes[at]!;
  if (byte === MINUS) {
    target[out++] = byte;
    byte = bytes[++at]!;
  }
  const whole = at;
  while (byte >= ZERO && byte <= NINE) {
    target[out++] = byte;
    byte = bytes[++at]!;
  }
  // A number has a digit, and no zero before others.
  if (at === whole || (at > whole + 1 && bytes[whole] === ZERO)) return -1;
  if (byte === POINT) {
    const fraction = at;
    do {
      target[out++] = byte;
      byte = bytes[++at]!;
    } while (byte >= ZERO && byte <= NINE);
    if (at === fraction + 1) return -1;
  }
  if (byte === LOWER_E || byte === UPPER_E) {
    target[out++] = byte;
    byte = bytes[++at]!;
    if (byte === PLUS || byte === MINUS) {
      target[out++] = byte;
      byte = bytes[++at]!;
    }
    const exponent = at;
    while (byte >= ZERO && byte <= NINE) {
      target[out++] = byte;
      byte = bytes[++at]!;
    }
    if (at === exponent) return -1;
  }
  return at === end ? out : -1;
}

const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const UPPER_E = 0x45;
const LOWER_E = 0x65;
