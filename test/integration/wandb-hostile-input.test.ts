import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import * as wandb from "tracelet/wandb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const home = process.cwd();
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "wandb-hostile-"));
  process.chdir(dir);
});
afterEach(async () => {
  await wandb.finish();
  process.chdir(home);
  rmSync(dir, { recursive: true });
});

const offline = { mode: "offline", settings: { console: "off", silent: true } } as const;

describe("what a run refuses", () => {
  it("is a TraceletError, and leaves the run as it was", async () => {
    const run = await wandb.init({ ...offline, name: "n", notes: "o", tags: ["t"] });
    const trap = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("trap");
        },
      },
    );
    const throwing = {
      get loss(): number {
        throw new Error("getter");
      },
    };
    const calls: (() => unknown)[] = [
      () => run.log(null as never),
      () => run.log(undefined as never),
      () => run.log("loss" as never),
      () => run.log([1] as never),
      () => run.log(throwing),
      () => run.log({ a: throwing }),
      () => run.log({ a: trap }),
      () => run.log(trap as never),
      () => run.log({ a: 1 }, { step: 1.5 }),
      () => run.config.update(null as never),
      () => (run.name = 5 as never),
      () => (run.notes = {} as never),
      () => (run.tags = "abc" as never),
      () => run.logArtifact(undefined as never),
    ];
    for (const call of calls) {
      expect(call, String(call)).toThrow(
        expect.objectContaining({ name: "TraceletError", code: "invalid-value" }),
      );
    }
    expect([run.name, run.notes, run.tags, run.step]).toEqual(["n", "o", ["t"], 0]);
    expect(run.experiment.stats().drops).toEqual({});
  });
});

describe.each(["offline", "disabled"] as const)("config and summary of a run that is %s", (mode) => {
  it("are read like objects: keys, members, spread, JSON, texts and console.log", async () => {
    const run = await wandb.init({ ...offline, mode, config: { lr: 0.1 } });
    run.summary["best"] = { loss: 1 };
    (run.summary["best"] as wandb.Summary)["epoch"] = 3;
    run.summary.update({ done: true });
    const best = { loss: 1, epoch: 3 };
    for (const [view, values] of [
      [run.config, { lr: 0.1 }],
      [wandb.config, { lr: 0.1 }],
      [run.summary, { best, done: true }],
      [wandb.summary, { best, done: true }],
      [run.summary["best"] as wandb.Summary, best],
    ] as const) {
      expect(view.toObject()).toEqual(values);
      expect(Object.keys(view)).toEqual(Object.keys(values));
      expect({ ...view }).toEqual(values);
      expect(JSON.parse(JSON.stringify(view))).toEqual(values);
      expect(`${view}`).toBe(JSON.stringify(values));
      expect(inspect(view, { depth: 5 })).toBe(inspect(values, { depth: 5 }));
      expect(Object.keys(values)[0]! in view).toBe(true);
      expect("absent" in view).toBe(false);
    }
    delete run.summary["done"];
    delete (run.summary["best"] as wandb.Summary)["loss"];
    expect(run.summary.toObject()).toEqual({ best: { epoch: 3 } });
    expect(run.summary.get("done")).toBeUndefined();
  });

  it("take __proto__ and constructor for keys like others", async () => {
    const evil = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}');
    const run = await wandb.init({ ...offline, mode, config: evil });
    run.summary.update(evil);
    run.log(evil);
    expect(Object.keys(run.config).sort()).toEqual(["__proto__", "constructor"]);
    expect(run.summary.get("constructor")).toBe(2);
    expect({}).not.toHaveProperty("polluted");
  });
});
