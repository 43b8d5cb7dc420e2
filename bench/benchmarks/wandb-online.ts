import { execFile } from "node:child_process";
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import * as wandb from "tracelet/wandb";
import { createGraphql, operation } from "#backends/wandb/server/graphql.js";
import { createHttp } from "#backends/wandb/server/http.js";
import type { Benchmark } from "../benchmark.js";
import type { MeasureInput } from "../lab.js";
import { ROOT } from "../paths.js";
import { type Server, serverVariables, withServer } from "../server.js";
import { type Figures, median, medianFigures } from "../statistics.js";

type Input = MeasureInput<Server & { readonly rows: number }>;

/** Calls between two looks at the clock. */
const BATCH = 1_000;
/** Of a request's body, as the file stream makes them. */
const BODY_BYTES = 10 << 20;

const setVariables = (server: Server): void => void Object.assign(process.env, serverVariables(server));

/** Rows as fast as a loop gives them, from the first call until the server has the end of the run. */
export async function live({ rows, dir, ...server }: Input): Promise<Figures> {
  setVariables(server);
  const run = await wandb.init({ project: "bench", dir });
  const batches = new Float64Array(rows / BATCH);
  const started = performance.now();
  for (let batch = 0, step = 0; batch < batches.length; batch++) {
    const before = performance.now();
    for (let i = 0; i < BATCH; i++, step++) run.log({ loss: 1 / (step + 1) });
    batches[batch] = performance.now() - before;
  }
  const path = `bench/${run.id}`;
  await run.experiment.finish({ deadlineMs: 300_000 });
  const seconds = (performance.now() - started) / 1000;
  const there = await new wandb.Api().run(path);
  const last = await there.lastHistoryStep();
  if (last !== rows - 1) throw new Error(`the server's last step is ${last} of ${rows} rows`);
  return { rate: rows / seconds, median: median(batches) * (1e-3 / BATCH) };
}

/** How fast the server takes the same rows in bodies that were made before. */
export async function bareServer({ rows, url, key }: Input): Promise<Figures> {
  const authorization = `Basic ${Buffer.from(`api:${key}`).toString("base64")}`;
  const http = createHttp({ baseUrl: url, authorization: async () => authorization });
  const upsert = operation(
    `mutation UpsertBucket($name: String) { upsertBucket(input: {name: $name, modelName: "bench"}) { inserted } }`,
  );
  await createGraphql(http).query(upsert, { name: "bare" });
  const bodies: string[] = [];
  let content: string[] = [];
  let offset = 0;
  let bytes = 0;
  for (let step = 0; step < rows; step++) {
    const time = 1.7e9 + step * 1e-6;
    const row = JSON.stringify({
      _timestamp: time,
      loss: 1 / (step + 1),
      _runtime: step * 1e-6,
      _step: step,
    });
    content.push(row);
    bytes += row.length;
    if (bytes < BODY_BYTES && step < rows - 1) continue;
    bodies.push(JSON.stringify({ files: { "wandb-history.jsonl": { offset, content } } }));
    offset = step + 1;
    content = [];
    bytes = 0;
  }
  const started = performance.now();
  for (const body of bodies) {
    await http.send({ method: "POST", url: "/files/tester/bench/bare/file_stream", body });
  }
  const rate = rows / ((performance.now() - started) / 1000);
  await http.close();
  return { rate };
}

/** Writes an offline run into `folder`. */
export async function offlineRun({ rows, folder }: { rows: number; folder: string }): Promise<Figures> {
  const run = await wandb.init({ project: "bench", mode: "offline", dir: folder });
  for (let step = 0; step < rows; step++) run.log({ loss: 1 / (step + 1), accuracy: step / rows });
  await run.finish();
  return { rows };
}

