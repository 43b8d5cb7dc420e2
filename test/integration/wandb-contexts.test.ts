import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { getActiveExperiment } from "tracelet";
import * as wandb from "tracelet/wandb";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import { runScript } from "../support/run-script.js";
import { historyValues, readLog, runFolders } from "../support/wandb-log.js";
import { startWandbServer } from "../support/wandb-server/server.js";

const home = process.cwd();
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "wandb-contexts-"));
  process.chdir(dir);
});
afterEach(() => {
  process.chdir(home);
  rmSync(dir, { recursive: true });
});

const settings = { console: "off" };
const offline = { mode: "offline", settings } as const;
const fixture = (name: string) => new URL(`fixtures/${name}`, import.meta.url);

/** The logs below a folder of all runs of this id. */
const logsOf = (id: string, folder = dir) =>
  runFolders(folder)
    .filter((path) => existsSync(join(path, `run-${id}.wandb`)))
    .map((path) => readLog(join(path, `run-${id}.wandb`)).records);
const onlyLogOf = (id: string, folder = dir) => {
  const logs = logsOf(id, folder);
  expect(logs, `runs ${id}`).toHaveLength(1);
  return logs[0]!;
};
/** How a log ends; an exit code of 0 is the default of its field. */
const exitsIn = (log: ReturnType<typeof onlyLogOf>) =>
  log.flatMap(({ exit }) => (exit === undefined ? [] : [{ exitCode: 0, ...exit }]));
const exitsOf = (id: string) => exitsIn(onlyLogOf(id));
const runRecordOf = (id: string) => onlyLogOf(id).find(({ run }) => run !== undefined)!.run!;

