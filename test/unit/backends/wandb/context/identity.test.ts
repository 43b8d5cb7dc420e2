import { describe, expect, it } from "vitest";
import { baseIdOf, type IdentityInput, planIdentity } from "#backends/wandb/context/identity.js";

const task = { runName: "r1", actionName: "train" };
const plan = (input: Partial<IdentityInput>) =>
  planIdentity({
    runMode: "auto",
    execution: "local",
    task,
    explicitId: undefined,
    parent: undefined,
    ...input,
  });

const here = { id: "parent1", process: "this" } as const;
const elsewhere = { id: "parent1", process: "other" } as const;
const primary = { label: "train", primary: true };
const added = { label: "train", primary: false, updateFinishState: false };

describe("planIdentity", () => {
  // Table 1.4 of the reference (what the Flyte plugin does outside of distributed jobs). Its "local" with a parent is a
  // parent in this process, its "remote" with a parent one in another. That a run is ended by who opened it is `use`.
  it.each<[string, Partial<IdentityInput>, object]>([
    ["local auto", {}, { use: "own", id: "r1-train" }],
    ["local auto with a parent", { parent: here }, { use: "enclosing" }],
    ["local new", { runMode: "new" }, { use: "own", id: "r1-train" }],
    ["local new with a parent", { runMode: "new", parent: here }, { use: "own", id: "r1-train" }],
    ["local shared with a parent", { runMode: "shared", parent: here }, { use: "enclosing" }],
    ["remote auto", { execution: "remote" }, { use: "own", id: "r1-train", role: primary }],
    [
      "remote auto with a parent",
      { execution: "remote", parent: elsewhere },
      { use: "parent", id: "parent1", role: added },
    ],
    ["remote new", { execution: "remote", runMode: "new" }, { use: "own", id: "r1-train", role: primary }],
    [
      "remote new with a parent",
      { execution: "remote", runMode: "new", parent: elsewhere },
      { use: "own", id: "r1-train", role: primary },
    ],
    [
      "remote shared with a parent",
      { execution: "remote", runMode: "shared", parent: elsewhere },
      { use: "parent", id: "parent1", role: added },
    ],
  ])("%s", (_row, input, expected) => expect(plan(input)).toEqual(expected));

  it.each(["local", "remote"] as const)("refuses shared without a parent, %s", (execution) => {
    expect(() => plan({ runMode: "shared", execution })).toThrow(
      expect.objectContaining({ name: "TraceletError", code: "invalid-option", backend: "wandb" }),
    );
  });

  it("gives an explicit id before the parent's, and then shared needs none", () => {
    for (const runMode of ["auto", "new", "shared"] as const) {
      expect(plan({ runMode, explicitId: "mine", parent: here })).toEqual({ use: "own", id: "mine" });
      expect(plan({ runMode, explicitId: "mine" })).toEqual({ use: "own", id: "mine" });
    }
  });

  it("takes the parent's own id for the parent", () => {
    expect(plan({ explicitId: "parent1", parent: here })).toEqual({ use: "enclosing" });
    expect(plan({ explicitId: "parent1", parent: elsewhere })).toMatchObject({ use: "parent" });
  });

  it("leaves id and label open without a task", () => {
    expect(plan({ task: undefined })).toEqual({ use: "own" });
    expect(plan({ task: undefined, parent: elsewhere })).toEqual({
      use: "parent",
      id: "parent1",
      role: { primary: false, updateFinishState: false },
    });
    expect(baseIdOf(undefined)).toBeUndefined();
  });
});
