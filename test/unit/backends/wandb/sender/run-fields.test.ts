import { describe, expect, it } from "vitest";
import { createRunFields } from "#backends/wandb/sender/run-fields.js";

// wandb-online-protocol.md, section 2.3
const EMPTY = {
  id: null,
  name: null,
  project: null,
  entity: null,
  groupName: null,
  description: null,
  displayName: null,
  notes: null,
  commit: null,
  config: null,
  host: null,
  debug: null,
  program: null,
  repo: null,
  jobType: null,
  state: null,
  sweep: null,
  tags: null,
  summaryMetrics: null,
};

describe("the variables of UpsertBucket", () => {
  it("are all there, null where there is nothing", () => {
    const fields = createRunFields();
    fields.update({ runId: "abcd1234", entity: "", displayName: "", tags: [], git: {} });
    expect(fields.upsert("{}")).toEqual({ ...EMPTY, name: "abcd1234", config: "{}" });
  });

  it("are those of the run record", () => {
    const fields = createRunFields({ program: "train.js" });
    fields.update({
      runId: "r",
      entity: "e",
      project: "p",
      runGroup: "g",
      jobType: "j",
      displayName: "d",
      notes: "n",
      tags: ["a", "b"],
      sweepId: "s",
      host: "h",
      git: { remoteUrl: "u", commit: "c" },
    });
    expect(fields.upsert("{}")).toEqual({
      ...EMPTY,
      name: "r",
      entity: "e",
      project: "p",
      groupName: "g",
      jobType: "j",
      displayName: "d",
      notes: "n",
      tags: ["a", "b"],
      sweep: "s",
      host: "h",
      repo: "u",
      commit: "c",
      program: "train.js",
      config: "{}",
    });
  });

  it("tell fields again only when one changed, with the server's id", () => {
    const fields = createRunFields({ program: "train.js" });
    const record = { runId: "r", entity: "e", project: "p", tags: ["a"], git: { commit: "c" }, notes: "n" };
    expect(fields.update(record)).toBe(true);
    expect(fields.upsert("{}").id).toBeNull();
    fields.adopt({ storageId: "stored", runId: "r2", entity: "team", project: "proj" });
    expect(fields.names()).toEqual({ runId: "r2", entity: "team", project: "proj" });
    const named = { ...EMPTY, name: "r2", entity: "team", project: "proj" };
    expect(fields.upsert('{"a":1}')).toEqual({ ...named, config: '{"a":1}' });

    // Later records repeat what did not change; what is empty in them changes nothing.
    expect(fields.update({ tags: ["a"], notes: "", git: { remoteUrl: "" } })).toBe(false);
    expect(fields.upsert(undefined)).toEqual(named);

    expect(fields.update({ notes: "new", tags: [] })).toBe(true);
    expect(fields.upsert(undefined)).toEqual({
      ...named,
      id: "stored",
      notes: "new",
      tags: ["a"],
      commit: "c",
      program: "train.js",
    });
    expect(fields.upsert(undefined)).toEqual(named);
  });

  it("tell a program that is found later, once and without the other fields", () => {
    const fields = createRunFields();
    fields.update({ runId: "r", tags: ["a"] });
    fields.upsert("{}");
    expect(fields.program("train.js")).toBe(true);
    expect(fields.upsert(undefined)).toEqual({ ...EMPTY, name: "r", program: "train.js" });
    expect(fields.program("train.js")).toBe(false);
    expect(fields.upsert(undefined)).toEqual({ ...EMPTY, name: "r" });
  });
});