describe("what counts for a run", () => {
  // Argument over inner context over outer context over default, one key at a time. `shown` reads it where others read it.
  const keys: {
    [Key in keyof wandb.RunOptions]?: {
      values: [unknown, unknown, unknown];
      shown: (run: wandb.Run, record: () => ReturnType<typeof runRecordOf>) => unknown;
      fallback: unknown;
      from?: (value: unknown) => unknown;
    };
  } = {
    project: { values: ["a", "b", "c"], shown: (_, record) => record().project, fallback: "uncategorized" },
    entity: { values: ["a", "b", "c"], shown: (_, record) => record().entity, fallback: undefined },
    name: { values: ["a", "b", "c"], shown: (_, record) => record().displayName, fallback: undefined },
    id: {
      values: ["ida", "idb", "idc"],
      shown: (run) => run.id,
      fallback: expect.stringMatching(/^[a-z0-9]{8}$/),
    },
    group: { values: ["a", "b", "c"], shown: (_, record) => record().runGroup, fallback: undefined },
    jobType: { values: ["a", "b", "c"], shown: (_, record) => record().jobType, fallback: undefined },
    notes: { values: ["a", "b", "c"], shown: (_, record) => record().notes, fallback: undefined },
    tags: { values: [["a"], ["b", "b2"], ["c"]], shown: (_, record) => record().tags, fallback: undefined },
    config: {
      values: [{ lr: 1 }, { lr: 2 }, { lr: 3 }],
      shown: (run) => run.config["lr"],
      fallback: undefined,
      from: (value) => (value as { lr: number }).lr,
    },
    task: {
      values: ["a", "b", "c"].map((actionName) => ({ runName: "r", actionName })) as [object, object, object],
      shown: (run) => run.id,
      fallback: expect.stringMatching(/^[a-z0-9]{8}$/),
      from: (value) => `r-${(value as wandb.TaskContext).actionName}`,
    },
    mode: { values: ["offline", "disabled", "offline"], shown: (run) => run.mode, fallback: "offline" },
  };

  it.each(Object.entries(keys))(
    "%s: argument, context, default",
    async (key, { values, shown, fallback, from }) => {
      const [outer, inner, argument] = values;
      const expected = from ?? ((value: unknown) => value);
      const open = async (options: object) => {
        let id = "";
        let read: () => unknown = () => undefined;
        await wandb.withRun(
          { ...(key === "mode" ? {} : { mode: "offline" }), settings, ...options },
          (run) => {
            id = run.id;
            const own = shown(run, () => ({}) as never);
            read = () => own ?? shown(run, () => runRecordOf(id));
          },
        );
        const value = read();
        rmSync(join(dir, "wandb"), { recursive: true, force: true });
        return value;
      };
      process.env["WANDB_MODE"] = "offline";
      try {
        expect(await open({})).toEqual(fallback);
        await wandb.withWandbConfig({ [key]: outer }, async () => {
          expect(await open({})).toEqual(expected(outer));
          await wandb.withWandbConfig({ [key]: inner }, async () => {
            expect(await open({})).toEqual(expected(inner));
            expect(await open({ [key]: argument })).toEqual(expected(argument));
          });
          await wandb.withWandbConfig({ notes: "another key" }, async () => {
            if (key !== "notes") expect(await open({})).toEqual(expected(outer));
          });
        });
        expect(await open({})).toEqual(fallback);
      } finally {
        delete process.env["WANDB_MODE"];
      }
    },
  );

  it("runMode: argument over context over auto", async () => {
    await wandb.withRun({ ...offline, id: "outer" }, async (outer) => {
      const open = (options: wandb.RunOptions = {}) =>
        wandb.withRun({ ...offline, ...options }, (run) => (run === outer ? "outer's" : "its own"));
      expect(await open()).toBe("outer's");
      expect(await open({ runMode: "new" })).toBe("its own");
      await wandb.withWandbConfig({ runMode: "new" }, async () => {
        expect(await open()).toBe("its own");
        expect(await open({ runMode: "shared" })).toBe("outer's");
        await wandb.withWandbConfig({ tags: ["t"] }, async () => expect(await open()).toBe("its own"));
        await wandb.withWandbConfig({ runMode: "auto" }, async () => expect(await open()).toBe("outer's"));
      });
    });
  });

  it("plain init takes the context too, and WANDB_* variables count less than it", async () => {
    process.env["WANDB_PROJECT"] = "variable";
    try {
      const run = await wandb.withWandbConfig({ ...offline, project: "context" }, () =>
        wandb.init({ id: "plain" }),
      );
      await run.finish();
    } finally {
      delete process.env["WANDB_PROJECT"];
    }
    expect(runRecordOf("plain").project).toBe("context");
  });

  it("refuses unknown options at once", async () => {
    const wrong = { projct: "p" } as wandb.RunOptions;
    expect(() => wandb.wandbInit(wrong)).toThrow(/^wandbInit: unknown option "projct"/);
    await expect(wandb.withRun(wrong, () => {})).rejects.toThrow(/^withRun: unknown option "projct"/);
    expect(existsSync(join(dir, "wandb"))).toBe(false);
  });
});

