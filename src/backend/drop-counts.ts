/** Reasons that are told apart; the rest goes under `OTHER_REASONS`, however many a backend makes up. */
const MAX_REASONS = 20;
const OTHER_REASONS = "other reasons";

/** How many events were lost, and why. */
export interface DropCounts {
  readonly total: number;
  add(count: number, reason: string): void;
  /** For one line, e.g. `3: disk full, 1: no pictures`. */
  describe(): string;
}

/** @param tell gets all counts by reason after each change */
export function createDropCounts(tell: (counts: Readonly<Record<string, number>>) => void): DropCounts {
  // Without a prototype, because the names are reasons and may be any text.
  const counts: Record<string, number> = Object.create(null);
  let total = 0;
  return {
    get total() {
      return total;
    },
    add(count, reason) {
      total += count;
      const known = reason in counts || Object.keys(counts).length < MAX_REASONS;
      const key = known ? reason : OTHER_REASONS;
      counts[key] = (counts[key] ?? 0) + count;
      tell({ ...counts });
    },
    describe: () =>
      Object.entries(counts)
        .map(([reason, count]) => `${count}: ${reason}`)
        .join(", "),
  };
}
