import { copyFileSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createConsoleTail } from "#backends/wandb/cli/console-tail.js";
import { findLogs } from "#backends/wandb/cli/find-logs.js";
import { inspectLog } from "#backends/wandb/cli/inspect-log.js";
import { TransactionLog } from "#backends/wandb/transaction-log/writer.js";
import { tempDir } from "../../../../support/temp-dir.js";

const fixture = (name: string) => new URL(`../fixtures/${name}.wandb`, import.meta.url).pathname;
const metric = (run: ReturnType<typeof inspectLog>, name: string) =>
  run.metrics.find((series) => series.name === name);

// What the official client 0.31.0 was made to log stands in the `.py` beside each log.
describe("a run of the official client", () => {
  it("has the metrics that were logged", () => {
    const run = inspectLog(fixture("metrics"));
    expect(run).toMatchObject({ id: "metricsid", state: "finished", exitCode: 0 });
    expect(run.damage).toBeUndefined();
    expect(metric(run, "late")).toEqual({
      name: "late",
      count: 4,
      last: 1,
      min: 1,
      max: 7,
      course: [5, 3, 7, 1],
    });
    expect(metric(run, "pre/b")).toMatchObject({ last: 1.5, min: 1, max: 2 });
    expect(metric(run, "pre/deep.k")).toMatchObject({ last: 3, count: 1 });
    expect(metric(run, "deep.metric")?.course).toEqual([1, 2, 0.5]);
    expect(run.metrics.map(({ name }) => name)).not.toContain("_step");
    expect(run.others).toContainEqual(["nest.leaf", "text"]);
    expect(run.summary["late"]).toEqual({ first: 5, last: 1, max: 7, min: 1, mean: 4 });
    expect(run.fields).toContainEqual(["project", "p"]);
  });

  it("has values that JSON does not know, and large integers in full", () => {
    const run = inspectLog(fixture("values"));
    expect(metric(run, "nan")?.last).toBeNaN();
    expect(metric(run, "minusInf")?.last).toBe(Number.NEGATIVE_INFINITY);
    expect(run.summary["int64"]).toBe("9223372036854775807");
  });

  it("names media by their kind, and none of their numbers is a metric", () => {
    const run = inspectLog(fixture("media"));
    expect(run.others).toContainEqual(["nest.inner", "image-file"]);
    expect(run.others).toContainEqual(["boxed", "image-file"]);
    expect(run.others.map(([name]) => name)).not.toContain("boxed.boxes.pred");
    expect(run.metrics).toEqual([]);
    expect(run.summary).toEqual({});
    expect(run.files.map(({ path }) => path)).toContainEqual(
      expect.stringMatching(/^media\/images\/img_0_\w+\.png$/),
    );
  });

  it("has artifacts, console and the script", () => {
    const { artifacts } = inspectLog(fixture("artifacts"));
    expect(artifacts[0]).toMatchObject({
      name: "model-1.0_x",
      type: "model",
      aliases: ["best", "latest", "v-1"],
    });
    expect(artifacts.map(({ name }) => name)).toEqual([
      "model-1.0_x",
      "run-artid-a.txt",
      "dirart",
      "empty",
      "dist",
    ]);
    expect(artifacts[2]).toMatchObject({ files: 3, bytes: 3 });

    const around = inspectLog(fixture("around"));
    expect(around.console).toEqual(["a", "err", "progress 2", "\u001b[31mred\u001b[0m no newline at end"]);
    expect(around.fields).toContainEqual(["program", "/tmp/around/sub/train.py --lr 0.1"]);
    expect(around.system.map(({ name }) => name)).toContain("memory_percent");
  });
});

