import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as wandb from "tracelet/wandb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { historyValues, readLog, runFolders } from "../support/wandb-log.js";

const home = process.cwd();
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "wandb-sdk-"));
  process.chdir(dir);
});
afterEach(() => {
  process.chdir(home);
  rmSync(dir, { recursive: true });
});

const offline = { mode: "offline", settings: { console: "off" } } as const;
const logOf = (id: string) => {
  const folder = runFolders(dir).find((path) => path.endsWith(`-${id}`))!;
  return readLog(join(folder, `run-${id}.wandb`)).records;
};

describe("init", () => {
  it("starts a hundred runs at once, each with its own rows", async () => {
    const ids = Array.from({ length: 100 }, (_, i) => `many${i}`);
    await Promise.all(
      ids.map(async (id, i) => {
        const run = await wandb.init({ ...offline, id, config: { i } });
        for (let step = 0; step < 5; step++) run.log({ value: i * 10 + step });
        await run.finish();
      }),
    );
    expect(runFolders(dir)).toHaveLength(100);
    for (const [i, id] of ids.entries()) {
      const records = logOf(id);
      expect(historyValues(records, "value")).toEqual([0, 1, 2, 3, 4].map((step) => i * 10 + step));
      expect(records.filter(({ exit }) => exit !== undefined)).toHaveLength(1);
    }
  });

  it("says that a run is kept among temporary files when its folder cannot be written", () => {
    writeFileSync(join(dir, "file"), "");
    const script = `
      import * as wandb from "tracelet/wandb";
      const run = await wandb.init({ mode: "offline", project: "p", dir: ${JSON.stringify(join(dir, "file"))} });
      await run.finish();`;
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      cwd: home,
      env: { ...process.env, TMPDIR: dir },
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
    const [folder] = runFolders(dir);
    expect(stderr).toContain(`${join(dir, "file")} cannot be written, so the run is kept in ${folder}`);
    expect(stderr).toContain("Set dir (or WANDB_DIR)");
  });

  it("refuses ids, projects, tags and settings outside the rules, naming the rule", async () => {
    await expect(wandb.init({ ...offline, id: "a/b" })).rejects.toThrow(/run id .* none of : ; , # \? \/ '/);
    await expect(wandb.init({ ...offline, project: "p?" })).rejects.toThrow(/project name has at most 128/);
    await expect(wandb.init({ ...offline, tags: [""] })).rejects.toThrow(/tag has 1 to 64 characters/);
    await expect(wandb.init({ ...offline, settings: { consol: "off" } })).rejects.toThrow(
      /unknown option "consol"/,
    );
    expect(existsSync(join(dir, "wandb"))).toBe(false);
  });

  it("keeps nothing in a disabled run, where every call works", async () => {
    const run = await wandb.init({ mode: "disabled", config: { lr: 1 } });
    run.log({ loss: 1 });
    run.summary["best"] = 2;
    run.config["more"] = 3;
    run.alert({ title: "t", text: "x" });
    expect([run.summary["best"], run.config["lr"], run.config["more"], run.save("*.txt")]).toEqual([
      2,
      1,
      3,
      [],
    ]);
    await run.finish();
    expect(existsSync(join(dir, "wandb"))).toBe(false);
  });

  it("leaves steps out of the rows of a shared run", async () => {
    const run = await wandb.init({
      ...offline,
      mode: "shared",
      id: "shared1",
      settings: { label: "w", console: "off" },
    });
    run.log({ loss: 1 }, { step: 5 });
    run.log({ loss: 2 }, { step: 3 });
    await run.finish();
    const rows = logOf("shared1").flatMap(({ history }) => (history === undefined ? [] : [history]));
    expect(rows.map(({ item }) => item!.map(({ nestedKey }) => nestedKey![0]).sort())).toEqual([
      ["_runtime", "_timestamp", "loss"],
      ["_runtime", "_timestamp", "loss"],
    ]);
  });

  it("goes on with the id of a run that did not end well, with resume auto", async () => {
    const file = join(dir, "wandb", "wandb-resume.json");
    const first = await wandb.init({ ...offline, resume: "auto" });
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ run_id: first.id });
    await first.finish({ exitCode: 1 });
    const second = await wandb.init({ ...offline, resume: "auto" });
    expect(second.id).toBe(first.id);
    await second.finish();
    expect(existsSync(file)).toBe(false);
    const third = await wandb.init({ ...offline, resume: "auto" });
    expect(third.id).not.toBe(first.id);
    await third.finish();
  });

  it("does with the run before what reinit says", async () => {
    const first = await wandb.init(offline);
    expect(await wandb.init({ ...offline, reinit: "return_previous" })).toBe(first);
    const beside = await wandb.init({ ...offline, reinit: "create_new" });
    expect(wandb.getRun()).toBe(first);
    await beside.finish();
    const next = await wandb.init({ ...offline, reinit: "finish_previous" });
    expect([first.experiment.ended, wandb.getRun()]).toEqual([true, next]);
    await wandb.finish();
    expect(wandb.getRun()).toBeUndefined();
    expect(() => wandb.log({ a: 1 })).toThrow(/Call "await wandb.init\(\)" before wandb.log\(\)/);
  });

  it("never writes process.env", async () => {
    const before = { ...process.env };
    const run = await wandb.init(offline);
    await run.finish();
    expect({ ...process.env }).toEqual(before);
  });
});

