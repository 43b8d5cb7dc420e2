import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as wandb from "tracelet/wandb";
import { readTransactionLog } from "#backends/wandb/transaction-log/reader.js";
import type { Benchmark, Finding } from "../benchmark.js";
import type { MeasureInput } from "../lab.js";
import { type Figures, median, percentile } from "../statistics.js";

/** Calls between two looks at the clock: its cost (about 50 ns) is then nothing beside theirs. */
const BATCH = 1_000;

type Input = MeasureInput<{ readonly calls: number; readonly keys: 1 | 10 }>;

const start = (dir: string) => wandb.init({ project: "bench", mode: "offline", dir });

/** A new object for each call, as scripts have it. */
const ROWS = {
  1: (step: number) => ({ loss: 1 / (step + 1) }),
  10: (step: number) => {
    const x = 1 / (step + 1);
    return {
      "train/loss": x,
      "train/accuracy": 1 - x,
      "train/gradient": x * 3.7,
      "train/rate": x * 1e-3,
      "validation/loss": x * 1.1,
      "validation/accuracy": 0.9 - x,
      epoch: Math.floor(step / 100),
      examples: step * 64,
      memory: 12_345 + step,
      seconds: x * 0.37,
    };
  },
};

/** The loop as scripts write it, in batches of calls, up to the finished run; then the log is read and counted. */
export async function loop({ calls, keys, dir }: Input): Promise<Figures> {
  const makeRow = ROWS[keys];
  const run = await start(dir);
  const batches = new Float64Array(calls / BATCH);
  const started = performance.now();
  for (let batch = 0, step = 0; batch < batches.length; batch++) {
    const before = performance.now();
    for (let i = 0; i < BATCH; i++, step++) run.log(makeRow(step));
    batches[batch] = performance.now() - before;
  }
  const { waits } = run.experiment.stats();
  await run.finish();
  const seconds = (performance.now() - started) / 1000;
  countRows(dir, calls, keys);
  return { median: median(batches) * (1e-3 / BATCH), rate: calls / seconds, waits };
}

/** Throws unless exactly the rows logged are in the log, in their order and with all their values. */
function countRows(dir: string, calls: number, keys: number): void {
  const folder = readdirSync(join(dir, "wandb")).find((name) => name.startsWith("offline-run-"))!;
  const path = join(dir, "wandb", folder, `run-${folder.split("-").at(-1)}.wandb`);
  const records = readTransactionLog(path);
  let next = 0;
  for (let found = records.next(); ; found = records.next()) {
    if (found.done) {
      if (found.value.reason !== "end") throw new Error(`${path} ends ${found.value.reason}`);
      break;
    }
    const { history } = found.value.record;
    if (history === undefined || history === null) continue;
    const step = Number(history.step?.num ?? 0);
    if (step !== next) throw new Error(`step ${step} stands where ${next} should in ${path}`);
    const values = (history.item ?? []).filter(({ nestedKey }) => !nestedKey?.[0]?.startsWith("_"));
    if (values.length !== keys) throw new Error(`row ${step} of ${path} has ${values.length} values`);
    next++;
  }
  if (next !== calls) throw new Error(`${next} of ${calls} rows are in ${path}`);
}

/** Every call timed by itself, less what looking at the clock costs. */
export async function single({ calls, keys, dir }: Input): Promise<Figures> {
  const makeRow = ROWS[keys];
  const run = await start(dir);
  const times = new Float64Array(calls);
  for (let step = 0; step < calls; step++) {
    const before = performance.now();
    times[step] = performance.now() - before;
  }
  const clock = median(times);
  for (let step = 0; step < calls; step++) {
    const before = performance.now();
    run.log(makeRow(step));
    times[step] = performance.now() - before;
  }
  await run.finish();
  return { p99: Math.max(0, percentile(times, 0.99) - clock) * 1e-3 };
}

/** The median run of a process after its first. */
export async function laterRuns({ runs, dir }: MeasureInput<{ readonly runs: number }>): Promise<Figures> {
  await (await start(dir)).finish();
  const times = new Float64Array(runs);
  for (let i = 0; i < runs; i++) {
    const before = performance.now();
    const run = await start(dir);
    await run.finish();
    times[i] = performance.now() - before;
  }
  return { run: median(times) * 1e-3 };
}

const wholeScript = (dir: string) => `
import * as wandb from "tracelet/wandb";
const run = await wandb.init({ project: "bench", mode: "offline", dir: ${JSON.stringify(dir)} });
for (let step = 0; step < 3; step++) run.log({ loss: step });
await run.finish();
`;

export const benchmark: Benchmark = {
  name: "wandb",
  title: "W&B runs offline: calls, rows, runs",
  section: "wandb",
  async run(lab) {
    const calls = { 1: lab.quick ? 100_000 : 1_000_000, 10: lab.quick ? 20_000 : 200_000 };
    const loops = {
      1: await lab.measure("loop", { calls: calls[1], keys: 1 }, 5),
      10: await lab.measure("loop", { calls: calls[10], keys: 10 }, 5),
    };
    const singles = {
      1: await lab.measure("single", { calls: calls[1], keys: 1 }, 3),
      10: await lab.measure("single", { calls: calls[10], keys: 10 }, 3),
    };
    const later = await lab.measure("laterRuns", { runs: 20 }, 5);
    const bare: number[] = [];
    const whole: number[] = [];
    const turns = lab.quick ? 3 : 15;
    for (let i = 1; i <= turns; i++) {
      lab.say(`fresh processes (${i} of ${turns})`);
      bare.push((await lab.script("performance.now();")).wallTime);
      whole.push((await lab.script(wholeScript(lab.folder()))).wallTime);
    }
    const peer = await lab.peer(
      "wandb_client.py",
      { calls: lab.quick ? 500 : 5_000, batch: 100, runs: lab.quick ? 2 : 10, scripts: lab.quick ? 1 : 5 },
      3,
    );
    const official = (figure: string) => [{ name: "official client", value: peer?.[figure] }];
    const row = (keys: 1 | 10, name: string, atMost: number, atLeast?: number): Finding[] => {
      const scalars = `\`run.log\` of ${name}`;
      return [
        {
          what: `${scalars}, median (${calls[keys].toLocaleString("en")} in a synchronous loop)`,
          unit: "seconds",
          measured: loops[keys]["median"]!,
          target: { atMost },
          peers: official(`${keys === 1 ? "one" : "ten"}_median`),
        },
        {
          what: `${scalars}, 99th percentile`,
          unit: "seconds",
          measured: singles[keys]["p99"]!,
          peers: official(`${keys === 1 ? "one" : "ten"}_p99`),
        },
        {
          what: `rows of ${name} a second, from the first call to the finished run`,
          unit: "per second",
          measured: loops[keys]["rate"]!,
          ...(atLeast === undefined ? {} : { target: { atLeast } }),
          peers: official(`${keys === 1 ? "one" : "ten"}_rate`),
        },
      ];
    };
    return [
      ...row(1, "one scalar", 1e-6, 400_000),
      ...row(10, "ten scalars", 3e-6),
      {
        what: "`init` and `finish` of a run after the first of a process",
        unit: "seconds",
        measured: later["run"]!,
        target: { atMost: 0.015 },
        peers: official("run"),
      },
      {
        what: "a whole script: start the process, import, `init`, 3 rows, `finish`, exit",
        unit: "seconds",
        measured: median(whole),
        target: { atMost: 0.25 },
        peers: [...official("script"), { name: "a bare Node process", value: median(bare) }],
      },
    ];
  },
};
