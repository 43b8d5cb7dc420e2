import { spawnSync } from "node:child_process";
import * as tracelet from "tracelet";
import { afterEach, describe, expect, it } from "vitest";

class Foreign {
  readonly calls: unknown[][] = [];
  addScalar(tag: string, value: number, step?: number) {
    this.calls.push([tag, value, step]);
    return `${tag}@${step}`;
  }
  addImage(tag: string, image: unknown, step?: number) {
    this.calls.push([tag, image, step]);
  }
  addFigure(tag: string, image: { shape: number[]; data: Uint8Array }, step?: number) {
    this.addImage(tag, image, step);
  }
  add_text(tag: string, text: string) {
    this.calls.push([tag, text]);
  }
  addHistogram() {
    throw new Error("theirs");
  }
}
const originals = { ...Object.getOwnPropertyDescriptors(Foreign.prototype) };
const isOriginal = () =>
  Object.entries(originals).every(([name, { value }]) => Foreign.prototype[name as "addScalar"] === value);

let unhook = () => {};
const start = () => {
  const events: tracelet.Event[] = [];
  tracelet.startLogging("memory", { config: { events } });
  return events;
};

afterEach(async () => {
  await tracelet.stopLogging();
  unhook();
});

describe("hookSummaryWriter", () => {
  it("calls the original first, returns its result, and logs the call too", async () => {
    const events = start();
    unhook = tracelet.hookSummaryWriter(Foreign);
    const writer = new Foreign();
    expect(writer.addScalar("loss", 0.5, 0)).toBe("loss@0");
    writer.add_text("note", "hello");
    expect(writer.calls).toEqual([
      ["loss", 0.5, 0],
      ["note", "hello"],
    ]);
    await tracelet.stopLogging();
    expect(events).toMatchObject([
      { kind: "scalar", tag: "loss", value: 0.5, step: 0 },
      { kind: "text", tag: "note", text: "hello" },
      { kind: "finish" },
    ]);
  });

  it("catches writers made before the start and before the hook", async () => {
    const before = new Foreign();
    unhook = tracelet.hookSummaryWriter(Foreign);
    const between = new Foreign();
    const events = start();
    before.addScalar("a", 1, 1);
    between.addScalar("b", 2, 2);
    await tracelet.stopLogging();
    expect(events.map((event) => (event as { tag?: string }).tag)).toEqual(["a", "b", undefined]);
  });

  it("puts the class back on stop, and logs once a call after a restart", async () => {
    unhook = tracelet.hookSummaryWriter(Foreign);
    tracelet.hookSummaryWriter(Foreign);
    expect(isOriginal()).toBe(true);
    start();
    expect(isOriginal()).toBe(false);
    await tracelet.stopLogging();
    expect(isOriginal()).toBe(true);
    const events = start();
    new Foreign().addScalar("a", 1, 1);
    await tracelet.stopLogging();
    expect(events.filter(({ kind }) => kind === "scalar")).toHaveLength(1);
    expect(isOriginal()).toBe(true);
  });

  it("takes a call that calls another one of the writer as one", async () => {
    const events = start();
    unhook = tracelet.hookSummaryWriter(Foreign);
    new Foreign().addFigure("f", { shape: [3, 1, 1], data: new Uint8Array(3) }, 1);
    await tracelet.stopLogging();
    expect(events.filter(({ kind }) => kind !== "finish")).toHaveLength(0);
  });

  it("lets the original's error through, logs nothing then, and works on", async () => {
    const events = start();
    unhook = tracelet.hookSummaryWriter(Foreign);
    const writer = new Foreign();
    expect(() => writer.addHistogram()).toThrow("theirs");
    writer.addScalar("a", 1, 1);
    await tracelet.stopLogging();
    expect(events.map(({ kind }) => kind)).toEqual(["scalar", "finish"]);
  });

  it("never fails the foreign call for a value that cannot be logged", async () => {
    const events = start();
    unhook = tracelet.hookSummaryWriter(Foreign);
    expect(new Foreign().addScalar("a", "x" as never, 1)).toBe("a@1");
    await tracelet.stopLogging();
    expect(events.map(({ kind }) => kind)).toEqual(["finish"]);
  });

  it("takes only the methods and every n-th call asked for", async () => {
    const events = start();
    unhook = tracelet.hookSummaryWriter(Foreign, { methods: ["addScalar"], every: 10 });
    const writer = new Foreign();
    for (let step = 0; step < 25; step++) writer.addScalar("a", step, step);
    writer.add_text("t", "x");
    await tracelet.stopLogging();
    expect(
      events.flatMap((event): unknown[] => (event.kind === "scalar" ? [event.step] : [event.kind])),
    ).toEqual([0, 10, 20, "finish"]);
  });

  it("refuses a class it knows nothing of, and methods it does not have", () => {
    expect(() => tracelet.hookSummaryWriter(class Empty {})).toThrow(/Empty has none/);
    expect(() => tracelet.hookSummaryWriter(Foreign, { methods: ["addVideo"] })).toThrow(
      /no method "addVideo"/,
    );
  });
});

describe("a script without tracelet's start", () => {
  it("is left alone: importing keeps nothing alive and installs nothing", () => {
    const script = `import "tracelet"; process.on("exit", () => console.log(process.listenerCount("SIGTERM"), process.getActiveResourcesInfo().length));`;
    const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
    });
    expect([stdout.trim().split(" ")[0], status]).toEqual(["0", 0]);
  });

  it("says once, not at every step, that something could not be logged", () => {
    const script = `
      import * as tracelet from "tracelet";
      class Theirs { addScalar() {} }
      tracelet.startLogging("memory");
      tracelet.hookSummaryWriter(Theirs);
      for (let step = 0; step < 1000; step++) new Theirs().addScalar("loss", "no number", step);
      await tracelet.stopLogging();
    `;
    const { stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
    });
    expect(stderr.trim().split("\n")).toEqual([
      expect.stringMatching(/hooked addScalar was not logged: loss/),
    ]);
    expect(status).toBe(0);
  });
});
