/** An RGB picture that can be drawn on: the tensor `addImage` takes, shape [height, width, 3]. */
export interface Canvas {
  readonly shape: readonly [height: number, width: number, channels: 3];
  readonly data: Uint8Array;
}

export type Color = readonly [red: number, green: number, blue: number];

/** Letters are 3 pixels wide and 5 high, with a gap of 1. */
const LETTER_WIDTH = 4;
export const LETTER_HEIGHT = 5;

// Five rows a letter, three pixels a row, as an octal digit each.
const LETTERS: { readonly [letter: string]: string } = {
  "0": "75557",
  "1": "26227",
  "2": "71747",
  "3": "71717",
  "4": "55711",
  "5": "74717",
  "6": "74757",
  "7": "71122",
  "8": "75757",
  "9": "75717",
  a: "02553",
  b: "46556",
  c: "03443",
  d: "13553",
  e: "02743",
  i: "20222",
  l: "62227",
  p: "06564",
  r: "05644",
  t: "27223",
  u: "05557",
  ">": "42124",
  " ": "00000",
};

export function createCanvas(height: number, width: number, [red, green, blue]: Color): Canvas {
  const data = new Uint8Array(height * width * 3);
  for (let i = 0; i < data.length; i += 3) data.set([red, green, blue], i);
  return { shape: [height, width, 3], data };
}

/** Fills a rectangle (in whole pixels); what lies outside the canvas is left out. */
export function fill(
  canvas: Canvas,
  x: number,
  y: number,
  width: number,
  height: number,
  color: Color,
): void {
  const [rows, columns] = canvas.shape;
  for (let row = Math.max(y, 0); row < Math.min(y + height, rows); row++)
    for (let column = Math.max(x, 0); column < Math.min(x + width, columns); column++)
      canvas.data.set(color, (row * columns + column) * 3);
}

/** Writes `text` with its top left corner at x, y; every pixel of a letter becomes a square of `size` pixels. */
export function write(canvas: Canvas, text: string, x: number, y: number, size: number, color: Color): void {
  for (const [index, letter] of [...text].entries()) {
    const rows = LETTERS[letter];
    if (rows === undefined)
      throw new RangeError(`There is no picture of the letter "${letter}" in canvas.ts.`);
    for (let row = 0; row < LETTER_HEIGHT; row++)
      for (let column = 0; column < 3; column++)
        if (Number(rows[row]) & (4 >> column))
          fill(canvas, x + (index * LETTER_WIDTH + column) * size, y + row * size, size, size, color);
  }
}

/** How wide `text` is, without the gap after the last letter. */
export function textWidth(text: string, size: number): number {
  return (text.length * LETTER_WIDTH - 1) * size;
}
