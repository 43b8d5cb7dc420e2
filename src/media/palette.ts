/** Pixels as indices into a palette of at most 256 colours. */
export interface IndexedPixels {
  readonly indices: Uint8Array;
  /** RGB triples. */
  readonly palette: Uint8Array;
}

const MAX_COLORS = 256;
const HASH_SIZE = 1024;
/** Bits of each channel that tell colours apart while a palette is chosen. */
const BITS = 5;
const CELLS = 1 << (3 * BITS);

/** Reduces RGB pixels to a palette: exact when they have at most 256 colours, otherwise the best split found. */
export function indexColors(rgb: Uint8Array): IndexedPixels {
  return exactPalette(rgb) ?? splitPalette(rgb);
}

/** Numbers the colours in the order of their first appearance; undefined when there are more than 256. */
function exactPalette(rgb: Uint8Array): IndexedPixels | undefined {
  const keys = new Int32Array(HASH_SIZE).fill(-1);
  const slots = new Uint8Array(HASH_SIZE);
  const palette = new Uint8Array(3 * MAX_COLORS);
  const indices = new Uint8Array(rgb.length / 3);
  let colors = 0;
  for (let pixel = 0, at = 0; pixel < indices.length; pixel++, at += 3) {
    const key = (rgb[at]! << 16) | (rgb[at + 1]! << 8) | rgb[at + 2]!;
    let slot = Math.imul(key, 0x9e3779b1) >>> 22;
    while (keys[slot] !== key && keys[slot] !== -1) slot = (slot + 1) & (HASH_SIZE - 1);
    if (keys[slot] === -1) {
      if (colors === MAX_COLORS) return undefined;
      keys[slot] = key;
      slots[slot] = colors;
      palette.set(rgb.subarray(at, at + 3), 3 * colors++);
    }
    indices[pixel] = slots[slot]!;
  }
  return { indices, palette: palette.subarray(0, 3 * colors) };
}

/** Colours that share a palette entry. `spread` is their squared distance from the mean along `axis`, summed. */
interface Box {
  readonly cells: Int32Array;
  readonly mean: readonly [number, number, number];
  readonly axis: 0 | 1 | 2;
  readonly spread: number;
}

/**
 * Splits the colour space: the box whose colours differ most along one channel is cut at its mean, until there are
 * 256. Colours are counted in cells of 8 levels a channel, each standing for the mean of its pixels.
 */
function splitPalette(rgb: Uint8Array): IndexedPixels {
  const counts = new Float64Array(CELLS);
  const sums = [new Float64Array(CELLS), new Float64Array(CELLS), new Float64Array(CELLS)] as const;
  for (let at = 0; at < rgb.length; at += 3) {
    const cell = cellOf(rgb, at);
    counts[cell]!++;
    sums[0][cell]! += rgb[at]!;
    sums[1][cell]! += rgb[at + 1]!;
    sums[2][cell]! += rgb[at + 2]!;
  }
  const occupied = Int32Array.from(counts.keys()).filter((cell) => counts[cell]! > 0);
  for (const cell of occupied) for (const sum of sums) sum[cell]! /= counts[cell]!;

  const boxes = [measure(occupied, counts, sums)];
  while (boxes.length < MAX_COLORS) {
    let widest = 0;
    for (let index = 1; index < boxes.length; index++) {
      if (boxes[index]!.spread > boxes[widest]!.spread) widest = index;
    }
    const { cells, mean, axis, spread } = boxes[widest]!;
    if (spread <= 0) break;
    const level = sums[axis];
    const low = cells.filter((cell) => level[cell]! <= mean[axis]);
    const high = cells.filter((cell) => level[cell]! > mean[axis]);
    if (low.length === 0 || high.length === 0) break; // rounding left nothing to tell apart
    boxes[widest] = measure(low, counts, sums);
    boxes.push(measure(high, counts, sums));
  }

  const palette = new Uint8Array(3 * boxes.length);
  const entryOf = new Uint8Array(CELLS);
  boxes.forEach((box, entry) => {
    palette.set(box.mean.map(Math.round), 3 * entry);
    for (const cell of box.cells) entryOf[cell] = entry;
  });
  const indices = new Uint8Array(rgb.length / 3);
  for (let pixel = 0; pixel < indices.length; pixel++) indices[pixel] = entryOf[cellOf(rgb, 3 * pixel)]!;
  return { indices, palette };
}

function cellOf(rgb: Uint8Array, at: number): number {
  const drop = 8 - BITS;
  return ((rgb[at]! >> drop) << (2 * BITS)) | ((rgb[at + 1]! >> drop) << BITS) | (rgb[at + 2]! >> drop);
}

function measure(
  cells: Int32Array,
  counts: Float64Array,
  levels: readonly [Float64Array, Float64Array, Float64Array],
): Box {
  const mean: [number, number, number] = [0, 0, 0];
  let axis: 0 | 1 | 2 = 0;
  let spread = -1;
  let weight = 0;
  for (const cell of cells) weight += counts[cell]!;
  for (const channel of [0, 1, 2] as const) {
    const level = levels[channel];
    let sum = 0;
    for (const cell of cells) sum += counts[cell]! * level[cell]!;
    mean[channel] = sum / weight;
    let squares = 0;
    for (const cell of cells) squares += counts[cell]! * (level[cell]! - mean[channel]) ** 2;
    if (squares > spread) {
      spread = squares;
      axis = channel;
    }
  }
  return { cells, mean, axis, spread };
}
