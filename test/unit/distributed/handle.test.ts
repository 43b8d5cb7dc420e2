import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readHandle, writeHandle, writerLabel } from "#src/distributed/handle.js";
import { attachExperiment, createExperiment, startLogging, stopLogging } from "#src/logging.js";
import { resolveSettings } from "#src/settings/resolve.js";
import type { BackendChoice, StartOptions } from "#src/settings/start-options.js";
import { torchrunJob } from "./policy-table.js";

const SECRET = "local-0123456789abcdef0123456789abcdef01234567";

function handleOf(
  backend: BackendChoice | readonly BackendChoice[],
  options: StartOptions = {},
  env: NodeJS.ProcessEnv = {},
): string {
  return writeHandle(resolveSettings(backend, { shareable: true, ...options }, env), env);
}

const joinedOf = (...given: Parameters<typeof handleOf>) => {
  const joined = readHandle(handleOf(...given));
  if (joined.disabled) throw new Error("a handle of a run that logs was expected");
  return joined;
};

const refusal = (message: RegExp) =>
  expect.objectContaining({ code: "invalid-option", message: expect.stringMatching(message) });

describe("what a handle says", () => {
  test("the run, its folder and its backends with their options", () => {
    const given = { id: "r1", expName: "job", project: "p", tags: ["t"], dir: "/data" };
    expect(joinedOf("tensorboard", { ...given, config: { logDir: "here", purgeStep: 3 } })).toEqual({
      id: "r1",
      backends: ["tensorboard"],
      options: {
        expName: "job",
        project: "p",
        tags: ["t"],
        dir: "/data",
        // What others have logged is not this writer's to hide.
        config: { logDir: "here" },
      },
    });
  });

  test("several backends, routes and a fallback", () => {
    const route = { kinds: ["scalar"] as const };
    const joined = joinedOf(["jsonl", "tensorboard"], {
      dir: "/data",
      config: { jsonl: { file: "out.jsonl" } },
      route: { jsonl: route },
      fallback: "console",
    });
    expect(joined.backends).toEqual(["jsonl", "tensorboard"]);
    expect(joined.options).toEqual({
      tags: [],
      dir: "/data",
      config: { jsonl: { file: "out.jsonl" }, tensorboard: {} },
      route: { jsonl: route },
      fallback: "console",
    });
  });

  test("a module goes by its address, wherever it is joined from", () => {
    expect(joinedOf("./somewhere/backend.mjs").backends).toEqual([
      new URL("somewhere/backend.mjs", `file://${process.cwd()}/`).href,
    ]);
  });

  test("no secret, in whichever option it stands", () => {
    const config = {
      mode: "offline",
      settings: {
        apiKey: SECRET,
        httpsProxy: "http://user:hunter2hunter2@proxy:3128",
        extraHttpHeaders: { Authorization: "Bearer abcdefghijklmnop", "X-Team": "vision" },
        quiet: true,
      },
    };
    const env = { WANDB_API_KEY: SECRET };
    const text = handleOf("wandb", { config }, env);
    expect(text).not.toMatch(/local-|hunter2|abcdefgh/);
    expect((readHandle(text) as ReturnType<typeof joinedOf>).options.config).toEqual({
      mode: "offline",
      settings: { quiet: true, extraHttpHeaders: { "X-Team": "vision" } },
    });
    expect(handleOf("./backend.mjs", { config: { token: SECRET, rate: 2 } })).not.toContain(SECRET);
  });

  test("W&B: what variables say of the run, and nothing that is one writer's alone", () => {
    const env = {
      WANDB_RUN_ID: "fixed",
      WANDB_MODE: "offline",
      WANDB_ENTITY: "team",
      WANDB_PROJECT: "vision",
      WANDB_BASE_URL: "http://localhost:1",
      WANDB_DIR: "/elsewhere",
    };
    const own = { label: "x", primary: true, updateFinishState: true };
    const config = { resume: "allow", saveCode: true, group: "sweep", settings: own } as const;
    const joined = joinedOf("wandb", { config }, env);
    expect(joined.id).toBe("fixed");
    expect(joined.options).not.toHaveProperty("project");
    expect(joined.options.config).toEqual({
      mode: "offline",
      entity: "team",
      group: "sweep",
      settings: { baseUrl: "http://localhost:1", project: "vision", dir: "/elsewhere" },
    });
    // What the script chose comes before variables.
    expect(
      joinedOf("wandb", { project: "mine", dir: "/here", config: { entity: "me" } }, env).options,
    ).toEqual({
      project: "mine",
      dir: "/here",
      tags: [],
      config: { mode: "offline", entity: "me", settings: { baseUrl: "http://localhost:1" } },
    });
  });

  test("of a rank that does not log: to log nothing", () => {
    const [first, second] = torchrunJob("1x4", "job7");
    expect(readHandle(handleOf("tensorboard", {}, second))).toEqual({ disabled: true });
    expect(joinedOf("tensorboard", { id: "job" }, first).id).toBe("job");
  });
});

