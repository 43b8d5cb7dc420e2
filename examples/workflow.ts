// A workflow in the way of a workflow engine: a function prepares the data in the workflow's own run, child processes
// train one model each and add to that run, and an evaluation with a run of its own follows.
// Run it with `npm run build && npx tsx examples/workflow.ts`; it stays offline unless WANDB_MODE says otherwise.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import * as wandb from "tracelet/wandb";

const here = fileURLToPath(import.meta.url);
const runName = process.env["RUN_NAME"] ?? `line-${Date.now().toString(36)}`;
const step = (actionName: string): wandb.WandbConfig => ({ task: { runName, actionName } });

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Points of y = 2 x + 1. */
const prepare = wandb.wandbInit()((count: number): Point[] => {
  wandb.log({ "data/rows": count });
  return Array.from({ length: count }, (_, i) => ({ x: i / count, y: (2 * i) / count + 1 }));
});

/** Fits a line to the points; each epoch is a row under the name of the learning rate. */
const train = wandb.wandbInit()(async (learningRate: number, points: readonly Point[]) => {
  let [slope, offset, loss] = [0, 0, 0];
  for (let epoch = 0; epoch < 20; epoch++) {
    const errors = points.map(({ x, y }) => slope * x + offset - y);
    slope -= learningRate * mean(errors.map((error, i) => 2 * error * points[i]!.x));
    offset -= learningRate * mean(errors.map((error) => 2 * error));
    loss = mean(errors.map((error) => error ** 2));
    wandb.log({ epoch, [`lr-${learningRate}/loss`]: loss });
  }
  wandb.summary[`lr-${learningRate}/final`] = loss;
});

const evaluate = wandb.wandbInit({ runMode: "new", jobType: "evaluation" })(
  async (points: readonly Point[]) => {
    wandb.log({ "test/rows": points.length });
    return wandb.getRun()!.id;
  },
);

const workflow = wandb.wandbInit({ execution: "remote" })(async (rates: readonly number[]) => {
  const points = prepare(64);
  const children = rates.map((rate) => {
    const context = wandb.withWandbConfig(step(`train-${rate}`), () => wandb.contextToEnv());
    const args = [String(rate), JSON.stringify(points)];
    return once(fork(here, args, { env: { ...process.env, ...context } }), "exit");
  });
  const codes = (await Promise.all(children)).map(([code]) => Number(code));
  if (codes.some((code) => code !== 0)) throw new Error(`training ended with ${codes.join(", ")}`);
  const evaluation = await wandb.withWandbConfig(step("evaluate"), () => evaluate(points));
  return { run: wandb.getRun()!.id, evaluation, link: wandb.runLink({ entity: "my-team" }) };
});

const [rate, points] = process.argv.slice(2);
if (rate !== undefined && points !== undefined) {
  await train(Number(rate), JSON.parse(points) as Point[]);
} else {
  const mode: wandb.WandbConfig = process.env["WANDB_MODE"] === undefined ? { mode: "offline" } : {};
  const context: wandb.WandbConfig = { project: "workflow", ...mode, ...step("main") };
  console.log(await wandb.withWandbConfig(context, () => workflow([0.1, 0.5])));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
