/**
 * One run trains a model and logs it as an artifact, a second one takes it from the server and tests it.
 *
 *     npm run build && npx tsx examples/wandb-artifacts.ts
 *
 * With a key (`npx tracelet wandb login`) both runs are sent. Without one the first is kept in `wandb/`, and
 * `npx tracelet sync` sends it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as wandb from "tracelet/wandb";

const PROJECT = "tracelet-artifacts";

/** Points of y = 3 x - 1. */
const points = Array.from({ length: 50 }, (_, i) => ({ x: i / 25 - 1, y: (3 * i) / 25 - 4 }));
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

interface Line {
  slope: number;
  offset: number;
}

const errorsOf = ({ slope, offset }: Line): number[] => points.map(({ x, y }) => slope * x + offset - y);

async function train(learningRate: number): Promise<boolean> {
  await using run = await wandb.init({ project: PROJECT, jobType: "training", config: { learningRate } });
  const line: Line = { slope: 0, offset: 0 };
  for (let epoch = 0; epoch < 100; epoch++) {
    const errors = errorsOf(line);
    run.log({ epoch, loss: mean(errors.map((error) => error ** 2)) });
    line.slope -= learningRate * mean(errors.map((error, i) => 2 * error * points[i]!.x));
    line.offset -= learningRate * mean(errors.map((error) => 2 * error));
  }

  const model = new wandb.Artifact("line", { type: "model", metadata: { learningRate } });
  model.newFile("line.json", JSON.stringify(line));
  const logged = run.logArtifact(model, { aliases: ["best"] });
  // Without a server there is nothing to wait for: the artifact is in the run's log.
  if (run.url === undefined) return false;
  await logged.wait();
  return true;
}

async function test(): Promise<number> {
  await using run = await wandb.init({ project: PROJECT, jobType: "test" });
  const model = await run.useArtifact("line:best", { type: "model" });
  const line = JSON.parse(readFileSync(join(await model.download(), "line.json"), "utf8")) as Line;
  const loss = mean(errorsOf(line).map((error) => error ** 2));
  run.summary["test/loss"] = loss;
  return loss;
}

if (await train(0.3)) console.log(`the model of the server has the loss ${(await test()).toFixed(4)}`);
else console.log("no server: the run and its model are kept in wandb/; `npx tracelet sync` sends them");
