import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readJsonl } from "#backends/jsonl/reader.js";
import { EventFileReader } from "#backends/tensorboard/event-reader.js";
import { readScalars } from "../support/run-files.js";
import { runScript } from "../support/run-script.js";
import { tempDir } from "../support/temp-dir.js";
import { historyValues, readLog, runFolders } from "../support/wandb-log.js";
import { type Job, torchrunJob } from "../unit/distributed/policy-table.js";

// Ranks as processes with a launcher's variables, in one folder as on a shared file system.

const RANK = new URL("fixtures/rank.mjs", import.meta.url);
const WANDB_RANK = new URL("fixtures/rank-wandb.mjs", import.meta.url);

async function runJob(
  script: URL,
  envs: readonly NodeJS.ProcessEnv[],
  options: { readonly [name: string]: unknown },
  more: NodeJS.ProcessEnv = {},
): Promise<{ dir: string; told: { readonly [name: string]: never }[]; said: readonly string[] }> {
  const dir = tempDir();
  const env = { HOME: join(dir, "home"), ...more } as Record<string, string>;
  const ended = await Promise.all(
    envs.map((rank) =>
      runScript(script, {
        args: [JSON.stringify(options)],
        env: { ...env, ...(rank as Record<string, string>) },
        cwd: dir,
      }),
    ),
  );
  for (const { code, stderr } of ended) expect(code, stderr).toBe(0);
  return {
    dir,
    told: ended.map(({ stdout }) => JSON.parse(stdout.trim().split("\n").at(-1)!)),
    said: ended.flatMap(({ said }) => said),
  };
}

const job = (shape: Job["shape"]) => torchrunJob(shape, "job7");
const files = (dir: string): string[] =>
  (
    readdirSync(dir, { recursive: true, withFileTypes: true }) as {
      name: string;
      parentPath: string;
      isFile(): boolean;
    }[]
  )
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => join(parentPath, name).slice(dir.length + 1))
    .toSorted();
const numbers = (rank: number) =>
  Array.from({ length: 10 }, (_, step) => ({ step, value: rank * 100 + step }));

describe("tensorboard", () => {
  test("auto: the first rank's folder, and nothing of the others", async () => {
    const { dir, told } = await runJob(RANK, job("1x4"), { backend: "tensorboard" });
    expect(readdirSync(dir).toSorted()).toEqual(["plain", "runs"]);
    expect(readdirSync(join(dir, "runs"))).toEqual(["job"]);
    expect([...readScalars(join(dir, "runs/job"), "loss/0")]).toEqual(numbers(0));
    expect(files(join(dir, "runs/job")).filter((name) => name.includes("tfevents"))).toHaveLength(1);
    expect([...readScalars(join(dir, "plain"), "own")]).toEqual([{ step: 0, value: 0 }]);
    expect(told.map(({ id, state }) => [id, state])).toEqual([
      ["torchrun-job7", "finished"],
      ...Array(3).fill(["torchrun-job7", "disabled"]),
    ]);
    expect(told[1]).toMatchObject({ active: 0, reports: {} });
  });

  test("a rank that does not log leaves not one file, whatever the backend", async () => {
    const { dir, said } = await runJob(RANK, job("1x4").slice(1), {
      backend: ["tensorboard", "jsonl", "wandb", "console"],
    });
    expect(readdirSync(dir)).toEqual([]);
    expect(said).toEqual([]);
  });

  test("shared: one event file a rank in one folder, side files kept apart", async () => {
    const { dir, told } = await runJob(RANK, job("1x4"), { backend: "tensorboard", runMode: "shared" });
    expect(readdirSync(join(dir, "runs"))).toEqual(["job-torchrun-job7"]);
    const folder = join(dir, "runs/job-torchrun-job7");
    const events = readdirSync(folder).filter((name) => name.includes("tfevents"));
    expect(events.map((name) => name.split(".").at(-1)).toSorted()).toEqual([
      "rank-0",
      "rank-1",
      "rank-2",
      "rank-3",
    ]);
    for (const rank of [0, 1, 2, 3]) {
      expect([...readScalars(folder, `loss/${rank}`)]).toEqual(numbers(rank));
      const side = rank === 0 ? folder : join(folder, `rank-${rank}`);
      expect(JSON.parse(readFileSync(join(side, "summary.json"), "utf8"))).toEqual({ best: rank });
      expect(readFileSync(join(side, "artifacts/weights.bin"), "utf8")).toBe(`weights of ${rank}`);
    }
    // One row of the HParams page, and the tags once: the primary's.
    const tags = [...new EventFileReader(folder)].flatMap(({ summary }) =>
      (summary?.value ?? []).map(({ tag }) => tag),
    );
    for (const once of ["_hparams_/session_start_info", "_hparams_/session_end_info", "tags/text_summary"]) {
      expect(
        tags.filter((tag) => tag === once),
        once,
      ).toHaveLength(1);
    }
    expect(told.every(({ state }) => state === "finished")).toBe(true);
  });

  test("new: one folder a rank", async () => {
    const { dir } = await runJob(RANK, job("2x2"), {
      backend: "tensorboard",
      runMode: "new",
      rankScope: "worker",
    });
    const names = [0, 1].flatMap((w) => [0, 1].map((l) => `job-torchrun-job7-worker-${w}-rank-${l}`));
    expect(readdirSync(join(dir, "runs")).toSorted()).toEqual(names);
    for (const [rank, name] of names.entries()) {
      expect([...readScalars(join(dir, "runs", name), `loss/${rank}`)]).toEqual(numbers(rank));
      expect(readdirSync(join(dir, "runs", name)).filter((file) => file.includes("tfevents"))).toHaveLength(
        1,
      );
    }
    // A folder that was asked for holds one for each rank; it goes with the experiment.
    expect(readdirSync(join(dir, "plain")).toSorted()).toEqual(
      [0, 1].flatMap((w) => [0, 1].map((l) => `torchrun-job7-worker-${w}-rank-${l}`)),
    );
  });
});

