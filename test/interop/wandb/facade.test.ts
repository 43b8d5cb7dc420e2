import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pythonPath } from "../../support/python.js";
import { tempDir } from "../../support/temp-dir.js";
import { startWandbServer } from "../../support/wandb-server/server.js";
import { logEverything } from "./log-everything.js";
import { clientEnvironment, syncOfficial } from "./official-client.js";

// What `SummaryWriter` logs, of every kind, uploaded by the official client.
test("a run of the facade is uploaded whole by the official sync", async () => {
  const dir = tempDir();
  const server = await startWandbServer();
  const environment = clientEnvironment(server, dir);
  process.env["WANDB_DATA_DIR"] = environment["WANDB_DATA_DIR"];
  try {
    const { wandb: report } = await logEverything(dir, "offline");
    expect(report).toMatchObject({ dropped: 0 });

    const [folder] = readdirSync(join(dir, "wandb")).filter((name) => name.startsWith("offline-run-"));
    const sync = await syncOfficial(await pythonPath(), [join(dir, "wandb", folder!)], dir, environment);
    const output = sync.stdout + sync.stderr;
    expect(output.split("\n").filter((line) => /ERROR|WARNING/.test(line))).toEqual([]);
    expect(readdirSync(join(dir, "wandb", folder!))).toContain("run-facade1.wandb.synced");

    const found = await server.snapshot("tester", "differential", "facade1");
    expect(found).toMatchObject({
      displayName: "of the facade",
      notes: "n",
      group: "g",
      jobType: "t",
      state: "finished",
      exitCode: 0,
      holes: 0,
    });
    expect(found.config).toMatchObject({
      lr: { value: expect.any(Number) },
      model: { value: { layers: 2 } },
    });
    const loss = found.history.filter((row) => "train/loss" in row);
    expect(loss.map((row) => [row["_step"], row["train/loss"]])).toEqual(
      Array.from({ length: 20 }, (_, step) => [step, 1 / (step + 1)]),
    );
    expect(loss.every((row) => Number.isNaN(row["train/lr"]))).toBe(true);
    const late = found.history.find((row) => "val/loss" in row)!;
    expect([late["val/loss"], late["global_step"], late["_step"]]).toEqual([7, 3, 19]);
    const types = found.history.flatMap((row) =>
      Object.values(row).flatMap((value) =>
        typeof value === "object" && value !== null && "_type" in value ? [value["_type"]] : [],
      ),
    );
    expect(new Set(types)).toEqual(
      new Set([
        "histogram",
        "image-file",
        "html-file",
        "audio-file",
        "video-file",
        "object3D-file",
        "table-file",
        "tensor-file",
      ]),
    );
    // Every file that a row names has arrived, and every artifact is committed.
    const named = found.history.flatMap((row) =>
      Object.values(row).flatMap((value) =>
        typeof value === "object" && value !== null && "path" in value ? [value["path"] as string] : [],
      ),
    );
    expect(Object.keys(found.files)).toEqual(expect.arrayContaining(named));
    expect(found.outputArtifacts.map(({ state }) => state)).toEqual(
      found.outputArtifacts.map(() => "COMMITTED"),
    );
    expect(found.outputArtifacts.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["run_table", "graph", "model"]),
    );
  } finally {
    delete process.env["WANDB_DATA_DIR"];
    await server.close();
  }
});
