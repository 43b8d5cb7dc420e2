import { writeSync } from "node:fs";
import { join } from "node:path";
import { type Backend, defineBackend, type Event } from "tracelet";
import { EventFileReader } from "tracelet/tensorboard-writer";
import { type ConformanceCase, conformanceCases } from "tracelet/testing";
import { describe, expect, it, vi } from "vitest";
import { backend as consoleBackend } from "#backends/console/backend.js";
import { backend as jsonl } from "#backends/jsonl/backend.js";
import { readJsonl } from "#backends/jsonl/reader.js";
import { backend as memory } from "#backends/memory/backend.js";
import { backend as tensorboard } from "#backends/tensorboard/backend.js";

const scalarsOf = (events: Iterable<Event>) =>
  [...events].flatMap((event) =>
    event.kind === "scalar"
      ? [{ tag: event.tag, value: event.value, ...(event.step !== undefined && { step: event.step }) }]
      : [],
  );

const kept = new Map<string, Event[]>();

const suites: Record<string, ConformanceCase[]> = {
  tensorboard: conformanceCases({
    definition: tensorboard,
    options: (dir) => ({ logDir: join(dir, "run") }),
    float32: true,
    readScalars: async (dir) =>
      [...new EventFileReader(join(dir, "run"))].flatMap(({ summary, step = 0 }) =>
        (summary?.value ?? []).flatMap(({ tag = "", simpleValue }) =>
          simpleValue === undefined ? [] : [{ tag, value: simpleValue, step }],
        ),
      ),
  }),
  jsonl: conformanceCases({
    definition: jsonl,
    options: (dir) => ({ file: join(dir, "run.jsonl") }),
    readScalars: async (dir) => scalarsOf(readJsonl(join(dir, "run.jsonl"))),
  }),
  memory: conformanceCases({
    definition: memory,
    options(dir) {
      const events: Event[] = [];
      kept.set(dir, events);
      return { events };
    },
    readScalars: async (dir) => scalarsOf(kept.get(dir)!),
  }),
  console: conformanceCases({ definition: consoleBackend, options: () => ({}) }),
};

// What the console backend prints is tested where it is built; here it would only disturb.
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return {
    ...fs,
    writeSync: (fd: number, ...rest: [never]) => (fd <= 2 ? rest.length : fs.writeSync(fd, ...rest)),
  };
});

describe.each(Object.entries(suites))("%s conforms:", (_, cases) => {
  for (const { name, skip, run } of cases) {
    it.skipIf(skip !== undefined)(skip === undefined ? name : `${name} (not asked: ${skip})`, run);
  }
});

describe("the suite itself", () => {
  const outcome = async (backend: Partial<Backend>, name: string, readBack: Event[] = []) => {
    const complete: Backend = { open() {}, write() {}, close() {}, ...backend };
    const cases = conformanceCases({
      definition: defineBackend({ name: "broken", create: () => complete }),
      options: () => undefined,
      readScalars: async () => scalarsOf(readBack),
    });
    return cases.find((each) => each.name.startsWith(name))!.run();
  };

  it("finds a backend that loses, reorders or refuses", async () => {
    await expect(outcome({}, "keeps scalars in order")).rejects.toThrow(/scalars: expected/);
    const reversed: Event[] = [];
    const write = (events: readonly Event[]) => void reversed.unshift(...events);
    await expect(outcome({ write }, "keeps the order", reversed)).rejects.toThrow(/values/);
    const throws = () => {
      throw new Error("no");
    };
    await expect(outcome({ write: throws }, "takes image")).rejects.toThrow(/dropped: expected 0, got 1/);
    await expect(outcome({ close: throws }, "closes a run")).rejects.toThrow(/troubles/);
    expect(writeSync).toBeDefined();
  });
});
