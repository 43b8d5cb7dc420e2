import { describe, expect, test } from "vitest";
import { type DistributedInfo, getDistributedInfo } from "#src/distributed/detect.js";
import { type PlanRequest, planRun, type RunPlan } from "#src/distributed/plan-run.js";
import { seededRandom } from "../../../examples/digits/random.js";
import { type Expected, JOBS, torchrunJob } from "./policy-table.js";

const told = (plan: RunPlan): Expected => {
  if (!plan.logs) return null;
  const { runId: id, group, label, primary, shared } = plan;
  if (shared) return { id, label: label!, primary };
  return group === undefined ? { id } : { id, group };
};

/** The expected rank with another id of the job, and the group that the user gave. */
const given = (rank: Expected, id: string, group: string | undefined): Expected => {
  if (rank === null) return null;
  const own = { ...rank, id: rank.id.replace(/^base/, id) };
  if ("label" in own) return own;
  const heading = group ?? own.group?.replace(/^base/, id);
  return { id: own.id, ...(heading !== undefined && { group: heading }) };
};

describe.for(["no id", "id"])("%s", (id) => {
  describe.for(["no group", "group"])("%s", (group) => {
    test.for(JOBS)("$shape $mode $scope", ({ shape, mode, scope, ranks }) => {
      const plans = torchrunJob(shape).map((env) =>
        planRun({
          info: getDistributedInfo(env),
          runMode: mode,
          rankScope: scope,
          baseId: "base",
          freshId: "random",
          explicit: { ...(id === "id" && { id: "mine" }), ...(group === "group" && { group: "sweep" }) },
        }),
      );
      const chosen = group === "group" ? "sweep" : undefined;
      expect(plans.map(told)).toEqual(
        ranks.map((rank) => given(rank, id === "id" ? "mine" : "base", chosen)),
      );
      // A given group stands in every plan, in the modes that fill none, too.
      if (chosen !== undefined) for (const plan of plans) expect(plan.group).toBe("sweep");
      // Who logs a run of its own ends it; of the writers of a shared one, the primary does.
      for (const plan of plans) expect(plan.finishes).toBe(plan.logs && (!plan.shared || plan.primary));
    });
  });
});

test("a job of one process is a process on its own, in every mode", () => {
  expect(getDistributedInfo(torchrunJob("1x1")[0])).toBeUndefined();
});

describe("a process on its own", () => {
  const alone = (request: Partial<PlanRequest>) => planRun({ freshId: "random", ...request });
  const parent = { id: "parent", process: "this" } as const;
  const elsewhere = { id: "parent", process: "other" } as const;
  const own = { logs: true, primary: true, shared: false, finishes: true, alone: true };
  const inside = { logs: true, runId: "parent", primary: false, finishes: false, alone: false };

  // Reference 1.4. `remote` there is a child in another process; runs that no child attaches to are not shared here.
  test.for<[string, Partial<PlanRequest>, RunPlan]>([
    ["auto", {}, { ...own, runId: "random" }],
    ["auto, id", { explicit: { id: "mine" } }, { ...own, runId: "mine" }],
    ["auto, parent here", { parent }, { ...inside, shared: false }],
    [
      "auto, parent elsewhere",
      { parent: elsewhere, explicit: { label: "child" } },
      { ...inside, shared: true, label: "child", ownId: "parent-random" },
    ],
    ["auto, parent, id", { parent, explicit: { id: "mine" } }, { ...own, runId: "mine" }],
    ["new", { runMode: "new" }, { ...own, runId: "random" }],
    ["new, parent here", { runMode: "new", parent }, { ...own, runId: "random" }],
    ["new, parent elsewhere", { runMode: "new", parent: elsewhere }, { ...own, runId: "random" }],
    [
      "new, id: no suffix and no group",
      { runMode: "new", explicit: { id: "mine" } },
      { ...own, runId: "mine" },
    ],
    ["shared, parent here", { runMode: "shared", parent }, { ...inside, shared: false }],
    [
      "shared, parent elsewhere",
      { runMode: "shared", parent: elsewhere },
      { ...inside, shared: true, ownId: "parent-random" },
    ],
    [
      "shared, id",
      { runMode: "shared", explicit: { id: "mine" } },
      { ...own, runId: "mine", shared: true, alone: false, ownId: "mine-random" },
    ],
    ["group", { explicit: { group: "sweep" } }, { ...own, runId: "random", group: "sweep" }],
    [
      "shareable: an id that others are told",
      { shareable: true },
      { ...own, runId: "random", shared: true, alone: false, label: "primary" },
    ],
    [
      "shareable, id of a backend's variable, label",
      { shareable: true, baseId: "base", explicit: { label: "lead" } },
      { ...own, runId: "base", shared: true, alone: false, label: "lead" },
    ],
    ["not shareable, id of a backend's variable", { baseId: "base" }, { ...own, runId: "random" }],
  ])("%s", ([, request, plan]) => {
    expect(alone(request)).toEqual(plan);
  });

  test("shared without a run to share says what to do", () => {
    expect(() => alone({ runMode: "shared" })).toThrow(
      expect.objectContaining({ code: "invalid-option", message: expect.stringMatching(/TRACELET_RUN_ID/) }),
    );
  });
});

