import { describe, expect, it } from "vitest";
import { systemLine } from "#backends/wandb/sender/system-line.js";

// wandb-online-protocol.md, section 7
describe("a line of system metrics", () => {
  const record = {
    timestamp: { seconds: 1700000015, nanos: 120_000_000 },
    item: [
      { key: "cpu", valueJson: "3.4" },
      { key: "disk./.usageGB", valueJson: "12345678901234567890" },
      { key: "bad", valueJson: "x" },
    ],
  };

  it("has the sample's time, the time since the start, and the metrics under system", () => {
    expect(systemLine(record, { seconds: 1700000000, nanos: 110_000_000 })).toBe(
      '{"_wandb":true,"_timestamp":1.70000001512e+09,"_runtime":15.01,"system.cpu":3.4,' +
        '"system.disk./.usageGB":12345678901234567890}',
    );
  });

  it("names the writer where there are several", () => {
    expect(JSON.parse(systemLine(record, { seconds: 0 }, "node 1"))).toHaveProperty(
      ["system.cpu/l:node 1"],
      3.4,
    );
  });

  it("loses no nanosecond of the time since the start", () => {
    const at = (seconds: number, nanos: number) =>
      JSON.parse(systemLine({ timestamp: { seconds, nanos } }, { seconds: 1795232232, nanos: 134_188_000 }))
        ._runtime;
    // Observed with wandb 0.31.0 for these two times.
    expect(at(1795232232, 174_716_777)).toBe(0.040528777);
    expect(at(1795232233, 0)).toBe(0.865812);
    expect(at(1795232232, 134_187_999)).toBe(-1e-9);
    expect(at(1795232231, 134_188_000)).toBe(-1);
  });

  it("counts from the epoch when the start is not known", () => {
    expect(JSON.parse(systemLine({ timestamp: { seconds: 5 } }, undefined))).toEqual({
      _wandb: true,
      _timestamp: 5,
      _runtime: 5,
    });
  });
});