describe("what is refused", () => {
  test("a run that was not started to be shared", () => {
    expect(() => handleOf("tensorboard", { shareable: false })).toThrow(refusal(/shareable: true/));
  });

  test("a backend that is an object of this process", () => {
    const object = { open() {}, write() {}, close() {} };
    expect(() => handleOf(["jsonl", object])).toThrow(refusal(/"custom" is an object of this process/));
  });

  test.each([
    [undefined, /no run to join.*TRACELET_HANDLE/],
    ["", /no run to join/],
    ["torchrun-job7", /this is no handle/],
    ["{}", /this is no handle/],
    ["null", /this is no handle/],
    ['{"tracelet":1}', /this is no handle/],
    ['{"tracelet":1,"id":"r1","backends":[],"options":{}}', /this is no handle/],
    ['{"tracelet":1,"id":"r1","backends":["jsonl"]}', /this is no handle/],
    ['{"tracelet":2,"id":"r1"}', /another version/],
  ])("%s", (text, message) => {
    expect(() => readHandle(text)).toThrow(refusal(message));
  });
});

describe("in a process", () => {
  beforeEach(() => vi.stubEnv("TRACELET_HANDLE", undefined));
  afterEach(async () => {
    await stopLogging();
    vi.unstubAllEnvs();
  });

  test("startLogging() without arguments joins the run of TRACELET_HANDLE, with arguments it starts one", async () => {
    const first = createExperiment("memory", { id: "one", shareable: true });
    vi.stubEnv("TRACELET_HANDLE", first.handle());
    expect(startLogging().id).toBe("one");
    expect(startLogging("memory").id).not.toBe("one");
    await first.finish();
  });

  test("ranks' variables, and names that this process would give its own runs, do not count", async () => {
    const first = createExperiment("memory", { id: "one", expName: "first", shareable: true });
    const unnamed = createExperiment("memory", { id: "two", shareable: true });
    for (const [name, value] of Object.entries(torchrunJob("1x4")[2]!)) vi.stubEnv(name, value);
    vi.stubEnv("TRACELET_EXPERIMENT_NAME", "other");
    vi.stubEnv("TRACELET_PROJECT", "other");
    const joined = attachExperiment(first.handle());
    expect([joined.id, joined.name, joined.project]).toEqual(["one", "first", "default"]);
    expect(joined.plan).toMatchObject({ logs: true, primary: false, shared: true, finishes: false });
    expect(joined.plan.label).toBe(`process-${process.pid}`);
    expect(attachExperiment(unnamed.handle(), { label: "mine" }).plan.label).toBe("mine");
    // A writer that has joined may hand the run on.
    expect(attachExperiment(joined.handle()).id).toBe("one");
    await first.finish();
    await unnamed.finish();
  });

  test("a handle that says to log nothing gives an experiment that does nothing", () => {
    const joined = attachExperiment('{"tracelet":1,"disabled":true}');
    joined.log({ loss: 1 });
    expect(joined.status().state).toBe("disabled");
    expect(attachExperiment(joined.handle()).status().state).toBe("disabled");
  });

  test("writers are told apart by process and thread", () => {
    expect(writerLabel()).toBe(`process-${process.pid}`);
  });
});
