/** Figures of one repeat, by name. */
export type Figures = Readonly<Record<string, number>>;

/** The value below which the share `p` of the values lies (nearest rank). */
export function percentile(values: ArrayLike<number>, p: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)]!;
}

export const median = (values: ArrayLike<number>) => percentile(values, 0.5);

/** The median of each figure over the repeats. */
export function medianFigures(repeats: readonly Figures[]): Figures {
  const names = Object.keys(repeats[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(repeats.map((figures) => figures[name]!))]));
}