describe("the run around a run", () => {
  it("is reused, and not ended by the function inside", async () => {
    const helper = () => wandb.log({ helper: 1 });
    const child = wandb.wandbInit({ project: "ignored" })(async () => {
      wandb.log({ child: 1 });
      helper();
      return wandb.getRun();
    });
    await wandb.withRun({ ...offline, id: "outer" }, async (run) => {
      run.log({ before: 1 });
      expect(await child()).toBe(run);
      expect(run.experiment.ended).toBe(false);
      run.log({ after: 1 });
    });
    const log = onlyLogOf("outer");
    expect(["before", "child", "helper", "after"].map((key) => historyValues(log, key))).toEqual([
      [1],
      [1],
      [1],
      [1],
    ]);
    expect(exitsOf("outer")).toEqual([expect.objectContaining({ exitCode: 0 })]);
    expect(runFolders(dir)).toHaveLength(1);
  });

  it("is seen again after each of the runs nested in it", async () => {
    const before = wandb.getRun();
    const ids: (string | undefined)[] = [];
    const look = () => ids.push(wandb.getRun()?.id);
    const opened = (id: string) => ({ ...offline, id, runMode: "new" }) as const;
    await wandb.withRun(opened("one"), async (one) => {
      look();
      await wandb.withRun(opened("two"), async (two) => {
        look();
        await expect(
          wandb.withRun(opened("three"), async () => {
            await setTimeout(1);
            look();
            throw new Error("on purpose");
          }),
        ).rejects.toThrow("on purpose");
        look();
        expect(getActiveExperiment()).toBe(two.experiment);
      });
      look();
      expect(getActiveExperiment()).toBe(one.experiment);
    });
    expect(ids).toEqual(["one", "two", "three", "two", "one"]);
    expect(wandb.getRun()).toBe(before);
    expect(["one", "two", "three"].map((id) => exitsOf(id)[0]!.exitCode)).toEqual([0, 0, 1]);
  });

  it("is the one of the function, also for functions that run at the same time", async () => {
    const work = wandb.wandbInit(offline)(async (value: number) => {
      await setTimeout(Math.random() * 5);
      wandb.log({ value });
      await setTimeout(Math.random() * 5);
      wandb.summary["value"] = value;
      return wandb.getRun()!.id;
    });
    const values = Array.from({ length: 10 }, (_, i) => i);
    const ids = await Promise.all(values.map((value) => work(value)));
    expect(new Set(ids).size).toBe(10);
    for (const value of values) expect(historyValues(onlyLogOf(ids[value]!), "value")).toEqual([value]);
  });

  it("is no run of plain init, which goes on beside", async () => {
    const plain = await wandb.init({ ...offline, id: "plain" });
    await wandb.withRun({ ...offline, id: "scoped" }, (run) => {
      expect([run.id, wandb.getRun()]).toEqual(["scoped", run]);
    });
    expect(wandb.getRun()).toBe(plain);
    await wandb.withRun({ ...offline, id: "other" }, async () => {
      await plain.finish();
      expect(wandb.getRun()!.id).toBe("other");
    });
    expect(wandb.getRun()).toBeUndefined();
  });

  it("goes on after plain init in its body", async () => {
    await wandb.withRun({ ...offline, id: "outer" }, async (outer) => {
      const inner = await wandb.init({ ...offline, id: "inner" });
      expect(wandb.getRun()).toBe(inner);
      await inner.finish();
      expect(wandb.getRun()).toBe(outer);
    });
  });

  it("is needed by shared", async () => {
    const shared = wandb.wandbInit({ ...offline, runMode: "shared" })(async () => wandb.getRun());
    await expect(shared()).rejects.toMatchObject({ name: "TraceletError", code: "invalid-option" });
    await wandb.withRun(offline, async (run) => expect(await shared()).toBe(run));
    expect(runFolders(dir)).toHaveLength(1);
  });

  it("keeps its id to itself", async () => {
    const task = { runName: "r1", actionName: "train" };
    await wandb.withWandbConfig({ ...offline, task }, async () => {
      await wandb.withRun({}, async (run) => {
        expect(run.id).toBe("r1-train");
        await wandb.withRun({ runMode: "new" }, (inner) =>
          expect(inner.id).toMatch(/^r1-train-[a-z0-9]{8}$/),
        );
        await wandb.withWandbConfig({ task: { ...task, actionName: "eval" } }, () =>
          wandb.withRun({ runMode: "new" }, (inner) => expect(inner.id).toBe("r1-eval")),
        );
      });
      // A task that is tried again goes to the same run.
      await wandb.withRun({}, (run) => expect(run.id).toBe("r1-train"));
    });
    await wandb.withWandbConfig({ ...offline, id: "chosen" }, () =>
      wandb.withRun({}, async (run) => {
        expect(run.id).toBe("chosen");
        await wandb.withRun({ runMode: "new" }, (inner) => expect(inner.id).not.toBe("chosen"));
      }),
    );
  });
});

