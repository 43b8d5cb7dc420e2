import { setTimeout as sleep } from "node:timers/promises";
import type { Benchmark } from "../benchmark.js";
import type { MeasureInput } from "../lab.js";
import type { Figures } from "../statistics.js";

// "tracelet" is imported inside the functions: the baseline must not have it.

type Input = MeasureInput<{ readonly seconds: number }>;

const peakBytes = () => process.resourceUsage().maxRSS * 1024;

/** The loop of `logging`, without logging. */
export async function baseline({ seconds }: Input): Promise<Figures> {
  let sum = 0;
  const end = Date.now() + seconds * 1000;
  for (let step = 0; Date.now() < end; step++) sum += 1 / (step + 1);
  return { peak: peakBytes(), sum };
}

/** As fast as the loop can, without ever giving the event loop a turn. */
export async function logging({ seconds, dir }: Input): Promise<Figures> {
  const tracelet = await import("tracelet");
  tracelet.startLogging("tensorboard", { dir });
  const writer = new tracelet.SummaryWriter();
  const end = Date.now() + seconds * 1000;
  let step = 0;
  while (Date.now() < end) {
    for (let i = 0; i < 1000; i++, step++) writer.addScalar("train/loss", 1 / (step + 1), step);
  }
  const report = await tracelet.stopLogging();
  if (report["tensorboard"]!.dropped > 0) throw new Error("scalars were dropped");
  return { peak: peakBytes(), scalars: step };
}

/** Many experiments open at once, each with a scalar; what one more costs. */
export async function many({ count, dir }: MeasureInput<{ readonly count: number }>): Promise<Figures> {
  const tracelet = await import("tracelet");
  const experiments: ReturnType<typeof tracelet.createExperiment>[] = [];
  const open = async (number: number) => {
    for (let i = 0; i < number; i++) {
      const experiment = tracelet.createExperiment("tensorboard", {
        dir,
        expName: `run-${experiments.length}`,
      });
      experiment.scalar("loss", i, 0);
      experiments.push(experiment);
    }
    await Promise.all(experiments.map((experiment) => experiment.ready));
    await Promise.all(experiments.map((experiment) => experiment.flush()));
    await sleep(500);
    return process.memoryUsage.rss();
  };
  const warmUp = 20;
  const before = await open(warmUp);
  const after = await open(count - warmUp);
  const reports = await Promise.all(experiments.map((experiment) => experiment.finish()));
  const dropped = reports.reduce((sum, report) => sum + report["tensorboard"]!.dropped, 0);
  if (dropped > 0) throw new Error(`${dropped} events were dropped`);
  return { each: (after - before) / (count - warmUp) };
}

export const benchmark: Benchmark = {
  name: "memory",
  title: "Memory",
  section: "core",
  async run(lab) {
    const seconds = lab.quick ? 2 : 10;
    const bare = await lab.measure("baseline", { seconds }, 1);
    const full = await lab.measure("logging", { seconds }, 1);
    const count = lab.quick ? 200 : 1000;
    const { each } = await lab.measure("many", { count }, 3);
    return [
      {
        what: `extra memory at full speed for ${seconds} s (peak, over the same loop without logging)`,
        unit: "bytes",
        measured: full["peak"]! - bare["peak"]!,
        target: { atMost: 64 * 2 ** 20 },
      },
      {
        what: `each of ${count.toLocaleString("en")} experiments open at once`,
        unit: "bytes",
        measured: each!,
        target: { atMost: 100 * 1024 },
      },
    ];
  },
};
