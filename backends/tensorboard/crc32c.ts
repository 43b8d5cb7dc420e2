/**
 * CRC-32C (Castagnoli, reflected polynomial 0x82F63B78) as event files use it. Eight tables let eight bytes be taken
 * at once ("slicing by 8"); the linearity of the CRC lets a block whose bytes are known in advance be taken in one go
 * (`zeroBytesOperator`).
 *
 * A "state" here is the CRC register before the final inversion: it starts at -1 and `finish` inverts it.
 */
const POLYNOMIAL = 0x82f63b78;

/** `TABLES[256 * k + b]`: the effect of byte b followed by k zero bytes. */
export const TABLES = /* @__PURE__ */ makeTables();

function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const previous = tables[i - 256]!;
    tables[i] = (previous >>> 8) ^ tables[previous & 255]!;
  }
  return tables;
}

/** Takes the bytes `start..end` into a CRC state. */
export function updateState(state: number, bytes: Uint8Array, start: number, end: number): number {
  const t = TABLES;
  let crc = state;
  let i = start;
  for (const last = end - 8; i <= last; i += 8) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc =
      t[1792 + (crc & 255)]! ^
      t[1536 + ((crc >>> 8) & 255)]! ^
      t[1280 + ((crc >>> 16) & 255)]! ^
      t[1024 + (crc >>> 24)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!;
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ t[(crc ^ bytes[i]!) & 255]!;
  return crc;
}

/** CRC-32C of `bytes[start..end]`, as an unsigned number; `crc` continues an earlier result. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length, crc = 0): number {
  return ~updateState(~crc, bytes, start, end) >>> 0;
}

/** TFRecord's masking of a CRC: rotated right by 15 bits, plus a constant; unsigned. */
export function maskCrc(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Masked CRC-32C of `bytes[start..end]`. */
export function maskedCrc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return maskCrc(~updateState(-1, bytes, start, end));
}

/**
 * Tables (4 x 256) of what `length` zero bytes do to a state. The CRC is linear over GF(2), so taking a block of bytes
 * is: advance the state over as many zero bytes, xor the state that the block alone gives when started from 0.
 */
export function zeroBytesOperator(length: number): Int32Array {
  const columns = new Int32Array(32);
  for (let bit = 0; bit < 32; bit++) {
    let state = 1 << bit;
    for (let i = 0; i < length; i++) state = (state >>> 8) ^ TABLES[state & 255]!;
    columns[bit] = state;
  }
  const operator = new Int32Array(4 * 256);
  for (let part = 0; part < 4; part++) {
    for (let byte = 1; byte < 256; byte++) {
      const lowest = byte & -byte;
      const column = columns[8 * part + 31 - Math.clz32(lowest)]!;
      operator[256 * part + byte] = operator[256 * part + (byte ^ lowest)]! ^ column;
    }
  }
  return operator;
}