describe("wandbInit", () => {
  const enter = wandb.wandbInit(offline);

  it("keeps kind, this, arguments, name and length of a function", async () => {
    const counter = {
      base: 10,
      add: enter(function add(this: { base: number }, a: number, b: number) {
        wandb.log({ a });
        return this.base + a + b;
      }),
      addLater: enter(async function addLater(this: { base: number }, a: number) {
        await null;
        return [this.base + a, wandb.getRun()!.id] as const;
      }),
    };
    expect(counter.add(1, 2)).toBe(13);
    expect([counter.add.name, counter.add.length, counter.addLater.name]).toEqual(["add", 2, "addLater"]);
    const later = counter.addLater(1);
    expect(later).toBeInstanceOf(Promise);
    const [sum, id] = await later;
    expect(sum).toBe(11);
    // It has waited for the end.
    expect(exitsOf(id)).toHaveLength(1);
    expect(wandb.getRun()).toBeUndefined();
  });

  it("waits for the promise of a function that is not async itself", async () => {
    const id = await enter(() => setTimeout(1).then(() => wandb.getRun()!.id))();
    expect(exitsOf(id)).toHaveLength(1);
  });

  it("marks runs failed whose function throws, at once or later, and throws the same error", async () => {
    const error = new Error("on purpose");
    const now = wandb.wandbInit({ ...offline, id: "now" })(() => {
      throw error;
    });
    const later = wandb.wandbInit({ ...offline, id: "later" })(async () => {
      await null;
      throw error;
    });
    expect(now).toThrow(error);
    await expect(later()).rejects.toBe(error);
    expect(exitsOf("later")).toEqual([expect.objectContaining({ exitCode: 1 })]);
    await expect.poll(() => exitsOf("now")).toEqual([expect.objectContaining({ exitCode: 1 })]);
  });

  it("throws as the function does when its options are wrong", async () => {
    const wrong = wandb.wandbInit({ ...offline, id: "a/b" });
    expect(() => wrong(() => 1)()).toThrow(/run id/);
    const later = wrong(async () => 1)();
    await expect(later).rejects.toThrow(/run id/);
  });

  it("decorates methods, of objects and of classes, sync and async", async () => {
    class Trainer {
      readonly lr = 0.5;
      static runs = 0;

      @wandb.wandbInit({ ...offline, id: "fit" })
      async fit(epochs: number): Promise<string> {
        for (let epoch = 0; epoch < epochs; epoch++) wandb.log({ loss: this.lr ** epoch });
        await this.#evaluate();
        return wandb.getRun()!.id;
      }

      @wandb.wandbInit({ ...offline, jobType: "evaluation" })
      async #evaluate(): Promise<void> {
        wandb.log({ accuracy: 1 });
      }

      @wandb.wandbInit({ ...offline, id: "count" })
      static count(by: number): number {
        Trainer.runs += by;
        return Trainer.runs;
      }
    }
    expect(await new Trainer().fit(3)).toBe("fit");
    expect(historyValues(onlyLogOf("fit"), "loss")).toEqual([1, 0.5, 0.25]);
    expect(historyValues(onlyLogOf("fit"), "accuracy")).toEqual([1]);
    expect([Trainer.count(2), Trainer.count.name]).toEqual([2, "count"]);
    await expect.poll(() => exitsOf("count")).toHaveLength(1);
    expectTypeOf<Trainer["fit"]>().toEqualTypeOf<(epochs: number) => Promise<string>>();
  });

  it("refuses generators and what is no method", () => {
    expect(() => enter(function* () {} as unknown as () => void)).toThrow(/cannot give a generator a run/);
    expect(() => enter(async function* () {} as unknown as () => void)).toThrow(
      /cannot give a generator a run/,
    );
    expect(() => enter(7 as unknown as () => void)).toThrow(/takes a function/);
    expect(() => enter(() => {}, { kind: "getter" } as unknown as ClassMethodDecoratorContext)).toThrow(
      /stands before methods, not before a getter/,
    );
  });

  it("keeps the types of a function", () => {
    const add = enter((a: number, b = 1) => a + b);
    expectTypeOf(add).toEqualTypeOf<(a: number, b?: number) => number>();
    const later = enter(async <T>(value: T) => value);
    expectTypeOf(later).toEqualTypeOf<<T>(value: T) => Promise<T>>();
    const method = enter(function (this: { n: number }, x: string) {
      return x.repeat(this.n);
    });
    expectTypeOf(method).toEqualTypeOf<(this: { n: number }, x: string) => string>();
    expectTypeOf(wandb.withRun).returns.toExtend<Promise<unknown>>();
    expectTypeOf(wandb.withWandbConfig({}, () => 1)).toBeNumber();
    // @ts-expect-error: the parent comes from contextToEnv()
    const given: wandb.RunOptions = { parent: { id: "x", project: "p", mode: "online" } };
    expect(given).toBeDefined();
    // @ts-expect-error: no such mode
    const config: wandb.WandbConfig = { runMode: "old" };
    expect(() => wandb.withWandbConfig(config, () => {})).toThrow(/runMode must be one of/);
  });

  it("gives sync functions runs that are whole when the process ends, whichever way", async () => {
    for (const ending of ["exit", "return"]) {
      const cwd = join(dir, ending);
      mkdirSync(cwd);
      const { code, stdout, said } = await runScript(fixture("context-sync.mjs"), { args: [ending], cwd });
      expect({ code, said }).toEqual({
        code: 0,
        said: [],
      });
      const [folder, thrown] = stdout.trimEnd().split("\n");
      expect(folder).toMatch(/offline-run-\d+_\d+-ended-well\/files$/);
      expect(existsSync(folder!)).toBe(true);
      expect(thrown).toBe("on purpose undefined");
      const well = onlyLogOf("ended-well", cwd);
      expect(historyValues(well, "loss")).toHaveLength(1000);
      expect(well.filter(({ exit }) => exit !== undefined).map(({ exit }) => exit!.exitCode ?? 0)).toEqual([
        0,
      ]);
      const failed = onlyLogOf("failed", cwd);
      expect(failed.filter(({ exit }) => exit !== undefined).map(({ exit }) => exit!.exitCode)).toEqual([1]);
    }
  });
});

