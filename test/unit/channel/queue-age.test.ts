import { expect, test } from "vitest";
import { createQueueAge } from "#src/channel/queue-age.js";

function ageAt() {
  let now = 1_000_000;
  const age = createQueueAge(() => now);
  return { age, at: (time: number) => (now = 1_000_000 + time) };
}

test("the oldest that was not taken tells the age, to 10 ms", () => {
  const { age, at } = ageAt();
  const tail = () => 0;
  expect(age.ageMs(0, 0)).toBe(0);
  age.mark(0, tail);
  at(5);
  age.mark(4, tail); // within the 10 ms of the first
  at(100);
  age.mark(8, tail);
  at(300);
  expect(age.ageMs(12, 0)).toBe(300);
  // The first was taken, the second was not: it was written in the first one's 10 ms.
  expect(age.ageMs(12, 4)).toBe(300);
  expect(age.ageMs(12, 8)).toBe(200);
  expect(age.ageMs(12, 12)).toBe(0);
});

test("positions wrap at 32 bits, and a clock that is set back is followed", () => {
  const { age, at } = ageAt();
  const start = 2 ** 31 - 4;
  age.mark(start, () => start);
  at(50);
  age.mark((start + 8) | 0, () => start);
  at(80);
  expect(age.ageMs((start + 16) | 0, start)).toBe(80);
  expect(age.ageMs((start + 16) | 0, (start + 8) | 0)).toBe(30);
  at(-3_600_000);
  age.mark((start + 16) | 0, () => (start + 16) | 0);
  at(-3_600_000 + 20);
  expect(age.ageMs((start + 24) | 0, (start + 16) | 0)).toBe(20);
});

test("a reader that takes nothing for long costs no more memory than one that does", () => {
  const { age, at } = ageAt();
  let looks = 0;
  for (let i = 0; i < 5_000; i++) {
    at(i * 10);
    age.mark(i, () => {
      looks++;
      return 0;
    });
  }
  expect(looks).toBe(5_000 - 1024);
  expect(age.ageMs(5_000, 0)).toBe(49_990);
});
