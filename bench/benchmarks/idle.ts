import { setTimeout as sleep } from "node:timers/promises";
import type { Benchmark } from "../benchmark.js";
import type { MeasureInput } from "../lab.js";
import { type Server, serverVariables, withServer } from "../server.js";
import type { Figures } from "../statistics.js";

type Input = MeasureInput<Partial<Server> & { readonly seconds: number }>;

/** What a run does at its start, such as sending its first files after five seconds, is over after this long. */
const SETTLED_MS = 8_000;

/** Processor time of all threads while nothing is logged, as a share of one core. */
async function idleShare(seconds: number): Promise<Figures> {
  await sleep(SETTLED_MS);
  const started = performance.now();
  const before = process.cpuUsage();
  await sleep(seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  return { share: (user + system) / 1000 / (performance.now() - started) };
}

export async function tensorboard({ seconds, dir }: Input): Promise<Figures> {
  const tracelet = await import("tracelet");
  const experiment = tracelet.startLogging("tensorboard", { dir });
  experiment.log({ loss: 1 }, { step: 0 });
  await experiment.flush();
  const figures = await idleShare(seconds);
  await tracelet.stopLogging();
  return figures;
}

/** With the sending thread. */
export async function online({ seconds, dir, url, key }: Input): Promise<Figures> {
  Object.assign(process.env, serverVariables({ url: url!, key: key! }));
  const wandb = await import("tracelet/wandb");
  const run = await wandb.init({ project: "bench", dir });
  run.log({ loss: 1 });
  const figures = await idleShare(seconds);
  await run.finish();
  return figures;
}

export const benchmark: Benchmark = {
  name: "idle",
  title: "Processor time of an open run while nothing is logged",
  section: "core",
  async run(lab) {
    const seconds = lab.quick ? 5 : 20;
    const kept = await lab.measure("tensorboard", { seconds }, 3);
    const sent = await withServer((server) => lab.measure("online", { seconds, ...server }, 3));
    const finding = (what: string, { share }: Figures) =>
      ({ what, unit: "percent", measured: share! * 100, target: { atMost: 0.5 } }) as const;
    return [
      finding("event files, share of one core", kept),
      finding("a W&B run that is sent, share of one core", sent),
    ];
  },
};
