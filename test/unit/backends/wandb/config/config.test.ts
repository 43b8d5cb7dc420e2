import { beforeEach, describe, expect, it } from "vitest";
import { RunConfig } from "#backends/wandb/config/config.js";
import type { UpdateRecord } from "#backends/wandb/records/record.js";

let written: UpdateRecord[];
let warnings: string[];
let config: RunConfig;
beforeEach(() => {
  written = [];
  warnings = [];
  config = new RunConfig({
    write: (record) => written.push(record),
    warn: (message) => warnings.push(message),
  });
});

describe("RunConfig", () => {
  it("writes the items that change, by key, and strips dashes", () => {
    config.update({ "--lr-": 0.1, model: { layers: [1, 2] } });
    expect(written).toEqual([
      {
        update: [
          { key: "lr", valueJson: "0.1" },
          { key: "model", valueJson: '{"layers":[1,2]}' },
        ],
      },
    ]);
    expect(config.get("lr")).toBe(0.1);
  });

  it("gives the run record its items, `_wandb` first", () => {
    config.update({ lr: 0.1 });
    expect(config.toRecord()).toEqual({
      update: [
        { key: "_wandb", valueJson: "{}" },
        { key: "lr", valueJson: "0.1" },
      ],
    });
  });

  it("changes a value only on purpose, and then all or nothing", () => {
    config.update({ lr: 0.1, list: [1, { a: 2 }] });
    config.update({ lr: 0.1, list: [1, { a: 2 }] });
    expect(() => config.update({ other: 1, lr: 0.2 })).toThrow(
      /"lr" is 0\.1 and would become 0\.2.*allowValChange/,
    );
    expect(() => config.set("lr", 1)).toThrow(/allowValChange/);
    expect(config.toObject()).toEqual({ lr: 0.1, list: [1, { a: 2 }] });
    config.update({ lr: 0.2 }, { allowValChange: true });
    expect(config.get("lr")).toBe(0.2);
    const free = new RunConfig({ write: () => {}, warn: () => {} }, true);
    free.update({ lr: 1 });
    free.update({ lr: 2 });
    expect(free.get("lr")).toBe(2);
  });

  it("keeps what a sweep has set", () => {
    config.update({ lr: 0.1 });
    config.lock({ lr: 0.5 }, "sweep");
    config.update({ lr: 0.9, other: 1 }, { allowValChange: true });
    expect(config.toObject()).toEqual({ lr: 0.5, other: 1 });
    expect(warnings).toEqual([
      'config: "lr" is set by the sweep and keeps its value; the update was ignored.',
    ]);
  });

  it("sets defaults where there is nothing", () => {
    config.update({ lr: 0.1 });
    config.setDefaults({ lr: 9, seed: 1 });
    expect(config.toObject()).toEqual({ lr: 0.1, seed: 1 });
  });

  it("writes W&B's own keys below `_wandb`", () => {
    config.setInternal(["visualize", "roc"], { panel_type: "Vega2" });
    expect(written).toEqual([
      { update: [{ nestedKey: ["_wandb", "visualize", "roc"], valueJson: '{"panel_type":"Vega2"}' }] },
    ]);
    expect(() => config.update({ _wandb: 1 })).toThrow(/belongs to W&B/);
  });

  it("writes dates and arrays as the official client's configuration", () => {
    // json.dumps of datetime(2024, 1, 1, tzinfo=UTC).isoformat()
    config.update({ date: new Date("2024-01-01"), long: new Uint8Array(40) });
    expect(written[0]!.update!.map(({ valueJson }) => valueJson)).toEqual([
      '"2024-01-01T00:00:00+00:00"',
      `[${"0,".repeat(39)}0]`,
    ]);
  });

  it("keeps NaN and the infinities", () => {
    config.update({ a: Number.NaN, b: [Number.NEGATIVE_INFINITY] });
    expect(written[0]!.update!.map(({ valueJson }) => valueJson)).toEqual(["NaN", "[-Infinity]"]);
  });
});
