/** A curve and the letter it is drawn with. */
export interface Curve {
  readonly letter: string;
  readonly values: readonly number[];
}

const LABEL_WIDTH = 6;

/**
 * Curves as lines of ASCII, first value left, last value right. Where two curves meet, the first one is seen.
 *
 * @param width columns of each line, at least 20
 * @param height lines between the highest and the lowest value
 * @returns `height` + 1 lines: a title, then the chart, each exactly `width` characters
 */
export function chart(title: string, curves: readonly Curve[], width: number, height: number): string[] {
  const columns = width - LABEL_WIDTH - 2;
  const all = curves.flatMap(({ values }) => values).filter(Number.isFinite);
  const low = Math.min(...all);
  const high = Math.max(...all);
  const grid = Array.from({ length: height }, () => new Array<string>(columns).fill(" "));
  for (const { letter, values } of curves.toReversed()) {
    for (let column = 0; column < columns; column++) {
      const value = values[Math.round((column / (columns - 1)) * (values.length - 1))]!;
      if (!Number.isFinite(value)) continue;
      const share = high === low ? 0.5 : (value - low) / (high - low);
      grid[Math.round((1 - share) * (height - 1))]![column] = letter;
    }
  }
  return [
    (" ".repeat(LABEL_WIDTH + 2) + title).padEnd(width),
    ...grid.map((row, line) => {
      const label = line === 0 ? short(high) : line === height - 1 ? short(low) : "";
      return `${label.padStart(LABEL_WIDTH)} |${row.join("")}`;
    }),
  ];
}

/** At most six characters for values up to 99,999, which is what the labels have room for. */
function short(value: number): string {
  const size = Math.abs(value);
  return size >= 1000 ? value.toFixed(0) : value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 4);
}
