import * as tracelet from "tracelet";
import type { Benchmark } from "../benchmark.js";
import type { MeasureInput } from "../lab.js";
import { type Figures, median, percentile } from "../statistics.js";

/** Calls between two looks at the clock: its cost (about 50 ns) is then nothing beside theirs. */
const BATCH = 1_000;

type Input = MeasureInput<{ readonly calls: number }>;

/** The loop as scripts write it, timed in batches of calls; what one call costs. */
export async function loop({ calls, dir }: Input): Promise<Figures> {
  const experiment = tracelet.startLogging("tensorboard", { dir });
  await experiment.ready;
  const writer = new tracelet.SummaryWriter();
  const batches = new Float64Array(calls / BATCH);
  const started = performance.now();
  for (let batch = 0, step = 0; batch < batches.length; batch++) {
    const before = performance.now();
    for (let i = 0; i < BATCH; i++, step++) writer.addScalar("train/loss", 1 / (step + 1), step);
    batches[batch] = performance.now() - before;
  }
  const total = performance.now() - started;
  const { waits, waitedMs } = experiment.stats();
  await tracelet.stopLogging();
  const perCall = 1e-3 / BATCH;
  return { median: median(batches) * perCall, mean: (total / calls) * 1e-3, waits, waited: waitedMs * 1e-3 };
}

/** Every call timed by itself, less what looking at the clock costs. */
export async function single({ calls, dir }: Input): Promise<Figures> {
  const experiment = tracelet.startLogging("tensorboard", { dir });
  await experiment.ready;
  const writer = new tracelet.SummaryWriter();
  const times = new Float64Array(calls);
  for (let step = 0; step < calls; step++) {
    const before = performance.now();
    times[step] = performance.now() - before;
  }
  const clock = median(times);
  for (let step = 0; step < calls; step++) {
    const before = performance.now();
    writer.addScalar("train/loss", 1 / (step + 1), step);
    times[step] = performance.now() - before;
  }
  await tracelet.stopLogging();
  const cost = (share: number) => Math.max(0, percentile(times, share) - clock) * 1e-3;
  return { p99: cost(0.99), p999: cost(0.999), clock: clock * 1e-3 };
}

export const benchmark: Benchmark = {
  name: "add-scalar",
  title: "`addScalar` on the caller's thread",
  section: "core",
  async run(lab) {
    const calls = lab.quick ? 500_000 : 5_000_000;
    const batches = await lab.measure("loop", { calls }, 5);
    const singles = await lab.measure("single", { calls }, 3);
    const peers = await lab.peer("add_scalar.py", { calls: lab.quick ? 5_000 : 50_000, batch: BATCH }, 3);
    const named = (figure: string) => [
      { name: "PyTorch", value: peers?.[`torch_${figure}`] },
      { name: "tensorboardX", value: peers?.[`tensorboardX_${figure}`] },
    ];
    return [
      {
        what: `one call, median (${calls.toLocaleString("en")} in a synchronous loop)`,
        unit: "seconds",
        measured: batches["median"]!,
        target: { atMost: 0.25e-6 },
        peers: named("median"),
      },
      {
        what: "one call, 99th percentile",
        unit: "seconds",
        measured: singles["p99"]!,
        target: { atMost: 2e-6 },
        peers: named("p99"),
      },
      {
        what: "one call, mean of the whole loop, waits for a full channel included",
        unit: "seconds",
        measured: batches["mean"]!,
        peers: named("mean"),
      },
      ...(peers === undefined
        ? []
        : [
            {
              what: "times less than PyTorch's median",
              unit: "times" as const,
              measured: peers["torch_median"]! / batches["median"]!,
              target: { atLeast: 200 },
            },
          ]),
    ];
  },
};