describe("a log", () => {
  function writeLog(path: string): void {
    const log = TransactionLog.create(path);
    log.append({ header: { versionInfo: { producer: "test" } } });
    log.append({
      run: {
        runId: "abcd1234",
        project: "demo",
        startTime: { seconds: 1000 },
        config: {
          update: [
            { key: "model", valueJson: '{"layers":3,"kind":"cnn"}' },
            { key: "lr", valueJson: "0.1" },
          ],
        },
      },
    });
    log.append({
      config: { update: [{ nestedKey: ["model", "layers"], valueJson: "4" }], remove: [{ key: "lr" }] },
    });
    log.append({ config: { update: [{ key: "__proto__", valueJson: '{"polluted":true}' }] } });
    for (let step = 0; step < 3; step++) {
      log.append({
        history: {
          item: [
            { nestedKey: ["loss"], valueJson: String(3 - step) },
            { nestedKey: ["broken"], valueJson: "{" },
            { nestedKey: ["cut"], valueJson: "12e" },
            { nestedKey: ["_step"], valueJson: String(step * 10) },
            { nestedKey: ["_runtime"], valueJson: String(step + 0.5) },
          ],
        },
      });
    }
    log.flush();
    log.close();
  }

  it("that has no end is unfinished, and lasted as long as its rows", () => {
    const path = join(tempDir(), "run-abcd1234.wandb");
    writeLog(path);
    const run = inspectLog(path);
    expect(run).toMatchObject({
      state: "unfinished",
      exitCode: undefined,
      duration: 2.5,
      rows: 3,
      lastStep: 20,
    });
    expect(run.damage).toBeUndefined();
    expect(run.config["model"]).toEqual({ layers: 4, kind: "cnn" });
    expect(Object.keys(run.config)).toEqual(["model", "__proto__"]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(run.metrics.map(({ name }) => name)).toEqual(["loss"]);
  });

  it("that was cut, or is damaged, is shown up to there", () => {
    const folder = tempDir();
    const path = join(folder, "run-abcd1234.wandb");
    writeLog(path);
    const bytes = readFileSync(path);
    truncateSync(path, bytes.length - 3);
    expect(inspectLog(path)).toMatchObject({
      rows: 2,
      damage: expect.stringMatching(/^ends in the middle of a record at byte \d+/),
    });
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(path, bytes);
    expect(inspectLog(path)).toMatchObject({
      rows: 2,
      damage: expect.stringMatching(/^damaged at byte \d+ \(a checksum does not match/),
    });
  });

  it("that is another file is refused", () => {
    const path = join(tempDir(), "x.wandb");
    writeFileSync(path, "something else");
    expect(() => inspectLog(path)).toThrow(/is no W&B run/);
  });

  it("is found by its path, its folder, or a link to that", () => {
    const folder = tempDir();
    mkdirSync(join(folder, "offline-run-1"));
    const log = join(folder, "offline-run-1", "run-a.wandb");
    copyFileSync(fixture("values"), log);
    writeFileSync(`${log}.synced`, "");
    symlinkSync("offline-run-1", join(folder, "latest-run"));
    expect(findLogs(log)).toEqual([log]);
    expect(findLogs(join(folder, "offline-run-1"))).toEqual([log]);
    expect(findLogs(join(folder, "latest-run"))).toEqual([join(folder, "latest-run", "run-a.wandb")]);
    expect([folder, join(folder, "none"), `${log}.synced`].flatMap(findLogs)).toEqual([]);
  });
});

describe("the end of the console", () => {
  it("keeps streams apart, what was painted over out, and 200 lines", () => {
    const tail = createConsoleTail();
    tail.add({ outputType: "STDOUT", line: "begun " });
    tail.add({ outputType: "STDERR", line: "warning\n" });
    tail.add({ outputType: "STDOUT", line: "and ended\n\r10%\r20%" });
    expect(tail.lines()).toEqual(["warning", "begun and ended", "20%"]);
    for (let line = 0; line < 1000; line++) tail.add({ outputType: "STDERR", line: `${line}\n` });
    expect(tail.lines()).toHaveLength(200);
    expect(tail.lines().at(-2)).toBe("999");
    expect(tail.count()).toBe(1003);
  });
});
