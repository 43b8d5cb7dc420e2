import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type Random, shuffle } from "./random.js";

/** Pixels in one picture: 8 rows of 8. */
export const PIXELS = 64;
/** The digits 0 to 9. */
export const CLASSES = 10;

/** Handwritten digits: pictures and what they show. */
export interface Digits {
  readonly count: number;
  /** Pixels from 0 (paper) to 1 (ink), picture after picture, row after row; shape [count, 8, 8]. */
  readonly images: Float32Array;
  /** The digit in each picture; shape [count]. */
  readonly labels: Uint8Array;
}

/** Reads the 1,797 pictures of `examples/data/digits.csv.gz`; its README says where they come from. */
export function loadDigits(): Digits {
  const file = new URL("../data/digits.csv.gz", import.meta.url);
  const lines = gunzipSync(readFileSync(file)).toString("latin1").trimEnd().split("\n");
  const images = new Float32Array(lines.length * PIXELS);
  const labels = new Uint8Array(lines.length);
  lines.forEach((line, row) => {
    const numbers = line.split(",").map(Number);
    labels[row] = numbers.pop()!;
    for (const [pixel, ink] of numbers.entries()) images[row * PIXELS + pixel] = ink / 16;
  });
  return { count: lines.length, images, labels };
}

/** The pictures at `rows`, in that order. */
export function pick(digits: Digits, rows: ArrayLike<number>): Digits {
  const images = new Float32Array(rows.length * PIXELS);
  const labels = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    images.set(digits.images.subarray(row * PIXELS, (row + 1) * PIXELS), i * PIXELS);
    labels[i] = digits.labels[row]!;
  }
  return { count: rows.length, images, labels };
}

/**
 * Keeps every fifth picture of each digit aside, never to be trained on. The division is the same for every seed, so
 * that runs can be compared: which pictures are in the test set moves the accuracy more than the seed does.
 */
export function split(digits: Digits): { train: Digits; test: Digits } {
  const seen = new Uint16Array(CLASSES);
  const train: number[] = [];
  const test: number[] = [];
  for (const [row, label] of digits.labels.entries()) (seen[label]!++ % 5 === 4 ? test : train).push(row);
  return { train: pick(digits, train), test: pick(digits, test) };
}

/** All pictures once, in a new order, in pieces of `size` (the last may be smaller). */
export function* batches(digits: Digits, size: number, random: Random): Generator<Digits> {
  const order = shuffle(
    Uint32Array.from({ length: digits.count }, (_, row) => row),
    random,
  );
  for (let start = 0; start < order.length; start += size)
    yield pick(digits, order.subarray(start, start + size));
}
