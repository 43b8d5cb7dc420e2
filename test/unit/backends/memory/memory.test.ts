import { expect, test } from "vitest";
import { backend, type MemoryBackend } from "#backends/memory/backend.js";
import type { Event } from "#src/events/event.js";

const context = { warn() {}, location() {}, address() {}, drop() {} };
const done = { status: "finished", exitCode: 0 } as const;
const events: Event[] = [
  { kind: "scalar", wallTime: 1, step: 1, tag: "a", value: Number.NaN },
  { kind: "tags", wallTime: 2, tags: ["x"] },
];

test("events arrive in the caller's own array, after what it held", async () => {
  const first: Event = { kind: "tags", wallTime: 0, tags: [] };
  const mine = [first];
  const result = await backend.options!["~standard"].validate({ events: mine });
  const sink = await backend.create((result as { value: { events: Event[] } }).value, context);
  await sink.write(events.slice(0, 1));
  await sink.write(events.slice(1));
  expect(mine).toEqual([first, ...events]);
  await sink.close(done, 5_000);
});

test("without an array the backend has its own", async () => {
  const sink = (await backend.create({}, context)) as MemoryBackend;
  await sink.write(events);
  expect(sink.events).toEqual(events);
});

test("a batch too long for a call's arguments", async () => {
  const sink = (await backend.create({}, context)) as MemoryBackend;
  await sink.write(new Array(300_000).fill(events[1]));
  expect(sink.events).toHaveLength(300_000);
});

test("options: only an array", async () => {
  const validate = (value: unknown) => backend.options!["~standard"].validate(value);
  expect((await validate({})).issues).toBeUndefined();
  expect((await validate({ events: {} })).issues).toHaveLength(1);
  expect((await validate({ event: [] })).issues).toHaveLength(1);
});
