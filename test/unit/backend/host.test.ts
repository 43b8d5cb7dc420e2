import type { Backend, Event, RunDescription } from "tracelet";
import { describe, expect, it } from "vitest";
import { type BackendHost, createHost } from "#src/backend/host.js";

const run: RunDescription = {
  id: "abcd1234",
  name: undefined,
  project: "p",
  tags: [],
  params: {},
  dir: "/tmp",
  startTime: 0,
};
const text = (index: number): Event => ({ kind: "text", tag: "t", text: `${index}`, wallTime: index });
const finished = { status: "finished", exitCode: 0 } as const;

function host(
  backend: Partial<Backend>,
  extra: { unsupported?: { image: string }; stallMs?: number; fallback?: Partial<Backend> } = {},
) {
  const troubles: string[] = [];
  const drops: Record<string, number>[] = [];
  const complete = (partial: Partial<Backend>): Backend => ({
    open() {},
    write() {},
    close() {},
    ...partial,
  });
  const made: BackendHost = createHost({
    label: "subject",
    candidates: [
      {
        label: "subject",
        create: async () => ({
          ...(extra.unsupported && { unsupported: extra.unsupported }),
          backend: complete(backend),
        }),
      },
      ...(extra.fallback
        ? [{ label: "spare", create: async () => ({ backend: complete(extra.fallback!) }) }]
        : []),
    ],
    stallMs: extra.stallMs ?? 1_000,
    reporter: {
      opened() {},
      trouble: (message) => void troubles.push(message),
      address() {},
      location() {},
      drops: (counts) => void drops.push({ ...counts }),
    },
  });
  return { host: made, troubles, drops: () => drops.at(-1) ?? {} };
}

