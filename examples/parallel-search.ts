// A search for a learning rate by four processes that log to one run: the script starts itself once for each candidate and
// gives it the run's handle. No process waits for another, and none knows what the others log.
//
//   npx tsx examples/parallel-search.ts                  # event files under runs/
//   TRACELET_BACKEND=wandb npx tsx examples/parallel-search.ts
import { fork } from "node:child_process";
import * as tracelet from "tracelet";

const RATES = [0.01, 0.03, 0.1, 0.3];
const STEPS = 200;

const rate = process.argv[2];
if (rate === undefined) await search();
else await candidate(Number(rate));

/** The primary: it starts the run, waits for the candidates, and ends the run. */
async function search(): Promise<void> {
  const experiment = tracelet.startLogging({
    expName: "parallel-search",
    shareable: true,
    params: { rates: RATES },
  });
  const env = { ...process.env, TRACELET_HANDLE: experiment.handle() };
  const losses = await Promise.all(
    RATES.map(
      (each) =>
        new Promise<number>((resolve, reject) => {
          const child = fork(import.meta.filename, [String(each)], { env });
          let loss = Number.NaN;
          child.once("message", (message) => {
            loss = message as number;
          });
          child.once("exit", (code) =>
            code === 0 ? resolve(loss) : reject(new Error(`rate ${each} failed`)),
          );
        }),
    ),
  );
  const best = RATES[losses.indexOf(Math.min(...losses))]!;
  experiment.summary({ bestRate: best, bestLoss: Math.min(...losses) });
  await tracelet.stopLogging();
  console.log(`best learning rate: ${best}, logged to ${experiment.url()}`);
}

/** One writer: a line fitted to points on y = 3x - 1 by gradient descent. */
async function candidate(learningRate: number): Promise<void> {
  tracelet.startLogging();
  const writer = new tracelet.SummaryWriter();
  const xs = Array.from({ length: 50 }, (_, i) => i / 25 - 1);
  let [slope, offset, loss] = [0, 0, 0];
  for (let step = 0; step < STEPS; step++) {
    const errors = xs.map((x) => slope * x + offset - (3 * x - 1));
    loss = mean(errors.map((error) => error ** 2));
    slope -= learningRate * 2 * mean(errors.map((error, i) => error * xs[i]!));
    offset -= learningRate * 2 * mean(errors);
    writer.addScalar(`rate-${learningRate}/loss`, loss, step);
  }
  await tracelet.stopLogging();
  process.send!(loss, () => process.disconnect());
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