describe("a run", () => {
  it("reads back its summary: derived, explicit, nested and removed values", async () => {
    const run = await wandb.init(offline);
    run.defineMetric("acc", { summary: "min,max" });
    run.log({ loss: 3, acc: 0.5, nested: { deep: 1 } });
    run.log({ loss: 2, acc: 0.9 });
    run.summary["best"] = 7;
    run.summary.update({ tree: { x: 1, y: 2 } });
    delete (run.summary["tree"] as wandb.Summary)["y"];
    expect(run.summary.toObject()).toMatchObject({
      loss: 2,
      acc: { min: 0.5, max: 0.9 },
      nested: { deep: 1 },
      best: 7,
      tree: { x: 1 },
      _step: 1,
    });
    expect([run.summary["loss"], run.step, run.summary["nothing"]]).toEqual([2, 2, undefined]);
    await run.finish();
  });

  it("guards its configuration", async () => {
    const run = await wandb.init({ ...offline, id: "conf1", config: { lr: 0.1, token: "hunter2hunter2" } });
    expect(() => run.config.update({ lr: 0.2 })).toThrow(/"lr" is 0.1 and would become 0.2/);
    run.config.update({ lr: 0.2 }, { allowValChange: true });
    run.config.setDefaults({ lr: 9, fresh: [1] });
    expect({ ...run.config }).toEqual({ lr: 0.2, token: "hunter2hunter2", fresh: [1] });
    await run.finish();
    // A script reads its secret, files do not hold it.
    const kept = readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "latin1"));
    expect(kept.join("")).toContain("fresh");
    expect(kept.join("")).not.toContain("hunter2");
  });

  it("drops a lower step with one warning and a counter", async () => {
    const run = await wandb.init(offline);
    run.log({ a: 1 }, { step: 5 });
    run.log({ a: 2 }, { step: 4 });
    run.log({ a: "text" }, { step: 3 });
    await run.finish();
    expect(run.experiment.stats().drops).toEqual({
      wandb: { "the step is below the run's current step": 2 },
    });
    expect(run.experiment.status().troubles.map(({ message }) => message)).toEqual([
      expect.stringMatching(/step 4 is below the current step 5/),
      expect.stringMatching(/1 events dropped/),
    ]);
  });

  it("refuses what cannot be logged", async () => {
    const run = await wandb.init(offline);
    expect(() => run.log({ a: 1 }, { step: 1.5 })).toThrow(/step is an integer/);
    expect(() => run.log(5 as never)).toThrow(/takes an object/);
    expect(() => run.log({ s: Symbol("x") })).toThrow(/symbol/);
    expect(() => run.defineMetric("a*b")).toThrow(/\* only as its last character/);
    expect(() => run.logArtifact("missing.bin")).toThrow(/missing.bin/);
    await expect(run.useArtifact("model:latest")).rejects.toThrow(/kept offline/);
    await run.finish();
  });

  it("saves files of the script and of its own folder", async () => {
    writeFileSync(join(dir, "notes.txt"), "notes");
    const run = await wandb.init({ ...offline, id: "save1" });
    writeFileSync(join(run.dir, "own.txt"), "own");
    expect(run.save("notes.txt", { policy: "now" })).toEqual([join(run.dir, "notes.txt")]);
    run.save(join(run.dir, "own.txt"));
    await run.finish();
    const named = logOf("save1").flatMap(({ files }) => files?.files?.map(({ path }) => path) ?? []);
    expect(named).toEqual(expect.arrayContaining(["notes.txt", "files/own.txt"]));
    expect(readFileSync(join(run.dir, "files/own.txt"), "utf8")).toBe("own");
  });

  it("ends as failed when the body of withRun throws", async () => {
    await expect(
      wandb.withRun({ ...offline, id: "with1" }, () => {
        throw new Error("on purpose");
      }),
    ).rejects.toThrow("on purpose");
    expect(logOf("with1").at(-1)!.exit).toEqual({ exitCode: 1 });
  });
});