// Reference 1.4, rows of remote execution and of task contexts: a run that others may join (`shareable`) has its task's id as
// the one of its own, and its action's name as the label.
describe("a task", () => {
  const task = (request: Partial<PlanRequest>) =>
    planRun({ freshId: "r1-train", ...request, explicit: { label: "train", ...request.explicit } });
  const parent = { id: "parent", process: "other" } as const;
  const primary = { logs: true, primary: true, finishes: true, shared: true, alone: false, label: "train" };
  const added = {
    logs: true,
    runId: "parent",
    ownId: "parent-r1-train",
    primary: false,
    finishes: false,
    shared: true,
    alone: false,
    label: "train",
  };
  const local = { logs: true, runId: "r1-train", primary: true, finishes: true, shared: false, alone: true };

  test.for<[string, Partial<PlanRequest>, RunPlan]>([
    ["local auto", {}, local],
    ["local new with a parent", { runMode: "new", parent: { ...parent, process: "this" } }, local],
    ["remote auto", { shareable: true }, { ...primary, runId: "r1-train" }],
    ["remote auto with a parent", { shareable: true, parent }, added],
    ["remote new", { shareable: true, runMode: "new" }, { ...primary, runId: "r1-train" }],
    [
      "remote new with a parent",
      { shareable: true, runMode: "new", parent },
      { ...primary, runId: "r1-train" },
    ],
    ["remote shared with a parent", { shareable: true, runMode: "shared", parent }, added],
    ["the parent's own id is the parent", { parent, explicit: { id: "parent" } }, added],
    ["another id is a run of its own", { parent, explicit: { id: "mine" } }, { ...local, runId: "mine" }],
  ])("%s", ([, request, plan]) => {
    expect(task(request)).toEqual(plan);
  });

  test("inside a run that is open in this process, shareable or not, nothing is opened or ended", () => {
    for (const shareable of [false, true]) {
      expect(task({ shareable, parent: { id: "parent", process: "this" } })).toEqual({
        logs: true,
        runId: "parent",
        primary: false,
        finishes: false,
        shared: false,
        alone: false,
      });
    }
  });

  test("its own id is no run to share", () => {
    for (const shareable of [false, true]) {
      expect(() => task({ shareable, runMode: "shared" })).toThrow(
        expect.objectContaining({ code: "invalid-option" }),
      );
    }
  });
});

describe("ranks of a job", () => {
  const rank = (request: Partial<PlanRequest>) =>
    planRun({
      info: getDistributedInfo(torchrunJob("1x4")[1]),
      baseId: "base",
      freshId: "random",
      ...request,
    });

  test("do not look at a run that another process has handed over", () => {
    const parent = { id: "parent", process: "other" } as const;
    expect(rank({ runMode: "shared", parent })).toMatchObject({ runId: "base", label: "rank-1" });
    expect(rank({ parent }).logs).toBe(false);
  });

  test("log to the run that is open around them in their process", () => {
    const parent = { id: "base-rank-1", process: "this" } as const;
    for (const runMode of ["auto", "shared"] as const) {
      expect(rank({ runMode, parent })).toMatchObject({ logs: true, runId: "base-rank-1", finishes: false });
    }
    expect(rank({ runMode: "new", parent }).runId).toBe("base-rank-1");
    expect(rank({ runMode: "new", parent, explicit: { id: "inner" } }).runId).toBe("inner-rank-1");
  });
});

test.for([
  ["auto", 0, { logs: true, runId: "base", label: "primary", primary: true, shared: true, finishes: true }],
  ["auto", 1, { logs: false, primary: false, shared: false, finishes: false }],
  ["new", 1, { runId: "base-rank-1", group: "base", label: "primary", primary: true, shared: true }],
  ["shared", 1, { runId: "base", label: "rank-1", primary: false, shared: true, finishes: false }],
] as const)("a shareable job, %s, rank %i", ([runMode, rank, plan]) => {
  const info = getDistributedInfo(torchrunJob("1x4")[rank]);
  expect(planRun({ info, runMode, baseId: "base", freshId: "random", shareable: true })).toMatchObject(plan);
});

describe("ranks that have no id to agree on", () => {
  const plan = (rank: number, request: Partial<PlanRequest>, shape: "1x4" | "2x2" = "1x4") =>
    planRun({ info: getDistributedInfo(torchrunJob(shape)[rank]), freshId: `fresh${rank}`, ...request });
  const refusal = expect.objectContaining({
    code: "invalid-option",
    message: expect.stringMatching(/torchrun.*TRACELET_RUN_ID/),
  });

  test("auto: the one that logs makes one up", () => {
    expect(plan(0, {})).toMatchObject({ logs: true, runId: "fresh0" });
    expect(plan(1, {}).logs).toBe(false);
    expect(plan(0, { rankScope: "worker" })).toMatchObject({ logs: true, runId: "fresh0" });
  });
  test("new and shared are refused on every rank, and auto where each worker logs", () => {
    for (const rank of [0, 1, 2, 3]) {
      expect(() => plan(rank, { runMode: "new" })).toThrow(refusal);
      expect(() => plan(rank, { runMode: "shared" })).toThrow(refusal);
      expect(() => plan(rank, { rankScope: "worker" }, "2x2")).toThrow(refusal);
    }
  });
});

