import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pythonPath } from "../../support/python.js";
import { runProgram } from "../../support/run-program.js";
import { startWandbServer, type WandbServer } from "../../support/wandb-server/server.js";
import { clientEnvironment } from "./official-client.js";
import { runOfficial } from "./run-official.js";
import { listScripts } from "./scripts.js";

const REQUIREMENTS = ["requirements.txt", "requirements-wandb-0.30.txt"];
const ONLINE_RUN = new URL("./official/online_run.py", import.meta.url).pathname;

let server: WandbServer;
let folder: string;

beforeEach(async () => {
  server = await startWandbServer();
  folder = await mkdtemp(join(tmpdir(), "recording-server-"));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** What the client's own logs say of trouble: errors, and requests it had to repeat. */
async function troubleInLogs(): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(join(folder, "wandb"), { recursive: true }))
    if (/debug[\w.-]*\.log$/.test(name)) {
      const text = await readFile(join(folder, "wandb", name), "utf8");
      found.push(...text.split("\n").filter((line) => /"level":"ERROR"|retry|retrying| ERROR /i.test(line)));
    }
  return found;
}

describe.each(REQUIREMENTS)("the official client of %s", (requirements) => {
  test("an online run, resumed, with artifacts both ways and the public API, needs no retry", async () => {
    const environment = clientEnvironment(server, folder);
    const ended = await runProgram(await pythonPath(requirements), [ONLINE_RUN], folder, environment);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr.match(/^.*(ERROR|WARNING).*$/gm)).toEqual([
      expect.stringContaining("Symlinked 1 file"),
      expect.stringContaining("already exists with the same content"),
    ]);
    expect(server.requests.filter(({ status, error }) => status !== 200 || error !== undefined)).toEqual([]);
    expect(await troubleInLogs()).toEqual([]);

    const seen = JSON.parse(/^SEEN (.*)$/m.exec(ended.stdout)![1]!) as { [key: string]: unknown };
    expect(seen).toMatchObject({
      resumed: true,
      resumed_loss: { min: 0.2 },
      downloaded: ["a.txt", "dir/a.txt", "dir/b.bin", "n.txt", "ref.txt"],
      downloaded_bytes: 100_000,
      versions: ["v1", "v1"],
      state: "finished",
      config: { lr: 0.1, nested: { a: 1 }, late: 5 },
      best: 3,
      history: [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 0.01],
      whole_history: 7,
      scan: [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 0.01],
      whole_scan: [0, 1, 2, 3, 4, 5, 6],
      file: "hello",
      used: ["ds:v0"],
      runs: ["online"],
      failed_runs: ["allowed"],
      artifact: ["ds:best", "v0", 100_018, "d", { k: 1 }],
      tags: ["tagged"],
      lineage: ["online", ["online"]],
      collection: ["ds:v1", "ds:v0"],
      changed: ["v0", "changed"],
      updated: [["t1", "zz"], 6],
    });
    expect(seen["files"]).toContain("data/a.txt");
    expect([...(seen["logged"] as string[])].sort()).toEqual(["ds:v0", "ds:v1", "run-online-table:v0"]);

    const run = await server.snapshot("tester", "differential", "online");
    expect(run.holes).toBe(0);
    expect(run).toMatchObject({
      displayName: "first",
      notes: "n",
      group: "g",
      jobType: "train",
      exitCode: 0,
    });
    expect(run.history.map((row) => row["_step"])).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(run.history[0]).toMatchObject({ loss: 1, inf: Infinity, nan: NaN });
    expect(run.console.map((line) => line.replace(/\d{4}-\S+ /, ""))).toEqual(
      expect.arrayContaining(["line 0", "line 4", "ERROR to stderr"]),
    );
    expect(run.alerts).toEqual([{ title: "title", text: "text", severity: "WARN", waitDuration: 1000 }]);
    expect(run.inputArtifacts).toEqual(["ds:v0"]);
    expect(await server.snapshot("tester", "differential", "allowed")).toMatchObject({
      state: "failed",
      exitCode: 4,
    });
    // Signed addresses are their own permission: the key stays with the API.
    expect(
      server.requests.filter(({ host, headers }) => host === "storage" && headers.authorization),
    ).toEqual([]);
  });

  test("an offline run and its sync need no retry", async () => {
    const script = listScripts().find(({ name }) => name === "42_table_media")!;
    const run = await runOfficial(script, server, requirements);
    expect(run).toMatchObject({ state: "finished", exitCode: 0, holes: 0 });
    expect(server.requests.filter(({ status, error }) => status !== 200 || error !== undefined)).toEqual([]);
  });

  test("a run through injected trouble arrives whole", async () => {
    server.faults.push(
      { match: { operation: "UpsertBucket" }, action: { kind: "status", status: 503 } },
      { match: { path: /file_stream$/ }, action: { kind: "drop", when: "after" } },
      {
        match: { operation: "CreateRunFiles" },
        action: { kind: "status", status: 429, headers: { "Retry-After": "1" } },
      },
      { match: { host: "storage", method: "PUT" }, action: { kind: "drop", when: "before" } },
    );
    const script = listScripts().find(({ name }) => name === "01_scalars_auto_step")!;
    const disturbed = await runOfficial(script, server, requirements);
    expect(server.faults).toEqual([]);
    expect(disturbed).toEqual(await runOfficial(script, server, requirements));
  });
});
