const LEVELS = [..."▁▂▃▄▅▆▇█"];
/** What a terminal without UTF-8 can show. */
const ASCII_LEVELS = [..."_.-~=+*#"];

/**
 * A line of at most `width` characters that shows the course of some values, the lowest and highest of which are the
 * lowest and highest level. Values that are all the same but for rounding errors give
 * a line at half height.
 *
 * @example
 * ```ts
 * sparkline([1, 2, 3, 4], 4); // "▁▃▆█"
 * ```
 */
export function sparkline(values: readonly number[], width: number, ascii = false): string {
  const levels = ascii ? ASCII_LEVELS : LEVELS;
  const points = Math.min(width, values.length);
  const means = Array.from({ length: points }, (_, point) => {
    const from = Math.floor((point * values.length) / points);
    const to = Math.floor(((point + 1) * values.length) / points);
    // Halves of the values cannot overflow, whatever their sum would.
    return values.slice(from, to).reduce((mean, value, index) => mean + (value - mean) / (index + 1), 0);
  });
  const low = Math.min(...means);
  const high = Math.max(...means);
  // Divided first, as the difference of the largest numbers is no finite one.
  const noise = 1e-9 * Math.max(Math.abs(high / levels.length), Math.abs(low / levels.length));
  const range = high / levels.length - low / levels.length;
  return means
    .map((mean) => {
      if (range <= noise) return levels[3]!;
      const level = Math.floor(mean / range - low / range);
      return levels[Math.min(levels.length - 1, Math.max(0, level))]!;
    })
    .join("");
}
