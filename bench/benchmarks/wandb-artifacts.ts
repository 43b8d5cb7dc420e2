import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Artifact } from "#backends/wandb/artifacts/artifact.js";
import { artifactRecord } from "#backends/wandb/artifacts/manifest.js";
import { createArtifactSaver } from "#backends/wandb/artifacts/upload/saver.js";
import { createConnection } from "#backends/wandb/server/connection.js";
import { createHttp } from "#backends/wandb/server/http.js";
import type { Benchmark } from "../benchmark.js";
import type { MeasureInput } from "../lab.js";
import { type Server, withServer } from "../server.js";
import { type Figures, medianFigures } from "../statistics.js";

interface Files {
  readonly files: number;
  /** Of each file. */
  readonly bytes: number;
  readonly policy: "mutable" | "immutable";
  readonly skipCache: boolean;
}

const RUN = { id: "run", project: "bench", entity: "bench" };

const httpOf = ({ url, key }: Server) =>
  createHttp({
    baseUrl: url,
    authorization: async () => `Basic ${Buffer.from(`api:${key}`).toString("base64")}`,
  });

function writeFiles(folder: string, files: number, bytes: number): void {
  mkdirSync(folder);
  for (let i = 0; i < files; i++) {
    const path = join(folder, `${i}.bin`);
    for (let written = 0; written < bytes; written += 1 << 20) {
      writeFileSync(path, randomBytes(Math.min(bytes - written, 1 << 20)), { flag: "a" });
    }
  }
}

/** From the first file added to the committed version, and the part of it after the files were added and read. */
export async function artifact(input: MeasureInput<Server & Files>): Promise<Figures> {
  const { dir, files, bytes, policy, skipCache } = input;
  const source = join(dir, "source");
  const staging = join(dir, "staging");
  writeFiles(source, files, bytes);
  mkdirSync(staging);
  const http = httpOf(input);
  const { project, entity, id } = RUN;
  const connection = createConnection(http);
  const saver = createArtifactSaver({
    connection,
    entity,
    project,
    runId: id,
    cache: join(dir, "cache"),
    staging,
  });
  const started = performance.now();
  const made = new Artifact(`files-${process.pid}`, { type: "dataset", staging });
  made.addDir(source, { policy, skipCache });
  const record = artifactRecord(made.toPlan(), { run: RUN, aliases: ["latest"] }, staging);
  const added = performance.now();
  const { state } = await saver.save(record);
  const ended = performance.now();
  await http.close();
  if (state !== "COMMITTED") throw new Error(`the artifact is ${state}`);
  return { whole: (ended - started) / 1000, upload: (ended - added) / 1000 };
}

/** What `curl -T` takes for a file to the same server. */
export async function curl(input: MeasureInput<Server & Pick<Files, "bytes">>): Promise<Figures> {
  const { dir, bytes, url, key } = input;
  writeFiles(join(dir, "source"), 1, bytes);
  const answer = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`api:${key}`).toString("base64")}` },
    body: JSON.stringify({
      query: `mutation M($input: CreateRunFilesInput!) { createRunFiles(input: $input) { files { uploadUrl } } }`,
      variables: { input: { entityName: "bench", projectName: "bench", runName: "curl", files: ["0.bin"] } },
    }),
  });
  const { data } = (await answer.json()) as {
    data: { createRunFiles: { files: readonly [{ uploadUrl: string }] } };
  };
  const [{ uploadUrl }] = data.createRunFiles.files;
  const started = performance.now();
  const file = join(dir, "source", "0.bin");
  const child = spawn("curl", ["--silent", "--fail", "-T", file, uploadUrl], { stdio: "ignore" });
  const code = await new Promise((done, fail) => child.on("close", done).on("error", fail));
  if (code !== 0) throw new Error(`curl ended with ${code}`);
  return { upload: (performance.now() - started) / 1000 };
}

export const benchmark: Benchmark = {
  name: "wandb-artifacts",
  title: "W&B artifacts: from the first file to the committed version",
  section: "wandb",
  async run(lab) {
    const small: Files = {
      files: lab.quick ? 2_000 : 10_000,
      bytes: 1_000,
      policy: "mutable",
      skipCache: false,
    };
    const large: Files = {
      files: 1,
      bytes: lab.quick ? 2 ** 28 : 2 ** 30,
      policy: "immutable",
      skipCache: true,
    };
    const turns = lab.quick ? 1 : 3;
    const all: { [name: string]: Figures[] } = {
      ours: [],
      theirs: [],
      oursLarge: [],
      theirsLarge: [],
      curl: [],
    };
    // In turn, so that all see the same load of the machine; each with an empty server that others have not warmed up.
    for (let i = 0; i < turns; i++) {
      const peer = (server: Server, files: Files) =>
        lab.peer("wandb_artifacts.py", { ...server, ...files }, 1);
      const keep = (name: string, figures: Figures | undefined) => figures && all[name]!.push(figures);
      keep("ours", await withServer((server) => lab.measure("artifact", { ...server, ...small }, 1)));
      keep("theirs", await withServer((server) => peer(server, small)));
      keep("oursLarge", await withServer((server) => lab.measure("artifact", { ...server, ...large }, 1)));
      keep("theirsLarge", await withServer((server) => peer(server, large)));
      keep("curl", await withServer((server) => lab.measure("curl", { ...server, bytes: large.bytes }, 1)));
    }
    const figure = (name: string, what: "whole" | "upload") => medianFigures(all[name]!)[what];
    const ours = figure("ours", "whole")!;
    const theirs = figure("theirs", "whole");
    const rate = (name: string) => {
      const seconds = figure(name, "upload");
      return seconds === undefined ? undefined : large.bytes / seconds;
    };
    const files = `${small.files.toLocaleString("en")} files of 1 kB`;
    return [
      {
        what: `${files}: add, upload, commit`,
        unit: "seconds",
        measured: ours,
        // Twice as fast as the official client in the same run.
        ...(theirs === undefined ? {} : { target: { atMost: theirs / 2 } }),
        peers: [{ name: "official client", value: theirs }],
      },
      {
        what: `a file of ${large.bytes / 2 ** 20} MiB: upload, commit`,
        unit: "bytes per second",
        measured: rate("oursLarge")!,
        target: { atLeast: 0.8 * rate("curl")! },
        peers: [
          { name: "official client", value: rate("theirsLarge") },
          { name: "`curl -T`", value: rate("curl") },
        ],
      },
    ];
  },
};
