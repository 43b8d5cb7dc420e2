import { expect, test } from "vitest";
import { encodeBody } from "#backends/wandb/sender/stream-body.js";
import { createStreamBuffer, type StreamMark } from "#backends/wandb/sender/stream-buffer.js";

interface Body {
  readonly files?: { readonly [name: string]: { readonly offset: number; readonly content: string[] } };
}

const START = { history: 0, events: 0, console: 0 };

function bufferOf(maxBytes: number) {
  const skipped: number[] = [];
  const buffer = createStreamBuffer({
    offsets: START,
    maxBytes,
    maxSummaryBytes: () => 100,
    onSummarySkipped: (bytes) => skipped.push(bytes),
  });
  /** The body of the next request, as the server reads it. */
  const take = (until?: StreamMark): Body =>
    JSON.parse(encodeBody(buffer.take(maxBytes, until).body).toString());
  return { buffer, skipped, take };
}

// The order of packing of the reference, 3.3: history, events, summary, console, the rest.
test("a request is filled in the order of the kinds", () => {
  const { buffer, take } = bufferOf(10);
  buffer.consoleLine(0, "c".repeat(4));
  buffer.summary("s".repeat(4));
  buffer.event("e".repeat(4), 4);
  buffer.history("h".repeat(4), 4);
  buffer.uploaded("u");
  buffer.preempting();
  expect(take()).toEqual({
    files: {
      "wandb-history.jsonl": { offset: 0, content: ["hhhh"] },
      "wandb-events.jsonl": { offset: 0, content: ["eeee"] },
    },
    uploaded: ["u"],
    preempting: true,
  });
  expect(buffer.isEmpty).toBe(false);
  expect(take()).toEqual({
    files: {
      "wandb-summary.json": { offset: 0, content: ["ssss"] },
      "output.log": { offset: 0, content: ["cccc"] },
    },
  });
  expect(buffer.isEmpty).toBe(true);
});

test("lines are divided where the request is full, and a line that is larger goes alone", () => {
  const { buffer, take } = bufferOf(10);
  for (const size of [4, 6, 1, 30, 4]) buffer.history("x".repeat(size), size);
  const sizes = () => take().files?.["wandb-history.jsonl"]?.content.map(({ length }) => length);
  expect(buffer.bytes).toBe(45);
  expect([sizes(), sizes(), sizes(), sizes()]).toEqual([[4, 6], [1], [30], [4]]);
  expect(buffer.bytes).toBe(0);
  buffer.history("{}", 2);
  expect(take().files?.["wandb-history.jsonl"]?.offset).toBe(5);
});

// One offset, one consecutive run: reference 3.2.
test("console lines: the latest text, one consecutive run in a request, the oldest first", () => {
  const { buffer, take } = bufferOf(1000);
  for (const index of [12, 13, 3, 14, 4, 20]) buffer.consoleLine(index, `line ${index}`);
  buffer.consoleLine(13, "new 13");
  const console = () => take().files?.["output.log"];
  expect(console()).toEqual({ offset: 12, content: ["line 12", "new 13", "line 14"] });
  buffer.consoleLine(12, "newer 12");
  expect(buffer.lowestConsoleLine()).toBe(3);
  expect(console()).toEqual({ offset: 3, content: ["line 3", "line 4"] });
  expect(console()).toEqual({ offset: 20, content: ["line 20"] });
  expect(console()).toEqual({ offset: 12, content: ["newer 12"] });
  expect(buffer.isEmpty).toBe(true);
  expect(buffer.bytes).toBe(0);
});

test("a progress bar that changes for ever keeps nothing back", () => {
  const { buffer, take } = bufferOf(1000);
  buffer.consoleLine(0, "10 %");
  buffer.consoleLine(5, "a line");
  expect(take().files?.["output.log"]?.offset).toBe(0);
  buffer.consoleLine(0, "20 %");
  expect(take().files?.["output.log"]?.offset).toBe(5);
});

test("a mark is passed when all from before it was taken", () => {
  const { buffer, take } = bufferOf(10);
  buffer.history("h".repeat(8), 8);
  buffer.consoleLine(0, "cccc");
  const mark = buffer.mark();
  buffer.history("late", 4);
  buffer.consoleLine(7, "late");
  expect(buffer.hasPassed(mark)).toBe(false);
  expect(take(mark).files).toEqual({
    "wandb-history.jsonl": { offset: 0, content: ["hhhhhhhh"] },
  });
  expect(buffer.hasPassed(mark)).toBe(false);
  expect(take(mark).files).toEqual({ "output.log": { offset: 0, content: ["cccc"] } });
  expect(buffer.hasPassed(mark)).toBe(true);
  expect(take().files).toEqual({
    "wandb-history.jsonl": { offset: 1, content: ["late"] },
    "output.log": { offset: 7, content: ["late"] },
  });
});

test("a summary beyond its limit is skipped until the next one", () => {
  const { buffer, skipped, take } = bufferOf(10);
  buffer.summary("s".repeat(101));
  expect(take()).toEqual({});
  expect(skipped).toEqual([101]);
  expect(buffer.isEmpty).toBe(true);
  buffer.summary("s".repeat(100));
  expect(take().files?.["wandb-summary.json"]?.content[0]).toHaveLength(100);
});
