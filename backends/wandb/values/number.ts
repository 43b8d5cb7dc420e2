/*
 * Numbers as the official client's core writes them into history and derived summary values: integers in full, other
 * numbers with their shortest digits, in scientific form below 1e-4 and from 1e6 on, with at least two exponent digits.
 * Observed with wandb 0.31.0 (fixtures/values.wandb). JavaScript has one number type: safe integers take the form that
 * Python's `int` takes, everything else the form of its `float`.
 */

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** The JSON text of a number; NaN and the infinities are bare tokens. */
export function formatNumber(value: number): string {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? "-0" : String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e6) return String(value);
  if (!Number.isFinite(value)) return String(value);
  const text = value.toExponential();
  const exponent = text.indexOf("e") + 2;
  return text.length - exponent < 2 ? `${text.slice(0, exponent)}0${text.slice(exponent)}` : text;
}

/** The JSON text of a bigint: in full within 64 bits, else as the nearest double, as the official client does. */
export function formatBigint(value: bigint): string {
  return value >= INT64_MIN && value <= INT64_MAX ? value.toString() : formatNumber(Number(value));
}

/** Longest text `writeNumber` writes: sign, 17 digits, point, `e-308`. */
export const MAX_NUMBER_LENGTH = 32;

const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;

/** Writes `formatNumber(value)` as ASCII at `bytes[at]` and returns the end; there must be `MAX_NUMBER_LENGTH` room. */
export function writeNumber(bytes: Uint8Array, at: number, value: number): number {
  if (value === 0) {
    if (Object.is(value, -0)) bytes[at++] = MINUS;
    bytes[at++] = ZERO;
    return at;
  }
  let magnitude = value;
  if (value < 0) {
    magnitude = -value;
    bytes[at++] = MINUS;
  }
  if (magnitude <= Number.MAX_SAFE_INTEGER && Math.floor(magnitude) === magnitude) {
    return writeInteger(bytes, at, magnitude);
  }
  // Clock times have microseconds at most. Below 8e15 microunits a double next to such a decimal has no other of as few
  // digits, so its digits are those of the integer, and need no search for the shortest ones.
  const micros = Math.round(magnitude * 1e6);
  if (micros < 8e15 && micros >= 100 && micros / 1e6 === magnitude) {
    return micros < 1e12 ? writeFixedMicros(bytes, at, micros) : writeScientificMicros(bytes, at, micros);
  }
  if (!Number.isFinite(magnitude)) return writeAscii(bytes, at, String(magnitude), 0);
  // Quicker than String(), which keeps the texts of numbers (measured on Node 20: 120 ns against 150 ns).
  const text = magnitude.toExponential();
  return magnitude >= 1e-4 && magnitude < 1e6
    ? writeFixed(bytes, at, text)
    : writeScientific(bytes, at, text);
}

function writeAscii(bytes: Uint8Array, at: number, text: string, from: number): number {
  for (let i = from; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  return at;
}

/** A text as `1.25e-3` or `1.25e+2`, of a number that is no integer and has one digit of exponent, without exponent. */
function writeFixed(bytes: Uint8Array, at: number, text: string): number {
  const mark = text.length - 3;
  const exponent = text.charCodeAt(mark + 2) - ZERO;
  const small = text.charCodeAt(mark + 1) === MINUS;
  if (small) {
    bytes[at++] = ZERO;
    bytes[at++] = POINT;
    for (let i = 1; i < exponent; i++) bytes[at++] = ZERO;
  }
  bytes[at++] = text.charCodeAt(0);
  for (let i = 2; i < mark; i++) {
    if (!small && i === exponent + 2) bytes[at++] = POINT;
    bytes[at++] = text.charCodeAt(i);
  }
  return at;
}

/** The same text with at least two digits of exponent. */
function writeScientific(bytes: Uint8Array, at: number, text: string): number {
  const end = writeAscii(bytes, at, text, 0);
  const before = bytes[end - 2];
  if (before !== MINUS && before !== PLUS) return end;
  bytes[end] = bytes[end - 1]!;
  bytes[end - 1] = ZERO;
  return end + 1;
}

/** Writes a non-negative safe integer. */
export function writeInteger(bytes: Uint8Array, at: number, value: number): number {
  if (value < 1e9) {
    const end = at + digitCount(value);
    writeDigits(bytes, end, value | 0);
    return end;
  }
  const high = Math.floor(value / 1e9);
  const end = writeInteger(bytes, at, high) + 9;
  bytes.fill(ZERO, end - 9, end);
  writeDigits(bytes, end, (value - high * 1e9) | 0);
  return end;
}

/** Writes the digits of a value below 1e9 so that they end before `end`; leading places are the caller's. */
function writeDigits(bytes: Uint8Array, end: number, value: number): void {
  let rest = value;
  let at = end;
  do {
    const next = (rest / 10) | 0;
    bytes[--at] = ZERO + rest - next * 10;
    rest = next;
  } while (rest > 0);
}

function digitCount(value: number): number {
  if (value < 1e4) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  if (value < 1e6) return value < 1e5 ? 5 : 6;
  return value < 1e8 ? (value < 1e7 ? 7 : 8) : 9;
}

/** `micros / 1e6` below 1e6, as digits with a point. */
function writeFixedMicros(bytes: Uint8Array, at: number, micros: number): number {
  const whole = Math.floor(micros / 1e6);
  const point = writeInteger(bytes, at, whole);
  bytes[point] = POINT;
  let end = point + 7;
  bytes.fill(ZERO, point + 1, end);
  writeDigits(bytes, end, micros - whole * 1e6);
  while (bytes[end - 1] === ZERO) end--;
  return end;
}

/** `micros / 1e6` from 1e6 on: one digit, a point, the other digits, the exponent. */
function writeScientificMicros(bytes: Uint8Array, at: number, micros: number): number {
  let end = writeInteger(bytes, at + 1, micros);
  const exponent = end - at - 2 - 6;
  while (bytes[end - 1] === ZERO) end--;
  bytes[at] = bytes[at + 1]!;
  bytes[at + 1] = POINT;
  bytes[end++] = 0x65;
  bytes[end++] = PLUS;
  bytes[end++] = ZERO;
  bytes[end++] = ZERO + exponent;
  return end;
}