describe("jsonl", () => {
  const headers = (dir: string) =>
    files(dir)
      .filter((name) => name.endsWith(".jsonl") && !name.includes("/"))
      .map((name) => [name, JSON.parse(readFileSync(join(dir, name), "utf8").split("\n")[0]!).run]);

  test.for([
    ["auto", {}, [["job.jsonl", { id: "torchrun-job7", name: "job" }]]],
    [
      "new",
      { runMode: "new", id: "mine" },
      [0, 1, 2, 3].map((g) => [`job-mine-rank-${g}.jsonl`, { id: `mine-rank-${g}`, group: "mine" }]),
    ],
    [
      // One writer a run: the shared run is a group of runs there.
      "shared",
      { runMode: "shared", id: "mine", config: { file: "out.jsonl" } },
      [0, 1, 2, 3].map((g) => [`out-mine-rank-${g}.jsonl`, { id: `mine-rank-${g}`, group: "mine" }]),
    ],
  ] as const)("%s", async ([, options, expected]) => {
    const { dir } = await runJob(RANK, job("1x4"), { backend: "jsonl", ...options });
    expect(headers(dir)).toMatchObject(expected);
    for (const [rank, [name]] of expected.entries()) {
      const scalars = [...readJsonl(join(dir, name as string))].flatMap((event) =>
        event.kind === "scalar" && event.tag !== "own" ? [{ step: event.step, value: event.value }] : [],
      );
      expect(scalars).toEqual(numbers(rank));
    }
  });
});

test("long ids stay apart in file names", async () => {
  const ranks = torchrunJob("1x4", "2d1e54aa-0d5a-4f6e-9c5b-3e1f8a7b6c5d");
  const { dir } = await runJob(RANK, ranks, { backend: "jsonl", runMode: "new" });
  const names = readdirSync(dir).filter((name) => name.endsWith(".jsonl"));
  expect(names).toHaveLength(4);
  for (const rank of [0, 1, 2, 3]) {
    expect(names.filter((name) => name.endsWith(`-rank-${rank}.jsonl`))).toHaveLength(1);
  }
});

test("ranks may be threads of one process", async () => {
  const options = { backend: ["tensorboard", "jsonl"], runMode: "shared", id: "mine" };
  const script = new URL("fixtures/rank-threads.mjs", import.meta.url);
  const { dir } = await runJob(script, [{}], options);
  for (const rank of [0, 1, 2, 3]) {
    expect([...readScalars(join(dir, "runs/job-mine"), `loss/${rank}`)]).toEqual(numbers(rank));
    const events = [...readJsonl(join(dir, `job-mine-rank-${rank}.jsonl`))];
    expect(events.flatMap((event) => (event.kind === "summary" ? event.values["best"] : []))).toEqual([rank]);
  }
});

