import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Artifact } from "#backends/wandb/artifacts/artifact.js";
import { Html } from "#backends/wandb/media/html.js";
import { Image } from "#backends/wandb/media/image.js";
import { JoinedTable } from "#backends/wandb/media/joined-table.js";
import { Table } from "#backends/wandb/media/table.js";
import { officialLog } from "../fixtures/official-log.js";
import { input } from "./media-run.js";

let staging: string;
beforeEach(() => {
  staging = mkdtempSync(join(tmpdir(), "wandb-objects-"));
});
afterEach(() => rmSync(staging, { recursive: true }));

it("holds tables, images, pages and joined tables as the official client (objects.py)", () => {
  const artifact = new Artifact("objects", { type: "dataset", staging });
  artifact.add(new Image(input("tiny.png"), { caption: "in an artifact" }), "picture");
  const table = new Table({ columns: ["a"], data: [[1], [2]] });
  artifact.add(table, "folder/table");
  artifact.add(table, "folder/table");
  artifact.add(new Html("<i>page</i>"), "page");
  artifact.add(new Table({ columns: ["a"], data: [[1]] }), "right");
  artifact.add(new JoinedTable("folder/table.table.json", "right.table.json", "a"), "both");
  const official = officialLog("objects").find((record) => record.artifact)!.artifact!;
  const paths = official.manifest!.contents!.map(({ path }) => path);
  expect([...artifact.paths].sort()).toEqual(paths);
  expect(artifact.digest).toBe(official.digest);
});

it("names tables that a joined table brings, and refuses ones that are not there", () => {
  const artifact = new Artifact("objects", { type: "dataset", staging });
  const table = new Table({ columns: ["a"] });
  const path = artifact.add(new JoinedTable(table, table, ["a", "a"]), "both");
  const text = readFileSync(artifact.entry(path)!.localPath!, "utf8");
  expect(JSON.parse(text)).toMatchObject({
    join_key: ["a", "a"],
    table1: expect.stringMatching(/^t1_\d+\.table\.json$/),
  });
  expect(() => artifact.add(new JoinedTable("x.table.json", table, "a"), "other")).toThrow(
    /no table "x\.table\.json"/,
  );
});
