/** GIF codes have at most 12 bits. */
const MAX_CODES = 4096;
const TABLE_SIZE = 16384;

/**
 * Compresses colour indices as GIF image data: the minimum code size, LZW codes in sub-blocks of at most 255 bytes,
 * and the empty block at the end.
 *
 * @param indices Values below `2 ** codeSize`.
 * @param codeSize Bits of an index, 2 to 8.
 */
export function compressLzw(indices: Uint8Array, codeSize: number): Uint8Array {
  const clearCode = 1 << codeSize;
  const endCode = clearCode + 1;
  // A code of at most 12 bits a pixel and one clear code every 3800 pixels, plus a length byte every 255.
  const out = new Uint8Array(Math.ceil(indices.length * 1.52) + 64);
  let position = 2;
  let blockStart = 1; // where the length of the current sub-block stands
  out[0] = codeSize;
  let bits = 0;
  let bitCount = 0;
  let width = codeSize + 1;

  const writeByte = (byte: number) => {
    if (position - blockStart === 256) {
      out[blockStart] = 255;
      blockStart = position++;
    }
    out[position++] = byte;
  };
  const writeCode = (code: number) => {
    bits |= code << bitCount;
    bitCount += width;
    while (bitCount >= 8) {
      writeByte(bits & 255);
      bits >>>= 8;
      bitCount -= 8;
    }
  };

  // The dictionary: (prefix code, next index) -> code, hashed with linear probing; 0 marks a free place.
  const keys = new Int32Array(TABLE_SIZE);
  const codes = new Uint16Array(TABLE_SIZE);
  let nextCode = endCode + 1;
  writeCode(clearCode);
  let prefix = indices[0]!;
  for (let index = 1; index < indices.length; index++) {
    const value = indices[index]!;
    const key = ((prefix << 8) | value) + 1;
    let place = Math.imul(key, 0x9e3779b1) >>> 18;
    while (keys[place] !== key && keys[place] !== 0) place = (place + 1) & (TABLE_SIZE - 1);
    if (keys[place] === key) {
      prefix = codes[place]!;
      continue;
    }
    writeCode(prefix);
    prefix = value;
    if (nextCode < MAX_CODES) {
      // The decoder learns a code one step later, so codes widen when the code just made needs the extra bit.
      if (nextCode === 1 << width) width++;
      keys[place] = key;
      codes[place] = nextCode++;
    } else {
      writeCode(clearCode);
      keys.fill(0);
      nextCode = endCode + 1;
      width = codeSize + 1;
    }
  }
  writeCode(prefix);
  // After the last index the decoder may already have widened its codes once more.
  if (nextCode === 1 << width && width < 12) width++;
  writeCode(endCode);
  if (bitCount > 0) writeByte(bits & 255);
  out[blockStart] = position - blockStart - 1;
  return out.subarray(0, position + 1); // the zero that follows is the empty block
}
