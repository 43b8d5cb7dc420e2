import { describe, expect, it } from "vitest";
import type { EnvironmentRecord } from "#backends/wandb/records/record.js";
import { mergeEnvironment, metadataJson, metadataObject } from "#backends/wandb/sender/metadata-json.js";

// wandb-online-protocol.md, section 9.1, and what the official sync of 0.31 wrote of such records.
describe("wandb-metadata.json", () => {
  it("has the names of the official JSON form, sizes as texts, and nothing that is empty", () => {
    expect(
      metadataObject({
        os: "Linux",
        python: "",
        startedAt: { seconds: 1767323045, nanos: 605_139_000 },
        args: [],
        git: { remoteUrl: "https://git.example.com/a.git", commit: "abc" },
        codePathLocal: "a.js",
        cpuCount: 4,
        cpuCountLogical: 8,
        gpuType: "A100",
        gpuCount: 0,
        disk: { "/": { total: 270553174016, used: 0 } },
        memory: {},
        cpu: { count: 4, countLogical: 8, model: "m" },
        slurm: { job_id: "7" },
        writerId: "w",
      }),
    ).toEqual({
      os: "Linux",
      startedAt: "2026-01-02T03:04:05.605139Z",
      git: { remote: "https://git.example.com/a.git", commit: "abc" },
      codePathLocal: "a.js",
      cpu_count: 4,
      cpu_count_logical: 8,
      gpu: "A100",
      disk: { "/": { total: "270553174016" } },
      memory: {},
      cpu: { count: 4, countLogical: 8, model: "m" },
      slurm: { job_id: "7" },
      writerId: "w",
    });
  });

  it("knows every kind of hardware", () => {
    const record = {
      gpuNvidia: [{ name: "A100", memoryTotal: 80e9, cudaCores: 6912, uuid: "u" }, { name: "T4" }],
      gpuAmd: [{ id: "x", maxPower: "1" }],
      apple: { name: "M1", ecpuCores: 4, swapTotalBytes: 5 },
      trainium: { name: "trn", neuronDeviceCount: 2 },
      tpu: { name: "v4", hbmGib: 32 },
      coreweave: { clusterName: "c", orgId: "o" },
    } as EnvironmentRecord;
    expect(metadataObject(record)).toEqual({
      apple: { name: "M1", ecpuCores: 4, swapTotalBytes: "5" },
      gpu_nvidia: [{ name: "A100", memoryTotal: "80000000000", cudaCores: 6912, uuid: "u" }, { name: "T4" }],
      gpu_amd: [{ id: "x", maxPower: "1" }],
      trainium: { name: "trn", neuronDeviceCount: 2 },
      tpu: { name: "v4", hbmGib: 32 },
      coreweave: { clusterName: "c", orgId: "o" },
    });
  });

  it("is indented by two", () => {
    expect(metadataJson({ os: "L", memory: { total: 1 } })).toBe(
      '{\n  "os": "L",\n  "memory": {\n    "total": "1"\n  }\n}',
    );
  });

  it.each([
    [0, "2026-01-02T03:04:05Z"],
    [605_000_000, "2026-01-02T03:04:05.605Z"],
    [605_139_000, "2026-01-02T03:04:05.605139Z"],
    [605_139_001, "2026-01-02T03:04:05.605139001Z"],
  ])("prints %i ns as protobuf's JSON does", (nanos, text) => {
    expect(metadataObject({ startedAt: { seconds: 1767323045, nanos } })).toEqual({ startedAt: text });
  });

  it("merges records as protobuf does", () => {
    expect(
      mergeEnvironment(
        { os: "L", args: ["a"], slurm: { a: "1", b: "2" }, cpu: { count: 2 }, cpuCount: 2, host: "h" },
        { os: "", args: ["b"], slurm: { b: "3" }, cpu: { model: "m" }, cpuCount: 4, writerId: "w" },
      ),
    ).toEqual({
      os: "L",
      args: ["a", "b"],
      slurm: { a: "1", b: "3" },
      cpu: { count: 2, model: "m" },
      cpuCount: 4,
      host: "h",
      writerId: "w",
    });
  });
});
