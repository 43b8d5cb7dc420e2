/** Lines of names and values, aligned from line to line, broken at a width. */

/** A name and its value as text. */
export type Pair = readonly [name: string, value: string];

export interface Layout {
  /**
   * Lines that begin with `head` in a column of its own; lines after the first are indented. Values get the widest
   * width seen under their name, so that lines of the same names stand below each other.
   */
  pairs(head: string, pairs: readonly Pair[]): string;
}

const HEAD_WIDTH = 11;
const GAP = "  ";

export function createLayout(width: number, colors: boolean): Layout {
  const widths = new Map<string, number>();
  const bold = (text: string): string => (colors ? `\u001b[1m${text}\u001b[22m` : text);
  const dim = (text: string): string => (colors ? `\u001b[2m${text}\u001b[22m` : text);

  return {
    pairs(head, pairs) {
      const padded = head.padEnd(HEAD_WIDTH);
      let text = bold(padded);
      let column = padded.length;
      pairs.forEach(([name, value], index) => {
        const valueWidth = Math.max(widths.get(name) ?? 0, value.length);
        widths.set(name, valueWidth);
        const length = GAP.length + name.length + 1 + valueWidth;
        if (index > 0 && column + length > width) {
          text = `${text.trimEnd()}\n${" ".repeat(padded.length)}`;
          column = padded.length;
        }
        text += `${GAP}${dim(name)} ${value.padEnd(valueWidth)}`;
        column += length;
      });
      return `${text.trimEnd()}\n`;
    },
  };
}

/** Five significant digits, as short as they allow. */
export function formatNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(Number.isInteger(value) ? value : Number(value.toPrecision(5)));
}
