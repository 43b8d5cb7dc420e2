/**
 * Sums as numpy does: halves of halves down to blocks of at most 128 values, each block in eight running sums. The
 * rounding error grows with the logarithm of the length only, and results agree with numpy's to the last bit.
 */

const BLOCK = 128;

/** Any array of numbers read by index. */
export type Numbers = { readonly length: number; readonly [index: number]: number };

/** Sum of `values`. */
export function pairwiseSum(values: Numbers): number {
  return sumRange(values, 0, values.length);
}

/** Sum of the squares of `values`. */
export function pairwiseSumSquares(values: Numbers): number {
  return sumSquaresRange(values, 0, values.length);
}

function sumRange(x: Numbers, start: number, length: number): number {
  if (length > BLOCK) {
    const half = halve(length);
    return sumRange(x, start, half) + sumRange(x, start + half, length - half);
  }
  const end = start + length;
  let sum = 0;
  let i = start;
  if (length >= 8) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let e = 0;
    let f = 0;
    let g = 0;
    let h = 0;
    for (const full = start + (length & ~7); i < full; i += 8) {
      a += x[i]!;
      b += x[i + 1]!;
      c += x[i + 2]!;
      d += x[i + 3]!;
      e += x[i + 4]!;
      f += x[i + 5]!;
      g += x[i + 6]!;
      h += x[i + 7]!;
    }
    sum = a + b + (c + d) + (e + f + (g + h));
  }
  for (; i < end; i++) sum += x[i]!;
  return sum;
}

function sumSquaresRange(x: Numbers, start: number, length: number): number {
  if (length > BLOCK) {
    const half = halve(length);
    return sumSquaresRange(x, start, half) + sumSquaresRange(x, start + half, length - half);
  }
  const end = start + length;
  let even = 0;
  let odd = 0;
  let i = start;
  for (const full = start + (length & ~1); i < full; i += 2) {
    even += x[i]! * x[i]!;
    odd += x[i + 1]! * x[i + 1]!;
  }
  return i < end ? even + odd + x[i]! * x[i]! : even + odd;
}

/** The first half, a multiple of eight values. */
function halve(length: number): number {
  const half = length >> 1;
  return half - (half & 7);
}