describe("a sync function at a server", () => {
  it("has its run there some time after it has returned", async () => {
    const server = await startWandbServer();
    try {
      const online = {
        host: server.url,
        entity: "tester",
        project: "p",
        settings: { console: "off", apiKey: server.apiKey },
      };
      const work = wandb.wandbInit({ ...online, id: "sync" })((rows: number) => {
        for (let i = 0; i < rows; i++) wandb.log({ loss: i });
      });
      work(3);
      await expect
        .poll(() => server.snapshot("tester", "p", "sync").then(({ state }) => state, String), {
          timeout: 10_000,
        })
        .toBe("finished");
      const { history } = await server.snapshot("tester", "p", "sync");
      expect(history.map((row) => row["loss"])).toEqual([0, 1, 2]);
    } finally {
      await server.close();
    }
  });
});

describe("getRunDir", () => {
  it("is the folder of the run's files, undefined without one", async () => {
    expect(wandb.getRunDir()).toBeUndefined();
    await wandb.withRun({ ...offline, id: "outer" }, (run) => {
      expect(wandb.getRunDir()).toBe(run.dir);
      expect(existsSync(run.dir)).toBe(true);
    });
    await wandb.withRun({ mode: "disabled" }, () => expect(wandb.getRunDir()).toBeUndefined());
  });
});

