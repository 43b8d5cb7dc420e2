import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { createSystemSampler } from "#src/collectors/system.js";

const linux = process.platform === "linux";

function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe("createSystemSampler", () => {
  test("values lie where the machine's own tools put them", () => {
    const sampler = createSystemSampler({ diskPath: process.cwd() });
    spin(60);
    const values = sampler.sample();
    for (const [name, value] of Object.entries(values)) {
      expect(Number.isFinite(value), name).toBe(true);
      expect(value, name).toBeGreaterThanOrEqual(0);
      if (name.endsWith("percent")) expect(value, name).toBeLessThanOrEqual(100);
    }
    const memory = values["memory.used.bytes"]! + values["memory.available.bytes"]!;
    expect(Math.abs(memory - os.totalmem())).toBeLessThan(os.totalmem() / 1000);
    expect(values["process.memory.rss.bytes"]).toBeGreaterThan(10e6);
    expect(values["process.memory.rss.bytes"]).toBeLessThan(2e9);
  });

  test.runIf(linux)("the disk's numbers are those of df", () => {
    const dir = mkdtempSync(join(os.tmpdir(), "tracelet-disk-"));
    const values = createSystemSampler({ diskPath: dir }).sample();
    const df = execFileSync("df", ["-B1", "--output=used,avail,pcent", dir], { encoding: "utf8" });
    rmSync(dir, { recursive: true });
    const [used, available, percent] = df.split("\n")[1]!.trim().split(/[ %]+/).map(Number);
    expect(Math.abs(values["disk.used.bytes"]! - used!)).toBeLessThan(200e6);
    expect(Math.abs(values["disk.available.bytes"]! - available!)).toBeLessThan(200e6);
    // df rounds up.
    expect(Math.abs(values["disk.percent"]! - percent!)).toBeLessThan(1.5);
  });

  test("a busy thread is told by its share of the processors, counted for the whole process from a worker", async () => {
    const sampler = new URL(import.meta.resolve("#src/collectors/system.js")).href;
    const worker = new Worker(
      `const { parentPort } = require("node:worker_threads");
       import(${JSON.stringify(sampler)}).then(({ createSystemSampler }) => {
         const sampler = createSystemSampler({ diskPath: "/" });
         parentPort.once("message", () => parentPort.postMessage(sampler.sample()));
         parentPort.postMessage("ready");
       });`,
      { eval: true },
    );
    await once(worker, "message");
    const began = performance.now();
    const before = process.cpuUsage();
    const used = () => {
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    // Other load may take its share of the processors.
    while (used() < 300);
    const percent = (used() / (performance.now() - began) / os.cpus().length) * 100;
    worker.postMessage("now");
    const [sample] = (await once(worker, "message")) as [Record<string, number>];
    await worker.terminate();
    // The sampler looked a moment before and after.
    expect(sample["process.cpu.percent"]! / percent).toBeGreaterThan(0.5);
    expect(sample["process.cpu.percent"]! / percent).toBeLessThan(2);
    if (linux) expect(sample["process.cpu.threads"]).toBeGreaterThan(4);
  });

  test.runIf(linux)("counters count from the start of the sampler", () => {
    const dir = mkdtempSync(join(os.tmpdir(), "tracelet-io-"));
    const sampler = createSystemSampler({ diskPath: dir });
    const first = sampler.sample();
    expect(first["disk.written.bytes"] ?? 0).toBeLessThan(500e6);
    writeFileSync(join(dir, "x"), Buffer.alloc(1000));
    const second = sampler.sample();
    rmSync(dir, { recursive: true });
    for (const name of ["disk.read.bytes", "disk.written.bytes"]) {
      if (first[name] !== undefined) expect(second[name]).toBeGreaterThanOrEqual(first[name]);
    }
    expect(second["network.received.bytes"]).toBeGreaterThanOrEqual(first["network.received.bytes"]!);
  });

  test("a folder that is gone leaves the disk out", () => {
    const values = createSystemSampler({ diskPath: "/nowhere/at/all" }).sample();
    expect(Object.keys(values).filter((name) => /^disk\.(percent|used|available)/.test(name))).toEqual([]);
    expect(values["memory.percent"]).toBeGreaterThan(0);
  });

  test("GPU values are part of the sample", () => {
    const gpu = { latest: () => ({ "gpu.0.percent": 42 }), stop() {} };
    expect(createSystemSampler({ diskPath: "/", gpu }).sample()["gpu.0.percent"]).toBe(42);
  });

  test("a sample is cheap", () => {
    const sampler = createSystemSampler({ diskPath: process.cwd() });
    for (let i = 0; i < 100; i++) sampler.sample();
    // Processor time, which other load does not add to.
    const before = process.cpuUsage();
    for (let i = 0; i < 200; i++) sampler.sample();
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 200).toBeLessThan(1_000);
  });
});
