import { describe, expect, it } from "vitest";
import {
  groupLink,
  type LinkContext,
  type LinkOptions,
  runLink,
  runLinks,
  sweepLink,
} from "#backends/wandb/context/links.js";

const H = "https://wandb.ai";
const place = { entity: "team", project: "digits" };
const P = `${H}/team/digits`;
const task = { runName: "r", actionName: "a" };
const parent = { id: "parent1", ...place, mode: "online" } as const;
const none: LinkContext = {};

describe("runLink", () => {
  // Table 1.8 of the reference, with its defects mended: an explicit id goes before the parent's (as in table 1.4), `new`
  // leads to the group the runs really have, and the host given goes before the context's.
  it.each<[string, LinkOptions, string]>([
    ["no project", { entity: "team", task }, H],
    ["no entity", { project: "digits", task }, H],
    ["auto, parent", { ...place, task, parent }, `${P}/runs/parent1`],
    ["auto, explicit id", { ...place, task, id: "mine" }, `${P}/runs/mine`],
    ["auto, both", { ...place, task, id: "mine", parent }, `${P}/runs/mine`],
    ["auto", { ...place, task }, `${P}/runs/r-a`],
    ["auto, nothing known", place, P],
    ["shared, parent", { ...place, task, parent, runMode: "shared" }, `${P}/runs/parent1`],
    ["shared", { ...place, task, runMode: "shared" }, P],
    ["shared, explicit id", { ...place, task, id: "mine", runMode: "shared" }, `${P}/runs/mine`],
    ["new", { ...place, task, parent, runMode: "new" }, `${P}/runs/r-a`],
    ["new, explicit id", { ...place, task, parent, id: "mine", runMode: "new" }, `${P}/runs/mine`],
    ["1 node auto", { ...place, task, processesPerNode: 2, parent }, `${P}/runs/r-a`],
    ["1 node auto, worker", { ...place, task, processesPerNode: 2, rankScope: "worker" }, `${P}/runs/r-a`],
    ["1 node shared", { ...place, task, processesPerNode: 2, runMode: "shared" }, `${P}/runs/r-a`],
    ["1 node new", { ...place, task, processesPerNode: 2, runMode: "new" }, `${P}/groups/r-a`],
    ["2 nodes auto", { ...place, task, nodes: 2 }, `${P}/runs/r-a`],
    ["2 nodes auto, id", { ...place, task, nodes: 2, id: "mine" }, `${P}/runs/mine`],
    [
      "2 nodes shared, worker",
      { ...place, task, nodes: 2, runMode: "shared", rankScope: "worker", worker: 1 },
      `${P}/runs/r-a-worker-1`,
    ],
    ["2 nodes new", { ...place, task, nodes: 2, runMode: "new" }, `${P}/groups/r-a`],
    [
      "2 nodes new, worker",
      { ...place, task, nodes: 2, runMode: "new", rankScope: "worker", worker: 1 },
      `${P}/groups/r-a-worker-1`,
    ],
    ["2 nodes new, group", { ...place, task, nodes: 2, runMode: "new", group: "g" }, `${P}/groups/g`],
    ["elastic nodes", { ...place, task, nodes: "1:4", runMode: "new" }, `${P}/groups/r-a`],
    ["an elastic single node", { ...place, task, nodes: "0:1", runMode: "new" }, `${P}/runs/r-a`],
    ["processes auto", { ...place, task, processesPerNode: "auto", runMode: "new" }, `${P}/runs/r-a`],
  ])("%s", (_row, options, expected) => expect(runLink(options, none)).toBe(expected));

  it("honours the context as it does arguments, and arguments before it", () => {
    const context: LinkContext = {
      ...place,
      host: "https://api.ctx.example",
      runMode: "new",
      rankScope: "worker",
      task,
    };
    expect(runLink({}, context)).toBe("https://app.ctx.example/team/digits/runs/r-a");
    expect(runLink({ nodes: 2, worker: 1 }, context)).toBe(
      "https://app.ctx.example/team/digits/groups/r-a-worker-1",
    );
    const options: LinkOptions = {
      host: "http://own:8080/",
      entity: "e",
      project: "p",
      runMode: "auto",
      id: "x",
    };
    expect(runLink(options, { ...context, parent })).toBe("http://own:8080/e/p/runs/x");
    expect(runLink({ appUrl: "http://pages" }, context)).toBe("http://pages/team/digits/runs/r-a");
  });

  it("leads to the parent's run where that is", () => {
    const other = { id: "x", entity: "others", project: "theirs", mode: "online" } as const;
    expect(runLink({}, { ...place, parent: other })).toBe(`${H}/others/theirs/runs/x`);
    expect(runLink({}, { ...place, parent: { id: "x", project: "theirs", mode: "online" } })).toBe(
      `${H}/team/theirs/runs/x`,
    );
  });
});

describe("runLinks", () => {
  it("is one link for each node with worker scope on several nodes, else one", () => {
    expect(runLinks({ ...place, task, nodes: "1:3", rankScope: "worker", title: "Runs" }, none)).toEqual([
      { title: "Runs (worker 0)", url: `${P}/runs/r-a-worker-0` },
      { title: "Runs (worker 1)", url: `${P}/runs/r-a-worker-1` },
      { title: "Runs (worker 2)", url: `${P}/runs/r-a-worker-2` },
    ]);
    expect(runLinks({ ...place, task, nodes: 3 }, none)).toEqual([
      { title: "Weights & Biases", url: `${P}/runs/r-a` },
    ]);
    expect(runLinks({ nodes: 2 }, { ...place, task, rankScope: "worker" })).toHaveLength(2);
  });
});

describe("groupLink and sweepLink", () => {
  it("lead to the group and the sweep", () => {
    expect(groupLink({ ...place, group: "g h" }, none)).toBe(`${P}/groups/g%20h`);
    expect(groupLink({ ...place, task }, none)).toBe(`${P}/groups/r-a`);
    expect(groupLink(place, none)).toBe(P);
    expect(sweepLink({ ...place, id: "s1" }, none)).toBe(`${P}/sweeps/s1`);
    expect(sweepLink(place, none)).toBe(`${P}/sweeps`);
    expect(sweepLink({ project: "own", id: "s1" }, place)).toBe(`${H}/team/own/sweeps/s1`);
  });

  it("lead to the host when the project is not known", () => {
    expect(groupLink({ group: "g", host: "http://h/" }, none)).toBe("http://h");
    expect(sweepLink({ id: "s1" }, none)).toBe(H);
  });
});