describe("a process started with contextToEnv()", () => {
  const start = async (env: object, options: object = {}, ms = 0) => {
    const ended = await runScript(fixture("context-child.mjs"), {
      args: [JSON.stringify(options), String(ms)],
      cwd: dir,
      env: { ...env } as Record<string, string>,
    });
    expect(ended).toMatchObject({ code: 0 });
    return JSON.parse(ended.stdout) as {
      id: string;
      project: string;
      mode: string;
      tags: string[];
      name?: string;
      context: wandb.WandbConfig;
    };
  };
  const task = { runName: "r1", actionName: "child" };

  it("adds to the parent's run without ending it, whatever its own context says of others", async () => {
    const sampled = { ...settings, statsSamplingInterval: 0.1 };
    await wandb.withWandbConfig({ settings: sampled, project: "123", tags: ["t"], task }, () =>
      wandb.withRun({ id: "parent1", project: "parents", mode: "offline" }, async (run) => {
        run.log({ parent: 1 });
        const child = await start(wandb.contextToEnv(), {}, 300);
        expect(child).toMatchObject({ id: "parent1", project: "parents", mode: "offline", tags: ["t"] });
        expect(child.context).toMatchObject({ project: "123", tags: ["t"], task });
        run.log({ parent: 2 });
      }),
    );
    const logs = logsOf("parent1");
    expect(logs).toHaveLength(2);
    const [parent, child] = historyValues(logs[0]!, "parent").length > 0 ? logs : logs.toReversed();
    expect(historyValues(parent!, "parent")).toEqual([1, 2]);
    expect([historyValues(child!, "child"), historyValues(child!, "inner")]).toEqual([[1], [1]]);
    expect(exitsIn(parent!)).toEqual([expect.not.objectContaining({ notComplete: true })]);
    expect(exitsIn(child!)).toMatchObject([{ exitCode: 0, notComplete: true }]);
    // Its charts of the machine stand apart from the parent's, under the name of its action.
    const samples = (log: (typeof logs)[number]) =>
      log.flatMap(({ stats }) => stats?.item?.map(({ key }) => key) ?? []);
    expect(samples(child!).length).toBeGreaterThan(0);
    expect(samples(child!).filter((key) => !key?.endsWith("/l:child"))).toEqual([]);
    expect(samples(parent!).filter((key) => key?.includes("/l:"))).toEqual([]);
    // Machine, packages and code are the primary's.
    const files = (log: (typeof logs)[number]) =>
      log.flatMap(({ files }) => files?.files?.map(({ path }) => path) ?? []);
    expect(files(child!)).not.toContain("requirements.txt");
  });

  it("adds to the parent's run at the server, which ends with the parent", async () => {
    const server = await startWandbServer();
    try {
      const context = {
        settings,
        host: server.url,
        entity: "tester",
        project: "p",
        execution: "remote",
      } as const;
      const env = { WANDB_API_KEY: server.apiKey };
      process.env["WANDB_API_KEY"] = server.apiKey;
      await wandb.withWandbConfig({ ...context, task: { ...task, actionName: "main" } }, () =>
        wandb.withRun({}, async (run) => {
          expect([run.id, run.mode]).toEqual(["r1-main", "shared"]);
          run.log({ parent: 1 });
          const own = wandb.withWandbConfig({ task }, wandb.contextToEnv);
          expect(await start({ ...env, ...own })).toMatchObject({
            id: "r1-main",
            mode: "shared",
            project: "p",
          });
          const midway = await server.snapshot("tester", "p", "r1-main");
          expect(midway.state).toBe("running");
          run.log({ parent: 2 });
        }),
      );
      const { state, history } = await server.snapshot("tester", "p", "r1-main");
      expect(state).toBe("finished");
      const valuesOf = (key: string) => history.flatMap((row) => row[key] ?? []);
      expect([valuesOf("parent"), valuesOf("child"), valuesOf("inner")]).toEqual([[1, 2], [1], [1]]);
      expect(valuesOf("_step")).toEqual([]);
    } finally {
      delete process.env["WANDB_API_KEY"];
      await server.close();
    }
  });

  it("says so when the parent's run is not open for others", async () => {
    const server = await startWandbServer();
    try {
      const parent = { id: "parent1", project: "p", mode: "online" } as const;
      const start = async (mode: wandb.ParentRun["mode"]) => {
        const config = { settings, host: server.url, entity: "tester", parent: { ...parent, mode } };
        const env = { ...wandb.withWandbConfig(config, wandb.contextToEnv), WANDB_API_KEY: server.apiKey };
        return runScript(fixture("context-child.mjs"), { cwd: dir, env });
      };
      const line = /run parent1 is open in another process in mode "online", and .* mode: "shared"/;
      expect((await start("online")).said).toContainEqual(expect.stringMatching(line));
      expect((await start("shared")).said).not.toContainEqual(expect.stringMatching(line));
    } finally {
      await server.close();
    }
  });

  it("opens runs of its own with new, under the id of its task", async () => {
    const env = await wandb.withWandbConfig({ ...offline, task }, () =>
      wandb.withRun({ id: "parent1" }, () => wandb.contextToEnv()),
    );
    expect(await start(env, { runMode: "new" })).toMatchObject({ id: "r1-child" });
    expect(await start(env, { id: "mine" })).toMatchObject({ id: "mine" });
    expect(exitsOf("mine")[0]).not.toHaveProperty("notComplete");
  });

  it("has its project and tags without a parent, and finds shared lacking", async () => {
    const env = wandb.withWandbConfig({ ...offline, project: "p", tags: ["1"] }, () => wandb.contextToEnv());
    expect(await start(env)).toMatchObject({ project: "p", tags: ["1"] });
    const { code, stderr } = await runScript(fixture("context-child.mjs"), {
      args: ['{"runMode":"shared"}'],
      cwd: dir,
      env,
    });
    expect(code).toBe(1);
    expect(stderr).toContain('runMode "shared" has no run to share');
  });
});
