import { describe, expect, it } from "vitest";
import {
  mountPoint,
  statsIntervalMs,
  statsItem,
  statsRecord,
} from "#backends/wandb/around/system-metrics.js";
import { createSystemSampler } from "#src/collectors/system.js";
import { officialRecords } from "./official-run.js";

const official = Object.fromEntries(
  officialRecords("stats")[0]!.item!.map(({ key, valueJson }) => [key, JSON.parse(valueJson) as number]),
);

describe("statsRecord", () => {
  it("has the names and units of the official client's sample of this machine", () => {
    const sampler = createSystemSampler({ diskPath: "/" });
    const record = statsRecord(sampler.sample(), 1_767_323_045.5)!;
    expect(record.timestamp).toEqual({ seconds: 1_767_323_045, nanos: 500_000_000 });
    const ours = Object.fromEntries(
      record.item!.map(({ key, valueJson }) => [key, JSON.parse(valueJson) as number]),
    );
    const expected = Object.keys(official)
      // Retransmissions are not sampled; the processor's share comes with the official client's second sample.
      .filter((key) => key !== "network.tcpRetransmits")
      .map((key) => key.replace(/^disk\.\w+\.(in|out)$/, "disk.all.$1"));
    expect(
      Object.keys(ours)
        .filter((key) => key !== "cpu" && key !== "cpu.percent")
        .sort(),
    ).toEqual(expected.sort());
    expect(ours["disk./.usageGB"]! / (ours["disk./.usagePercent"]! / 100)).toBeGreaterThan(1);
    expect(ours["proc.memory.rssMB"]).toBeCloseTo(process.memoryUsage.rss() / 2 ** 20, -2);
  });

  it.each<[string, number, string, number]>([
    ["process.cpu.percent", 12.5, "cpu", 12.5],
    ["memory.available.bytes", 3 * 2 ** 20, "proc.memory.availableMB", 3],
    ["process.memory.rss.bytes", 2 ** 19, "proc.memory.rssMB", 0.5],
    ["disk.used.bytes", 2 ** 30, "disk./.usageGB", 1],
    ["disk.written.bytes", 2 ** 21, "disk.all.out", 2],
    ["network.received.bytes", 7, "network.recv", 7],
    ["gpu.0.percent", 50, "gpu.0.gpu", 50],
    ["gpu.11.memory.busy.percent", 1, "gpu.11.memory", 1],
    ["gpu.1.memory.percent", 2, "gpu.1.memoryAllocated", 2],
    ["gpu.1.memory.used.bytes", 2, "gpu.1.memoryAllocatedBytes", 2],
    ["gpu.1.temperature.celsius", 60, "gpu.1.temp", 60],
    ["gpu.1.power.watts", 100, "gpu.1.powerWatts", 100],
    ["gpu.1.power.percent", 33, "gpu.1.powerPercent", 33],
    ["cpu.percent", 5, "cpu.percent", 5],
    ["own.value", 5, "own.value", 5],
  ])("%s %d is %s %d", (name, value, key, converted) => {
    expect(statsItem(name, value)).toEqual({ key, value: converted });
  });

  it("names the disk and the writer", () => {
    expect(statsItem("disk.percent", 1, { diskPath: "/data" })?.key).toBe("disk./data.usagePercent");
    expect(statsItem("disk.percent", 1, { label: "rank 1" })?.key).toBe("disk./.usagePercent/l:rank 1");
    expect(mountPoint("/")).toBe("/");
    expect(mountPoint("/proc/self")).toBe("/proc");
    expect(mountPoint("/gone/away")).toBe("/");
  });

  it("leaves out what no number is, and is nothing when nothing is left", () => {
    expect(statsRecord({ "gpu.0.percent": Number.NaN, "sampler.milliseconds": 1 }, 0)).toBeUndefined();
  });
});

describe("statsIntervalMs", () => {
  it("is 15 seconds unless set, at least a tenth of one, or nothing", () => {
    expect(statsIntervalMs({})).toBe(15_000);
    expect(statsIntervalMs({ statsSamplingInterval: 2.5 })).toBe(2500);
    expect(statsIntervalMs({ statsSamplingInterval: 0 })).toBe(100);
    expect(statsIntervalMs({ disableStats: true })).toBeUndefined();
    expect(statsIntervalMs({ disableMachineInfo: true })).toBeUndefined();
    expect(statsIntervalMs({ disableStats: false })).toBe(15_000);
  });
});
