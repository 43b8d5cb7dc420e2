import { expect, test } from "vitest";
import type { RunDescription } from "#src/backend/contract.js";
import { defineBackend } from "#src/backend/contract.js";
import { runAt } from "#src/distributed/rank-role.js";
import { createExperiment } from "#src/logging.js";
import { torchrunJob } from "./policy-table.js";

const run: RunDescription = {
  id: "base",
  name: "digits",
  project: "p",
  tags: [],
  params: {},
  dir: "/",
  startTime: 1,
  rank: { label: "rank-3", primary: false, shared: true, ownId: "base-rank-3" },
};

test("a backend that takes several writers gets the shared run, any other a run of the rank's own in a group", () => {
  expect(runAt({ sharedWriters: true }, run)).toBe(run);
  expect(runAt({}, run)).toEqual({
    ...run,
    id: "base-rank-3",
    rank: { group: "base", label: "rank-3", primary: true, shared: false },
  });
  const { rank: _, ...single } = run;
  expect(runAt({}, single)).toEqual(single);
  const own: RunDescription = { ...run, rank: { primary: true, shared: false, group: "base" } };
  expect(runAt({}, own)).toBe(own);
});

test("a backend's open is told so, whether it is a definition or an object", async () => {
  const seen: RunDescription[] = [];
  const opens = { open: (described: RunDescription) => void seen.push(described), write() {}, close() {} };
  const [, env] = torchrunJob("1x4");
  const before = { ...process.env };
  try {
    Object.assign(process.env, env);
    for (const backend of [
      defineBackend({ name: "one", create: () => opens }),
      defineBackend({ name: "many", sharedWriters: true, create: () => opens }),
      opens,
    ]) {
      const experiment = createExperiment(backend, { id: "mine", runMode: "shared" });
      expect(experiment.id).toBe("mine");
      await experiment.finish();
    }
  } finally {
    for (const name of Object.keys(env!)) delete process.env[name];
    Object.assign(process.env, before);
  }
  expect(seen.map(({ id, rank }) => [id, rank])).toEqual([
    ["mine-rank-1", { group: "mine", label: "rank-1", primary: true, shared: false }],
    ["mine", { label: "rank-1", primary: false, shared: true, ownId: "mine-rank-1" }],
    ["mine-rank-1", { group: "mine", label: "rank-1", primary: true, shared: false }],
  ]);
});