test("worker scope is refused where the launcher does not number its workers", () => {
  const env = {
    OMPI_COMM_WORLD_RANK: "2",
    OMPI_COMM_WORLD_SIZE: "4",
    OMPI_COMM_WORLD_LOCAL_RANK: "0",
    OMPI_COMM_WORLD_LOCAL_SIZE: "2",
  };
  const request = { info: getDistributedInfo(env), baseId: "base", freshId: "random" };
  expect(() => planRun({ ...request, rankScope: "worker" })).toThrow(/NODE_RANK/);
  // The rank tells the writers apart without a number of the node.
  expect(planRun({ ...request, runMode: "shared" })).toMatchObject({ runId: "base", label: "rank-2" });
});

test("worker scope is refused where processes of a worker are not numbered: each would be its first", () => {
  const env = { RANK: "3", WORLD_SIZE: "4", LOCAL_WORLD_SIZE: "2", GROUP_RANK: "1" };
  const request = { info: getDistributedInfo(env), baseId: "base", freshId: "random" };
  for (const runMode of ["auto", "new", "shared"] as const)
    expect(() => planRun({ ...request, runMode, rankScope: "worker" })).toThrow(/LOCAL_RANK/);
  expect(planRun({ ...request, runMode: "shared" })).toMatchObject({ runId: "base", label: "rank-3" });
  expect(planRun({ ...request, runMode: "new" }).runId).toBe("base-rank-3");
});

test.for(["runMode", "rankScope"])("an unknown %s is refused by name", (option) => {
  expect(() => planRun({ freshId: "random", [option]: "all" } as unknown as PlanRequest)).toThrow(
    new RegExp(`${option} is one of .*"all"`),
  );
});

describe("any job", () => {
  const random = seededRandom(20_260);
  const below = (count: number) => Math.floor(random() * count);

  /** Uneven nodes too, with ranks in a row or dealt out in turn. */
  function randomJob(): DistributedInfo[] {
    const sizes = Array.from({ length: 1 + below(5) }, () => 1 + below(4));
    const worldSize = sizes.reduce((sum, size) => sum + size, 0);
    if (worldSize === 1) return randomJob();
    let places = sizes.flatMap((size, workerIndex) =>
      Array.from({ length: size }, (_, localRank) => ({ workerIndex, localRank, localWorldSize: size })),
    );
    if (below(2) === 1) places = places.sort((a, b) => a.localRank - b.localRank);
    const rest = { worldSize, numWorkers: sizes.length, launcher: "torchrun" } as const;
    return places.map((place, rank) => ({ rank, ...place, ...rest }));
  }

  test("2,000 of them: no two ranks collide, one primary a run, groups hold runs of one heading", () => {
    for (let i = 0; i < 2_000; i++) {
      const job = randomJob();
      const runMode = (["auto", "new", "shared"] as const)[below(3)]!;
      const rankScope = (["global", "worker"] as const)[below(2)]!;
      const explicit = below(2) === 1 ? { id: "mine" } : {};
      const plans = job.map((info, rank) =>
        planRun({ info, runMode, rankScope, baseId: "base", freshId: `fresh${rank}`, explicit }),
      );
      const what = JSON.stringify({ job, runMode, rankScope, plans });
      const logging = plans.filter(({ logs }) => logs);
      const runs = new Map<string, RunPlan[]>();
      for (const plan of logging) runs.set(plan.runId, [...(runs.get(plan.runId) ?? []), plan]);

      // Whose run has one writer has it alone; writers of one run differ by label and by the id of their own.
      for (const writers of runs.values()) {
        expect(
          writers.filter(({ primary }) => primary),
          what,
        ).toHaveLength(1);
        expect(
          writers.filter(({ finishes }) => finishes),
          what,
        ).toHaveLength(1);
        if (writers.length > 1)
          expect(
            writers.every(({ shared }) => shared),
            what,
          ).toBe(true);
        expect(new Set(writers.map(({ label }) => label)).size, what).toBe(writers.length);
      }
      const own = logging.flatMap(({ ownId }) => ownId ?? []);
      expect(new Set(own).size, what).toBe(own.length);

      const units = rankScope === "worker" ? job[0]!.numWorkers : 1;
      expect(runs.size, what).toBe(runMode === "new" ? job.length : units);
      const groups = new Set(logging.flatMap(({ group }) => group ?? []));
      expect(groups.size, what).toBe(runMode === "new" ? units : 0);
    }
  });
});
