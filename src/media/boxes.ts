import type { Tensor } from "../events/tensor.js";
import type { Pixels } from "./image-pixels.js";
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphRows } from "./pixel-font.js";
import { invalid } from "./wrong-value.js";

const MARGIN = 1;
/** Red and black in pictures of 2 (gray by luminance, alpha), 3 and 4 channels. */
const RED = { 2: [76, 255], 3: [255, 0, 0], 4: [255, 0, 0, 255] };
const BLACK = { 2: [0, 255], 3: [0, 0, 0], 4: [0, 0, 0, 255] };

/**
 * Draws boxes into a copy of a picture: a red outline, the outermost 2 pixels of the box, and, where there is a label, black text on a red bar
 * at the bottom left inside the box. Coordinates are cut to whole pixels; what lies outside the picture is cut off,
 * and boxes with a coordinate that is not finite are left out. (Pillow, which torch draws with, puts lines of width 2
 * now on one, now on the other side of the edge, depending on their length.)
 *
 * @param corners Shape [boxes, 4] (or [4] for one): xmin, ymin, xmax, ymax in pixels from the top left.
 * @param labels One a box; with any other number none is drawn (torch's rule). Characters beyond ASCII show as a
 * frame.
 * @throws TraceletError `invalid-value` when `corners` has another shape.
 * @example
 * ```ts
 * drawBoxes(picture, { shape: [1, 4], data: Float32Array.of(10, 10, 60, 40) }, ["cat"]);
 * ```
 */
export function drawBoxes(picture: Pixels, corners: Tensor, labels?: readonly string[]): Pixels {
  const { shape, data } = corners;
  const boxes = data.length / 4;
  if (shape[shape.length - 1] !== 4 || shape.length > 2 || (shape.length === 2 && shape[0] !== boxes)) {
    throw invalid(
      `boxes of shape [${shape.join(", ")}]; pass rows of xmin, ymin, xmax, ymax: shape [boxes, 4]`,
    );
  }
  const out: Pixels = { ...picture, pixels: picture.pixels.slice() };
  for (let box = 0; box < boxes; box++) {
    const [a, b, c, d] = [0, 1, 2, 3].map((corner) => Math.trunc(Number(data[4 * box + corner])));
    if (!Number.isFinite(a! + b! + c! + d!)) continue;
    const left = Math.min(a!, c!);
    const right = Math.max(a!, c!);
    const top = Math.min(b!, d!);
    const bottom = Math.max(b!, d!);
    fill(out, left, top, Math.min(left + 1, right), bottom, RED);
    fill(out, Math.max(right - 1, left), top, right, bottom, RED);
    fill(out, left, top, right, Math.min(top + 1, bottom), RED);
    fill(out, left, Math.max(bottom - 1, top), right, bottom, RED);
    if (labels?.length === boxes) drawLabel(out, left, bottom, labels[box]!);
  }
  return out;
}

type Color = typeof RED;

function drawLabel(picture: Pixels, left: number, bottom: number, label: string): void {
  if (label === "") return;
  const advance = GLYPH_WIDTH + 1;
  // More than fits beside the left edge of the picture is not looked at.
  const characters = [...label.slice(0, 2 * picture.width)];
  const top = bottom - GLYPH_HEIGHT - 2 * MARGIN + 1;
  const barWidth = characters.length * advance - 1 + 2 * MARGIN;
  fill(picture, left, top, left + barWidth - 1, bottom, RED);
  characters.forEach((character, index) => {
    const x = left + MARGIN + index * advance;
    glyphRows(character).forEach((row, y) => {
      for (let column = 0; column < GLYPH_WIDTH; column++) {
        if ((row >> (GLYPH_WIDTH - 1 - column)) & 1) {
          const pixel = x + column;
          fill(picture, pixel, top + MARGIN + y, pixel, top + MARGIN + y, BLACK);
        }
      }
    });
  });
}

/** Fills a rectangle, both corners included, as far as it lies in the picture. */
function fill(picture: Pixels, left: number, top: number, right: number, bottom: number, color: Color): void {
  const { pixels, width, height, channels } = picture;
  const lastX = Math.min(right, width - 1);
  const lastY = Math.min(bottom, height - 1);
  for (let y = Math.max(0, top); y <= lastY; y++) {
    for (let x = Math.max(0, left); x <= lastX; x++) pixels.set(color[channels], (y * width + x) * channels);
  }
}
