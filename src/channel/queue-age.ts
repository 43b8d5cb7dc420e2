/** Positions are noted at most this often, so that an age is right to as much. */
const EVERY_MS = 10;
/** With more positions noted, the newest are left out: the oldest tells the age. */
const MAX_MARKS = 1024;

/** How long what was written into the ring has been waiting there. */
export interface QueueAge {
  /** Something is about to be written at `head`; `tail` is the reader's position. */
  mark(head: number, tail: () => number): void;
  /** Age of the oldest that the reader has not taken (milliseconds); 0 when it has taken everything. */
  ageMs(head: number, tail: number): number;
}

export function createQueueAge(now: () => number = Date.now): QueueAge {
  /** What stands from `from` up to the next mark's was written about then. */
  let marks: { readonly from: number; readonly time: number }[] = [];

  /** Leaves the mark that the reader is in; positions wrap at 32 bits. */
  const forget = (tail: number) => {
    let read = 0;
    while (read + 1 < marks.length && ((marks[read + 1]!.from - tail) | 0) <= 0) read++;
    if (read > 0) marks = marks.slice(read);
  };
  return {
    mark(head, tail) {
      const time = now();
      // A clock that was set back makes a mark, too.
      if (Math.abs(time - (marks.at(-1)?.time ?? Number.NEGATIVE_INFINITY)) < EVERY_MS) return;
      if (marks.length >= MAX_MARKS) forget(tail());
      if (marks.length < MAX_MARKS) marks.push({ from: head, time });
    },
    ageMs(head, tail) {
      forget(tail);
      return head === tail ? 0 : Math.max(0, now() - (marks[0]?.time ?? now()));
    },
  };
}
