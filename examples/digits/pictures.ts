import { type Canvas, type Color, createCanvas, fill, LETTER_HEIGHT, textWidth, write } from "./canvas.js";
import { type Digits, PIXELS } from "./data.js";

const WHITE: Color = [255, 255, 255];
const BLACK: Color = [0, 0, 0];
const BLUE: Color = [8, 48, 107];
const RED: Color = [178, 24, 43];

/**
 * The pictures that were read wrongly, each with `truth>prediction` under it; at most `limit` of them, the most
 * confident mistakes first.
 */
export function wrongPredictions(
  digits: Digits,
  predicted: Uint8Array,
  probabilities: Float32Array,
  limit = 24,
): Canvas {
  const classes = probabilities.length / digits.count;
  const confidence = (row: number) => probabilities[row * classes + predicted[row]!]!;
  const wrong = [...digits.labels.keys()]
    .filter((row) => predicted[row] !== digits.labels[row])
    .sort((a, b) => confidence(b) - confidence(a))
    .slice(0, limit);

  const side = Math.sqrt(PIXELS);
  const zoom = 8;
  const columns = 6;
  const cell = { width: side * zoom + 8, height: side * zoom + 28 };
  const rows = Math.max(1, Math.ceil(wrong.length / columns));
  const canvas = createCanvas(rows * cell.height, columns * cell.width, WHITE);
  for (const [place, row] of wrong.entries()) {
    const x = (place % columns) * cell.width + 4;
    const y = Math.floor(place / columns) * cell.height + 4;
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      const gray = Math.round(255 * (1 - digits.images[row * PIXELS + pixel]!));
      const right = (pixel % side) * zoom;
      const down = Math.floor(pixel / side) * zoom;
      fill(canvas, x + right, y + down, zoom, zoom, [gray, gray, gray]);
    }
    const caption = `${digits.labels[row]}>${predicted[row]}`;
    const indent = Math.round((side * zoom - textWidth(caption, 3)) / 2);
    write(canvas, caption, x + indent, y + side * zoom + 5, 3, RED);
  }
  return canvas;
}

/** A confusion matrix: rows are the true digits, columns the predicted ones; the darker, the larger the share of its row. */
export function confusionPicture(counts: readonly (readonly number[])[]): Canvas {
  const cell = 40;
  const margin = 48;
  const size = margin + counts.length * cell + 1;
  const canvas = createCanvas(size, size, WHITE);
  const centered = (text: string, x: number, y: number, letterSize: number, color: Color) =>
    write(
      canvas,
      text,
      Math.round(x - textWidth(text, letterSize) / 2),
      Math.round(y - (LETTER_HEIGHT * letterSize) / 2),
      letterSize,
      color,
    );

  centered("predicted", margin + (counts.length * cell) / 2, 12, 2, BLACK);
  for (const [index, letter] of [..."true"].entries())
    centered(letter, 10, margin + (counts.length * cell) / 2 + (index - 1.5) * 16, 2, BLACK);
  for (const [truth, row] of counts.entries()) {
    const middle = margin + (truth + 0.5) * cell;
    const total = row.reduce((sum, count) => sum + count, 0);
    centered(String(truth), 32, middle, 3, BLACK);
    centered(String(truth), middle, 34, 3, BLACK);
    for (const [predicted, count] of row.entries()) {
      const share = count / Math.max(1, total);
      const x = margin + predicted * cell;
      const y = margin + truth * cell;
      fill(canvas, x, y, cell, cell, [220, 220, 220]);
      fill(canvas, x + 1, y + 1, cell - 2, cell - 2, shade(share));
      const color = truth === predicted ? (share > 0.5 ? WHITE : BLACK) : RED;
      if (count > 0) centered(String(count), x + cell / 2, y + cell / 2, 3, color);
    }
  }
  return canvas;
}

/** White for 0, blue for 1. */
function shade(share: number): Color {
  const mix = (channel: 0 | 1 | 2) => Math.round(WHITE[channel] + share * (BLUE[channel] - WHITE[channel]));
  return [mix(0), mix(1), mix(2)];
}
