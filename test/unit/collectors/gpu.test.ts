import { ChildProcess, execFile } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createGpuSource, type GpuSource, parseGpuLine } from "#src/collectors/gpu.js";

describe("parseGpuLine", () => {
  test("units: MiB to bytes, shares in percent", () => {
    expect(parseGpuLine("0, 87, 45, 10240, 40960, 61, 250.50, 400.00")).toEqual({
      "gpu.0.percent": 87,
      "gpu.0.memory.busy.percent": 45,
      "gpu.0.memory.used.bytes": 10_737_418_240,
      "gpu.0.memory.percent": 25,
      "gpu.0.temperature.celsius": 61,
      "gpu.0.power.watts": 250.5,
      "gpu.0.power.percent": 62.625,
    });
  });

  test("what a card does not tell is absent", () => {
    expect(parseGpuLine("3, [N/A], [Not Supported], 512, 1024, 40, [Unknown Error], 70.00")).toEqual({
      "gpu.3.memory.used.bytes": 536_870_912,
      "gpu.3.memory.percent": 50,
      "gpu.3.temperature.celsius": 40,
    });
  });

  test.each(["", "No devices were found", "0, 1", "NVIDIA-SMI has failed, a, b, c, d, e, f, g"])(
    "no line: %j",
    (line) => expect(parseGpuLine(line)).toBeUndefined(),
  );
});

describe.skipIf(process.platform === "win32")("createGpuSource with a stand-in for nvidia-smi", () => {
  const path = process.env["PATH"] ?? "";
  let dir: string;
  let gpu: GpuSource | undefined;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "tracelet-gpu-"));
    process.env["PATH"] = `${dir}${delimiter}${path}`;
  });
  afterEach(() => {
    gpu?.stop();
    gpu = undefined;
    process.env["PATH"] = path;
    rmSync(dir, { recursive: true });
  });

  function install(body: string): void {
    writeFileSync(
      join(dir, "nvidia-smi"),
      `#!/bin/sh\necho $$ >> ${dir}/pids\necho "$@" > ${dir}/args\n${body}\n`,
    );
    chmodSync(join(dir, "nvidia-smi"), 0o755);
  }
  const pids = (): number[] =>
    existsSync(join(dir, "pids"))
      ? readFileSync(join(dir, "pids"), "utf8").trim().split("\n").map(Number)
      : [];
  const alive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      // An ended process that init has not collected yet still has its number.
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "ENOENT" && process.platform !== "linux";
    }
  };
  async function until(condition: () => boolean, ms = 5_000): Promise<void> {
    const end = performance.now() + ms;
    while (!condition() && performance.now() < end) await sleep(10);
    expect(condition()).toBe(true);
  }

  test("keeps the newest values of every card from one process, and kills it at stop", async () => {
    install(`i=0
while :; do
  printf '0, %d, 1, 100, 1000, 50, 100.00, 200.00\\n1, %d, 1, 1' $i $i; sleep 0.02; printf '00, 1000, 60, 50.00, 200.00\\n'
  i=$((i+1)); sleep 0.05
done`);
    gpu = createGpuSource({ intervalMs: 50 });
    expect(gpu.latest()).toEqual({});
    await until(() => (gpu!.latest()["gpu.1.percent"] ?? 0) >= 2);
    expect(gpu.latest()["gpu.0.power.percent"]).toBe(50);
    expect(gpu.latest()["gpu.1.temperature.celsius"]).toBe(60);
    expect(readFileSync(join(dir, "args"), "utf8").trim()).toBe(
      "--query-gpu=index,utilization.gpu,utilization.memory,memory.used,memory.total,temperature.gpu,power.draw," +
        "enforced.power.limit --format=csv,noheader,nounits -lms 50",
    );
    expect(pids()).toHaveLength(1);
    gpu.stop();
    expect(gpu.latest()).toEqual({});
    await until(() => !alive(pids()[0]!));
    gpu.stop();
  });

  test("one that ends is started again, and its old values are not shown meanwhile", async () => {
    install("echo '0, 5, 1, 100, 1000, 50, 100.00, 200.00'; exit 1");
    gpu = createGpuSource({ intervalMs: 50 });
    await until(() => pids().length === 1);
    await sleep(300);
    expect(gpu.latest()).toEqual({});
    await until(() => pids().length === 2);
  });

  test("values older than three intervals are not shown", async () => {
    install("echo '0, 5, 1, 100, 1000, 50, 100.00, 200.00'; exec sleep 60");
    gpu = createGpuSource({ intervalMs: 10 });
    await until(() => gpu!.latest()["gpu.0.percent"] === 5);
    await until(() => Object.keys(gpu!.latest()).length === 0, 3_000);
  });

  test("without nvidia-smi there are no values and no errors", async () => {
    process.env["PATH"] = dir;
    gpu = createGpuSource({ intervalMs: 10 });
    await sleep(100);
    expect(gpu.latest()).toEqual({});
  });

  test("stopped before it is told that there is no nvidia-smi, it kills nothing", () => {
    process.env["PATH"] = dir;
    const kill = vi.spyOn(ChildProcess.prototype, "kill").mockReturnValue(true);
    try {
      createGpuSource({ intervalMs: 100 }).stop();
      expect(kill).not.toHaveBeenCalled();
    } finally {
      kill.mockRestore();
    }
  });

  test("it does not keep the process alive, and ends with it", async () => {
    install("while :; do echo '0, 5, 1, 100, 1000, 50, 100.00, 200.00'; sleep 0.05; done");
    const module = import.meta.resolve("#src/collectors/gpu.js");
    const script = `import { createGpuSource } from ${JSON.stringify(module)};
      const gpu = createGpuSource({ intervalMs: 50 });
      setTimeout(() => console.log(gpu.latest()["gpu.0.percent"]), 500);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      timeout: 8_000,
    });
    expect(stdout.trim()).toBe("5");
    await until(() => pids().length === 1 && !alive(pids()[0]!));
  });

  test("the program's start does not wait for it", () => {
    install("exec sleep 60");
    // Else the time of this test is up.
    gpu = createGpuSource({ intervalMs: 50 });
  });
});
