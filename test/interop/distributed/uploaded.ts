import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { readJsonl } from "#backends/jsonl/reader.js";
import { pythonPath } from "../../support/python.js";
import { runProgram } from "../../support/run-program.js";
import { runFolders } from "../../support/wandb-log.js";
import type { WandbServer } from "../../support/wandb-server/server.js";
import type { RunSnapshot } from "../../support/wandb-server/snapshot.js";
import { clientEnvironment, syncOfficial } from "../wandb/official-client.js";

const COMMAND = fileURLToPath(new URL("../../../dist/bundle/cli.js", import.meta.url));

/** What a rank has logged under its own name, as its JSONL file has it. */
export function losses(dir: string, rank: number): number[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith(".jsonl"))
    .flatMap((name) =>
      [...readJsonl(join(dir, name))].flatMap((event) =>
        event.kind === "scalar" && event.tag === `rank-${rank}/loss` ? [event.value] : [],
      ),
    );
}

/** The folder of each rank's W&B run, by what the ranks say at their end. */
export function foldersOf(output: string): Map<number, string> {
  const lines = output.matchAll(/^rank (\d+) of .* logged to (\/.*)$/gm);
  return new Map([...lines].map(([, rank, folder]) => [Number(rank), folder!]));
}

/**
 * Uploads the run folders below `dir` with the official `wandb sync`, those in `last` after the others: the client takes the
 * writers of one run one after the other, in no certain order, and what is uploaded last says whether the run has ended.
 */
export async function uploadAll(server: WandbServer, dir: string, last: readonly string[]): Promise<void> {
  const folders = runFolders(dir);
  expect(folders).toEqual(expect.arrayContaining([...last]));
  const first = folders.filter((folder) => !last.includes(folder));
  for (const some of [first, last]) {
    if (some.length === 0) continue;
    const sync = await syncOfficial(await pythonPath(), some, dir, clientEnvironment(server, dir));
    const output = sync.stdout + sync.stderr;
    expect(sync.code, output).toBe(0);
    expect(
      output.split("\n").filter((line) => /WARNING|ERROR/.test(line)),
      output,
    ).toEqual([]);
  }
  const bad = server.requests.filter(({ status, error }) => status !== 200 || error !== undefined);
  expect(bad).toEqual([]);
}

/** Sends all run folders below `dir` with `tracelet sync`, which knows by itself in which order. */
export async function sendAll(server: WandbServer, dir: string): Promise<void> {
  const args = [COMMAND, "sync", ...runFolders(dir), "--include-synced"];
  const sync = await runProgram(process.execPath, args, dir, clientEnvironment(server, dir));
  expect(sync.code, sync.stdout + sync.stderr).toBe(0);
}

/** Every run of the project, by id. */
export async function runsOf(server: WandbServer, project = "quickstart"): Promise<Map<string, RunSnapshot>> {
  const ids = [...server.store.projects.values()].flatMap((each) => [...each.runs.keys()]);
  const runs = ids.map(async (id) => [id, await server.snapshot("tester", project, id)] as const);
  return new Map(await Promise.all(runs));
}
