/** Lines that follow one another, to be written from line `first` on. */
export interface ConsoleRun {
  readonly first: number;
  readonly lines: readonly string[];
}

/** Console lines that wait, the latest text of each. */
export interface ConsoleBuffer {
  readonly bytes: number;
  readonly isEmpty: boolean;
  /** The `order` of the line that has waited longest; Infinity when none does. */
  readonly oldest: number;
  /** @param order a number that grows with each call; a line that waits already keeps its own. */
  set(index: number, text: string, order: number): void;
  /** The lowest index that waits; Infinity when there is none. */
  lowest(): number;
  /**
   * Takes the lines around the one that has waited longest. A request of the file stream has one offset for console
   * lines, so it holds one consecutive run of them; by age and not by index, because a progress bar that changes for
   * ever would keep back everything below it.
   *
   * @param always takes one line however long it is
   */
  take(room: number, always: boolean): ConsoleRun | undefined;
  clear(): void;
}

export function createConsoleBuffer(): ConsoleBuffer {
  // In the order of their age, as a Map keeps the place of a key that is set again.
  const waiting = new Map<number, { text: string; bytes: number; readonly order: number }>();
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    get isEmpty() {
      return waiting.size === 0;
    },
    get oldest() {
      for (const { order } of waiting.values()) return order;
      return Number.POSITIVE_INFINITY;
    },
    set(index, text, order) {
      const size = Buffer.byteLength(text);
      const there = waiting.get(index);
      bytes += size - (there?.bytes ?? 0);
      if (there === undefined) waiting.set(index, { text, bytes: size, order });
      else {
        there.text = text;
        there.bytes = size;
      }
    },
    lowest() {
      let lowest = Number.POSITIVE_INFINITY;
      for (const index of waiting.keys()) lowest = Math.min(lowest, index);
      return lowest;
    },
    take(room, always) {
      let first: number | undefined;
      for (const index of waiting.keys()) {
        first = index;
        break;
      }
      if (first === undefined) return undefined;
      let left = room;
      const fits = (index: number, force = false): boolean => {
        const line = waiting.get(index);
        if (line === undefined || (line.bytes > left && !force)) return false;
        left -= line.bytes;
        return true;
      };
      if (!fits(first, always)) return undefined;
      let end = first + 1;
      while (fits(end)) end += 1;
      while (fits(first - 1)) first -= 1;
      const lines: string[] = [];
      for (let index = first; index < end; index++) {
        lines.push(waiting.get(index)!.text);
        waiting.delete(index);
      }
      bytes -= room - left;
      return { first, lines };
    },
    clear() {
      waiting.clear();
      bytes = 0;
    },
  };
}