describe("backend host", () => {
  it("gives the hint of a backend that is left behind at the deadline", async () => {
    const troubles: string[] = [];
    const subject = createHost({
      label: "subject",
      candidates: [
        {
          label: "subject",
          create: (context) => {
            context.location("/runs/1", "send with: tool sync /runs/1");
            return { backend: { open() {}, write() {}, close: () => new Promise<void>(() => {}) } };
          },
        },
      ],
      stallMs: 1_000,
      reporter: {
        opened() {},
        trouble: (message) => void troubles.push(message),
        address() {},
        location() {},
        drops() {},
      },
    });
    void subject.open(run);
    subject.write([text(0)], 10);
    expect(await subject.close(finished, 50)).toEqual({
      synced: 0,
      pending: 1,
      dropped: 0,
      location: "/runs/1",
      hint: "send with: tool sync /runs/1",
    });
    expect(troubles.join()).toMatch(/left behind.*send with: tool sync \/runs\/1$/);
  });

  it("keeps events that come before the backend is open, and the order across a slow write", async () => {
    const seen: string[] = [];
    const subject = host({
      open: () => new Promise((resolve) => setTimeout(resolve, 20)),
      async write(events) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        seen.push(...events.map((event) => (event as { text: string }).text));
      },
    });
    void subject.host.open(run);
    for (let i = 0; i < 20; i++) subject.host.write([text(i)], 10);
    const report = await subject.host.close(finished, 5_000);
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
    expect(report).toMatchObject({ synced: 20, pending: 0, dropped: 0 });
  });

  it("never calls a backend concurrently", async () => {
    let active = 0;
    let most = 0;
    const call = async () => {
      most = Math.max(most, ++active);
      await new Promise((resolve) => setTimeout(resolve, 1));
      active--;
    };
    const subject = host({ open: call, write: call, flush: call, close: call });
    void subject.host.open(run);
    for (let i = 0; i < 10; i++) subject.host.write([text(i)], 10);
    void subject.host.flush(1_000);
    for (let i = 0; i < 10; i++) subject.host.write([text(i)], 10);
    await subject.host.close(finished, 5_000);
    expect(most).toBe(1);
  });

  it("copies scalars that have to wait, because the columns are reused", async () => {
    const seen: number[] = [];
    const subject = host({
      async write(events) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        seen.push(...events.map((event) => (event as { value: number }).value));
      },
    });
    await subject.host.open(run);
    const columns = {
      length: 2,
      tags: ["a", "b"],
      values: new Float64Array(2),
      steps: new Float64Array(2),
      wallTimes: new Float64Array(2),
    };
    for (let i = 0; i < 5; i++) {
      columns.values.fill(i);
      subject.host.writeScalars(columns);
    }
    await subject.host.close(finished, 5_000);
    expect(seen.slice(2)).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
  });

  it("counts a write that throws as dropped, tells it once, and goes on", async () => {
    let calls = 0;
    const subject = host({
      write() {
        if (++calls <= 3) throw new Error("disk full");
      },
    });
    await subject.host.open(run);
    for (let i = 0; i < 5; i++) subject.host.write([text(i), text(i)], 10);
    const report = await subject.host.close(finished, 1_000);
    expect(report).toMatchObject({ synced: 4, pending: 0, dropped: 6 });
    expect(subject.drops()).toEqual({ "disk full": 6 });
    expect(subject.troubles).toHaveLength(1);
    expect(subject.troubles[0]).toContain("disk full");
  });

  it("uses the fallback when the backend cannot open, and gives it everything", async () => {
    const seen: Event[] = [];
    const subject = host(
      {
        open() {
          throw new Error("no server");
        },
      },
      { fallback: { write: (events) => void seen.push(...events) } },
    );
    subject.host.write([text(0)], 10);
    await subject.host.open(run);
    subject.host.write([text(1)], 10);
    expect(await subject.host.close(finished, 1_000)).toMatchObject({ synced: 2, dropped: 0 });
    expect(seen).toHaveLength(2);
    expect(subject.troubles).toEqual(["could not start: no server; falling back to spare"]);
  });

  it("drops and counts everything when nothing opens", async () => {
    const subject = host({ open: () => Promise.reject(new Error("nope")) });
    subject.host.write([text(0)], 10);
    await subject.host.open(run);
    subject.host.write([text(1)], 10);
    expect(await subject.host.close(finished, 1_000)).toMatchObject({ synced: 0, pending: 0, dropped: 2 });
    expect(subject.drops()).toEqual({ "backend failed to start": 2 });
  });

  it("counts kinds the backend cannot hold, those before the start included", async () => {
    const seen: string[] = [];
    const subject = host(
      { write: (events) => void seen.push(...events.map(({ kind }) => kind)) },
      { unsupported: { image: "no pictures" } },
    );
    const image: Event = {
      kind: "image",
      tag: "i",
      image: { format: "png", bytes: new Uint8Array(1) },
      wallTime: 0,
    };
    subject.host.write([image, text(0)], 10);
    await subject.host.open(run);
    subject.host.write([image, text(1)], 10);
    expect(await subject.host.close(finished, 1_000)).toMatchObject({ synced: 2, pending: 0, dropped: 2 });
    expect(seen).toEqual(["text", "text"]);
    expect(subject.drops()).toEqual({ "image: no pictures": 2 });
    expect(subject.troubles).toHaveLength(1);
  });

  it("gives up a hanging write after the stall time, says so, and does not hang at the end", async () => {
    const subject = host({ write: () => new Promise(() => {}) }, { stallMs: 30 });
    await subject.host.open(run);
    subject.host.write([text(0)], 10);
    subject.host.write([text(1)], 20 << 20);
    expect(subject.host.overloaded()).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(subject.host.overloaded()).toBe(false);
    subject.host.write([text(2)], 10);
    const report = await subject.host.close(finished, 50);
    expect(report).toMatchObject({ synced: 0, pending: 1, dropped: 2 });
    expect(subject.drops()).toEqual({ "backend stalled": 2 });
  });

  it("gives up a hanging close at the deadline and claims nothing", async () => {
    const subject = host({ close: () => new Promise(() => {}) });
    await subject.host.open(run);
    subject.host.write([text(0)], 10);
    expect(await subject.host.close(finished, 30)).toMatchObject({ synced: 0, pending: 1, dropped: 0 });
    expect(subject.troubles[0]).toContain("did not close within 30 ms");
  });
});
