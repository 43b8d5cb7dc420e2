// The digits of the quick start, trained by several processes: each has its share of the pictures, and before every step they
// average their gradients, so that all have the same network. What starts them says who they are:
//
//   torchrun --nproc-per-node 4 --no-python npx tsx examples/digits-distributed.ts
//   mpirun -np 4 npx tsx examples/digits-distributed.ts
//   srun --ntasks 4 npx tsx examples/digits-distributed.ts
//
// The script logs as if it were alone. TRACELET_RUN_MODE (auto, shared, new) and TRACELET_RANK_SCOPE (global, worker) say which
// processes do, and to which run; docs/distributed.md has the table.
import * as tracelet from "tracelet";
import { allReduce } from "./digits/all-reduce.js";
import { batches, CLASSES, type Digits, loadDigits, PIXELS, pick, split } from "./digits/data.js";
import { accuracy, predictions } from "./digits/metrics.js";
import { backward, createNetwork, crossEntropy, forward } from "./digits/network.js";
import { adam, cosineSchedule } from "./digits/optimizer.js";
import { commandLineOptions } from "./digits/options.js";
import { seededRandom } from "./digits/random.js";

const { backend, dir, epochs, seed, hidden, batchSize, learningRate } = commandLineOptions();
const { rank, worldSize } = tracelet.getDistributedInfo() ?? { rank: 0, worldSize: 1 };

const { train, test } = split(loadDigits());
const share = shareOf(train);
const network = createNetwork([PIXELS, hidden, CLASSES], seededRandom(seed)); // the same on all ranks
const gradients = network.flatMap((layer) => [layer.weightGradients, layer.biasGradients]);
const update = adam(network, 0.01);
const random = seededRandom(seed + rank); // each rank shuffles its own share
const stepsAnEpoch = Math.floor(Math.floor(train.count / worldSize) / batchSize);

const experiment = tracelet.startLogging(backend, {
  expName: "digits-distributed",
  project: "quickstart",
  params: { epochs, seed, hidden, batchSize, learningRate, worldSize },
  dir,
});
const writer = new tracelet.SummaryWriter();
const reduce = await allReduce({ rank, worldSize });

let step = 0;
for (let epoch = 1; epoch <= epochs; epoch++) {
  for (const batch of evenBatches(share)) {
    const activations = forward(network, batch.images, batch.count);
    backward(network, activations, batch.labels);
    await reduce.mean(gradients);
    update(cosineSchedule(learningRate, step / (epochs * stepsAnEpoch)));
    step++;
    writer.addScalar(`rank-${rank}/loss`, crossEntropy(activations.at(-1)!, batch.labels), step);
  }
  // The network is the same everywhere, so one rank is enough to try it.
  if (rank === 0) {
    const probabilities = forward(network, test.images, test.count).at(-1)!;
    writer.addScalar("test/accuracy", accuracy(predictions(probabilities, CLASSES), test.labels), step);
  }
}
reduce.close();

await tracelet.stopLogging();
const { state } = experiment.status();
const where = state === "disabled" ? "does not log" : `logged to ${experiment.url()}`;
console.log(`rank ${rank} of ${worldSize}: ${step} steps of run ${experiment.id}, ${where}`);

/** Every `worldSize`-th picture, from this rank's number on. */
function shareOf(digits: Digits): Digits {
  const rows = [...Array(digits.count).keys()].filter((row) => row % worldSize === rank);
  return pick(digits, rows);
}

/** Full batches, as many on every rank: a rank that stopped earlier would leave the others waiting. */
function* evenBatches(digits: Digits): Generator<Digits> {
  let count = 0;
  for (const batch of batches(digits, batchSize, random)) {
    if (count++ === stepsAnEpoch) return;
    yield batch;
  }
}