describe("offline W&B", () => {
  /** What each run folder's log says, by the rank that its first row is of. */
  const runs = (dir: string) =>
    runFolders(dir)
      .map((folder) => {
        const log = readdirSync(folder).find((name) => name.endsWith(".wandb"))!;
        const { records } = readLog(join(folder, log));
        const of = <K extends keyof (typeof records)[number]>(kind: K) =>
          records.flatMap((record) => record[kind] ?? []) as NonNullable<(typeof records)[number][K]>[];
        return {
          id: of("run")[0]!.runId,
          group: of("run")[0]!.runGroup,
          losses: historyValues(records, "loss"),
          steps: historyValues(records, "_step"),
          environment: of("environment").length,
          notComplete: of("exit").map(({ notComplete }) => notComplete === true),
        };
      })
      .toSorted((a, b) => a.losses[0]! - b.losses[0]!);
  const losses = (rank: number) => [0, 1, 2, 3, 4].map((i) => rank * 100 + i);
  const settings = { disableStats: true, console: "off" };

  test("auto: one run, and a run that does nothing on the other ranks", async () => {
    const { dir, told } = await runJob(WANDB_RANK, job("1x4"), { mode: "offline", settings });
    expect(runs(dir)).toMatchObject([
      { id: "torchrun-job7", group: undefined, losses: losses(0), environment: 1 },
    ]);
    expect(told).toMatchObject([
      { id: "torchrun-job7", got: "torchrun-job7", best: 0 },
      ...[1, 2, 3].map((rank) => ({ id: "torchrun-job7", best: rank })),
    ]);
    expect(told.slice(1).map(({ got }) => got)).toEqual([undefined, undefined, undefined]);
  });

  test("a rank that does not log leaves not one file, with resume auto neither", async () => {
    const { dir } = await runJob(WANDB_RANK, job("1x4").slice(1), { resume: "auto", settings });
    expect(readdirSync(dir)).toEqual([]);
  });

  test("shared: one run of four writers; the primary speaks for it", async () => {
    const { dir, told } = await runJob(WANDB_RANK, job("2x2"), { runMode: "shared", settings });
    const writer = { id: "torchrun-job7", group: undefined, steps: [] };
    expect(runs(dir)).toEqual([
      { ...writer, losses: losses(0), environment: 1, notComplete: [false] },
      ...[1, 2, 3].map((rank) => ({ ...writer, losses: losses(rank), environment: 0, notComplete: [true] })),
    ]);
    expect(told.map(({ mode }) => mode)).toEqual(["shared", "shared", "shared", "shared"]);
  });

  test("shared and offline: the folders stay offline runs, with their writers' settings", async () => {
    const { dir, told } = await runJob(WANDB_RANK, job("1x4"), {
      runMode: "shared",
      mode: "offline",
      settings,
    });
    expect(runs(dir).map(({ notComplete, environment }) => [...notComplete, environment])).toEqual([
      [false, 1],
      [true, 0],
      [true, 0],
      [true, 0],
    ]);
    expect(told.map(({ mode }) => mode)).toEqual(Array(4).fill("offline"));
  });

  test("new: a run a rank, in the group of the job or in the one that was given", async () => {
    const env = { WANDB_RUN_ID: "abc", TRACELET_RUN_MODE: "new" };
    const byJob = await runJob(WANDB_RANK, job("1x4"), { settings }, env);
    expect(runs(byJob.dir)).toMatchObject(
      [0, 1, 2, 3].map((g) => ({
        id: `abc-rank-${g}`,
        group: "abc",
        losses: losses(g),
        notComplete: [false],
      })),
    );
    const given = await runJob(WANDB_RANK, job("1x4"), { group: "sweep", settings }, env);
    expect(runs(given.dir).map(({ group }) => group)).toEqual(Array(4).fill("sweep"));
  });

  test("the facade decides the same", async () => {
    const env = { WANDB_RUN_ID: "abc", WANDB_MODE: "offline" };
    const more = { system: false, git: false };
    const { dir } = await runJob(
      RANK,
      job("2x2"),
      { backend: "wandb", runMode: "new", rankScope: "worker", ...more },
      env,
    );
    expect(
      runFolders(dir)
        .map((folder) =>
          folder
            .split("/")
            .at(-1)!
            .replace(/^offline-run-\d+_\d+-/, ""),
        )
        .toSorted(),
    ).toEqual([0, 1].flatMap((w) => [0, 1].map((l) => `abc-worker-${w}-rank-${l}`)));
    const groups = runFolders(dir).map((folder) => {
      const log = readdirSync(folder).find((name) => name.endsWith(".wandb"))!;
      return readLog(join(folder, log)).records.find(({ run }) => run)!.run!.runGroup;
    });
    expect(groups.toSorted()).toEqual(["abc-worker-0", "abc-worker-0", "abc-worker-1", "abc-worker-1"]);
  });
});

test("ranks without an id to agree on are told what to do", async () => {
  const envs = torchrunJob("2x2", "none").slice(0, 1);
  const { RANK: _, ...rest } = envs[0]!;
  const ended = await runScript(RANK, {
    args: [JSON.stringify({ backend: "tensorboard", runMode: "new" })],
    env: { ...rest, RANK: "0" } as Record<string, string>,
    cwd: tempDir(),
  });
  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(
    /TraceletError: runMode "new" needs an id that all ranks agree on.*TRACELET_RUN_ID/,
  );
});
