import type { NumericArray, Tensor } from "../events/tensor.js";
import { isNumericView } from "./numeric-copy.js";
import { describe, invalid } from "./wrong-value.js";

/** Numbers or truth values in arrays of any depth; the innermost level may be typed arrays. */
export type NestedNumbers = readonly (number | boolean | NumericArray | NestedNumbers)[];

/** Deepest nesting of arrays; more is taken for an array that contains itself (numpy stops at 64 too). */
const MAX_RANK = 64;

/** Largest number of values; what is more than this cannot be allocated, let alone logged. */
export const MAX_VALUES = 2 ** 32;

/** Copies nested arrays into a dense tensor of float64 whose shape is that of the nesting. */
export function fromNested(input: readonly unknown[], what: string): Tensor {
  const shape: number[] = [];
  let level: unknown = input;
  while (Array.isArray(level) || isNumericView(level)) {
    if (shape.length === MAX_RANK)
      throw invalid(`${what}: the arrays are nested deeper than ${MAX_RANK} levels`);
    shape.push(level.length);
    level = level[0];
  }
  const size = shape.reduce((product, length) => product * length, 1);
  if (size > MAX_VALUES) throw invalid(`${what}: arrays of shape [${shape.join(", ")}] are too large to log`);
  const filler: Filler = { data: new Float64Array(size), shape, position: 0, truthValues: 0, what };
  fill(filler, input, 0);
  const bool = size > 0 && filler.truthValues === size;
  return bool ? { shape, data: filler.data, bool: true } : { shape, data: filler.data };
}

interface Filler {
  readonly data: Float64Array;
  readonly shape: readonly number[];
  position: number;
  truthValues: number;
  readonly what: string;
}

function fill(filler: Filler, row: unknown, depth: number): void {
  const { data, shape, what } = filler;
  const isRow = Array.isArray(row);
  if ((!isRow && !isNumericView(row)) || row.length !== shape[depth]) {
    const found = isRow || isNumericView(row) ? `${row.length} values` : describe(row);
    throw invalid(
      `${what}: the arrays are ragged: ${found} where ${shape[depth]} values are expected ` +
        `(shape [${shape.join(", ")}], axis ${depth}); all rows must have the same length`,
    );
  }
  if (depth < shape.length - 1) {
    for (const inner of row) fill(filler, inner, depth + 1);
    return;
  }
  let position = filler.position;
  for (let index = 0; index < row.length; index++) {
    const value: unknown = row[index];
    if (typeof value === "number") data[position++] = value;
    else if (typeof value === "boolean") {
      data[position++] = value ? 1 : 0;
      filler.truthValues++;
    } else {
      throw invalid(
        `${what}: found ${describe(value)} at flat position ${position} where a number is expected ` +
          `(shape [${shape.join(", ")}])`,
      );
    }
  }
  filler.position = position;
}
