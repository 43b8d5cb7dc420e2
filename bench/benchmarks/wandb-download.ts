import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as wandb from "tracelet/wandb";
import type { Benchmark } from "../benchmark.js";
import type { MeasureInput } from "../lab.js";
import { type Server, serverVariables, withServer } from "../server.js";
import { type Figures, medianFigures } from "../statistics.js";

type Input = MeasureInput<Server & { readonly bytes: number }>;

/** What is downloaded: one file, `0.bin`. */
const ARTIFACT = "bench/bench/large:latest";

/** Clients start with empty caches. */
function enter({ dir, ...server }: Input): void {
  const cache = join(dir, "cache");
  Object.assign(process.env, serverVariables(server), {
    WANDB_CACHE_DIR: cache,
    WANDB_DATA_DIR: join(dir, "data"),
  });
}

/** Puts the file onto the server. */
export async function upload(input: Input): Promise<Figures> {
  enter(input);
  const { dir, bytes } = input;
  const path = join(dir, "0.bin");
  for (let written = 0; written < bytes; written += 1 << 20) {
    writeFileSync(path, randomBytes(Math.min(bytes - written, 1 << 20)), { flag: "a" });
  }
  const run = await wandb.init({ dir, entity: "bench", project: "bench", settings: { silent: true } });
  const artifact = new wandb.Artifact("large", { type: "dataset" });
  artifact.addFile(path, { policy: "immutable", skipCache: true });
  await run.logArtifact(artifact).wait();
  await run.finish();
  return {};
}

/** From the artifact's name to its checked file; and the memory that takes at most. */
export async function download(input: Input): Promise<Figures> {
  enter(input);
  const before = process.resourceUsage().maxRSS;
  const started = performance.now();
  const artifact = await new wandb.Api().artifact(ARTIFACT);
  const root = await artifact.download({ root: join(input.dir, "root") });
  const seconds = (performance.now() - started) / 1000;
  if (statSync(join(root, "0.bin")).size !== input.bytes) throw new Error("the file is not whole");
  return { seconds, memory: (process.resourceUsage().maxRSS - before) * 1024 };
}

/** The same bytes by `curl`, to one file. */
export async function curl(input: Input): Promise<Figures> {
  const { dir, url, key } = input;
  const answer = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`api:${key}`).toString("base64")}` },
    body: JSON.stringify({
      query: `query Q { project(name: "bench", entityName: "bench") { artifact(name: "large:latest") {
        files { edges { node { directUrl } } } } } }`,
    }),
  });
  const { data } = (await answer.json()) as {
    data: { project: { artifact: { files: { edges: readonly [{ node: { directUrl: string } }] } } } };
  };
  const [{ node }] = data.project.artifact.files.edges;
  mkdirSync(join(dir, "root"));
  const started = performance.now();
  const target = join(dir, "root", "0.bin");
  const child = spawn("curl", ["--silent", "--fail", "-o", target, node.directUrl], { stdio: "ignore" });
  const code = await new Promise((done, fail) => child.on("close", done).on("error", fail));
  if (code !== 0) throw new Error(`curl ended with ${code}`);
  return { seconds: (performance.now() - started) / 1000 };
}

export const benchmark: Benchmark = {
  name: "wandb-download",
  title: "W&B artifacts: from the name to the checked file",
  section: "wandb",
  async run(lab) {
    const bytes = lab.quick ? 2 ** 28 : 2 ** 30;
    const all: { [name: string]: Figures[] } = { ours: [], theirs: [], checked: [], curl: [] };
    await withServer(async (server) => {
      const input = { ...server, bytes };
      await lab.measure("upload", input, 1);
      const keep = (name: string, figures: Figures | undefined) => figures && all[name]!.push(figures);
      // In turn, so that all see the same load of the machine.
      for (let i = 0; i < (lab.quick ? 1 : 5); i++) {
        keep("ours", await lab.measure("download", input, 1));
        keep("theirs", await lab.peer("wandb_download.py", { ...input, verify: false }, 1));
        keep("checked", await lab.peer("wandb_download.py", { ...input, verify: true }, 1));
        keep("curl", await lab.measure("curl", input, 1));
      }
    });
    const rate = (name: string) => {
      const { seconds } = medianFigures(all[name]!);
      return seconds === undefined ? undefined : bytes / seconds;
    };
    const size = `a file of ${bytes / 2 ** 20} MiB`;
    const checked = rate("checked");
    return [
      {
        what: `${size}: download, check its digest, keep it in the cache`,
        unit: "bytes per second",
        measured: rate("ours")!,
        ...(checked === undefined ? {} : { target: { atLeast: checked } }),
        peers: [
          { name: "official client, with `verify()`", value: checked },
          { name: "official client, unchecked", value: rate("theirs") },
          { name: "`curl`, unchecked and not kept", value: rate("curl") },
        ],
      },
      {
        what: `${size}: memory`,
        unit: "bytes",
        measured: medianFigures(all["ours"]!)["memory"]!,
        target: { atMost: 128 * 2 ** 20 },
      },
    ];
  },
};
