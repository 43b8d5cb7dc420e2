/** Room for so much work at a time. */
export interface Slots {
  /** Does a job once that many slots are free, in the order of the calls. */
  run<Result>(slots: number, job: () => Promise<Result>): Promise<Result>;
}

export function createSlots(count: number): Slots {
  let free = count;
  const waiting: { readonly slots: number; readonly start: () => void }[] = [];
  const startNext = () => {
    while (waiting.length > 0 && waiting[0]!.slots <= free) {
      const { slots, start } = waiting.shift()!;
      free -= slots;
      start();
    }
  };
  return {
    async run(slots, job) {
      await new Promise<void>((start) => {
        waiting.push({ slots, start });
        startNext();
      });
      try {
        return await job();
      } finally {
        free += slots;
        startNext();
      }
    },
  };
}