/** `tracelet sync` of a copy of that run, as the command. */
export async function sync({
  dir,
  folder,
  ...server
}: Input & { readonly folder: string }): Promise<Figures> {
  cpSync(folder, dir, { recursive: true });
  const name = readdirSync(join(dir, "wandb")).find((entry) => entry.startsWith("offline-run-"))!;
  const command = join(ROOT, "dist", "bundle", "cli.js");
  const started = performance.now();
  await promisify(execFile)(process.execPath, [command, "sync", join("wandb", name)], {
    cwd: dir,
    env: { ...process.env, ...serverVariables(server) },
  });
  return { seconds: (performance.now() - started) / 1000 };
}

/** A script of its own: from `init` to the first row at the server, and from its start to its end. */
const script = (dir: string, server: Server): string => `
Object.assign(process.env, ${JSON.stringify(serverVariables(server))});
const wandb = await import("tracelet/wandb");
const began = performance.now();
const run = await wandb.init({ project: "bench", dir: ${JSON.stringify(dir)} });
run.log({ loss: 1 });
await run.flush();
const first = (performance.now() - began) / 1000;
await run.finish();
console.log(JSON.stringify({ first }));
`;

export const benchmark: Benchmark = {
  name: "wandb-online",
  title: "W&B runs online: live rows, sync, the first row",
  section: "wandb",
  async run(lab) {
    const liveRows = lab.quick ? 100_000 : 1_000_000;
    const syncRows = lab.quick ? 10_000 : 200_000;
    const turns = lab.quick ? 1 : 3;
    const all: { [name: string]: Figures[] } = { live: [], bare: [], sync: [], official: [] };
    const keep = (name: string, figures: Figures | undefined) => figures && all[name]!.push(figures);
    const folder = lab.folder();
    await offlineRun({ rows: syncRows, folder });
    // In turn, so that all see the same load of the machine, each with a server of its own.
    for (let turn = 0; turn < turns; turn++) {
      keep("live", await withServer((server) => lab.measure("live", { ...server, rows: liveRows }, 1)));
      keep("bare", await withServer((server) => lab.measure("bareServer", { ...server, rows: liveRows }, 1)));
      keep("sync", await withServer((server) => lab.measure("sync", { ...server, folder }, 1)));
      keep("official", await withServer((server) => lab.peer("wandb_sync.py", { ...server, folder }, 1)));
    }
    const first: number[] = [];
    const whole: number[] = [];
    const official = await withServer(async (server) => {
      for (let turn = 0; turn < (lab.quick ? 3 : 15); turn++) {
        lab.say(`fresh processes (${turn + 1})`);
        const { figures, wallTime } = await lab.script(script(lab.folder(), server));
        first.push(figures["first"]!);
        whole.push(wallTime);
      }
      return lab.peer("wandb_online.py", { ...server, scripts: lab.quick ? 1 : 5 }, 1);
    });
    const figure = (name: string, what: string) => medianFigures(all[name]!)[what];
    const syncSeconds = figure("official", "seconds");
    return [
      {
        what: `${liveRows.toLocaleString("en")} rows live, from the first call to the end at the server`,
        unit: "per second",
        measured: figure("live", "rate")!,
        // A quarter of what the server itself takes.
        target: { atLeast: figure("bare", "rate")! / 4 },
        peers: [{ name: "the server alone, with bodies made before", value: figure("bare", "rate") }],
      },
      {
        what: "one call of `run.log` with a number, online",
        unit: "seconds",
        measured: figure("live", "median")!,
      },
      {
        what: `an offline run of ${syncRows.toLocaleString("en")} rows: \`tracelet sync\``,
        unit: "seconds",
        measured: figure("sync", "seconds")!,
        ...(syncSeconds === undefined ? {} : { target: { atMost: syncSeconds / 3 } }),
        peers: [{ name: "`wandb sync`", value: syncSeconds }],
      },
      {
        what: "from `init` to the first row at the server, in a new process",
        unit: "seconds",
        measured: median(first),
        target: { atMost: 0.3 },
      },
      {
        what: "a whole script online: start, init, one row, finish",
        unit: "seconds",
        measured: median(whole),
        peers: [{ name: "official client", value: official?.["script"] }],
      },
    ];
  },
};
