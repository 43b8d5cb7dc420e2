import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runScript } from "../support/run-script.js";
import { tempDir } from "../support/temp-dir.js";
import { writeLines } from "../support/wandb-server/line-file.js";
import { startWandbServer } from "../support/wandb-server/server.js";
import { createRun, ensureProject } from "../support/wandb-server/store.js";
import { blobOf } from "../support/wandb-server/stored-artifact.js";

const root = new URL("../..", import.meta.url);

test("the example shows the best runs and downloads the first", async () => {
  const server = await startWandbServer();
  const project = ensureProject(server.store, "tester", "digits");
  for (const [id, accuracy] of Object.entries({ low: 0.5, high: 0.9, none: undefined })) {
    const run = createRun(server.store, project, id);
    run.files.set("model.txt", { name: "model.txt", blob: blobOf(`model ${id}`), updatedAt: run.createdAt });
    writeLines(run.history, "", 0, [`{"_step":0,"accuracy":${accuracy ?? 0}}`]);
    Object.assign(run, {
      state: "finished",
      displayName: `${id} run`,
      summary: JSON.stringify({ accuracy }),
    });
  }
  const cwd = tempDir();
  const ended = await runScript(new URL("examples/wandb-reading.ts", root), {
    nodeArgs: ["--import", new URL("node_modules/tsx/dist/loader.mjs", root).href],
    args: ["tester/digits", "accuracy", "best"],
    env: { WANDB_BASE_URL: server.url, WANDB_API_KEY: server.apiKey },
    cwd,
  });
  await server.close();
  expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
  expect(ended.stdout).toMatch(
    /^high +high run +accuracy 0.9\nlow +low run +accuracy 0.5\ntester\/digits\/high is in /,
  );
  expect(readFileSync(join(cwd, "best", "model.txt"), "utf8")).toBe("model high");
  const history = readFileSync(join(cwd, "best", "metrics_history.json"), "utf8");
  expect(JSON.parse(history)).toEqual([{ _step: 0, accuracy: 0.9 }]);
});
