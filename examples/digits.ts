// The quick start: trains a small neural network on real handwritten digits and logs everything worth seeing.
// Run it with `npm run quickstart`; `npm run quickstart -- --help` lists the options.
import { dirname, isAbsolute, relative } from "node:path";
import * as tracelet from "tracelet";
import { batches, CLASSES, type Digits, loadDigits, PIXELS, split } from "./digits/data.js";
import { accuracy, confusionMatrix, oneAgainstRest, predictions } from "./digits/metrics.js";
import { toSafetensors } from "./digits/model.js";
import { backward, createNetwork, crossEntropy, forward } from "./digits/network.js";
import { adam, cosineSchedule } from "./digits/optimizer.js";
import { commandLineOptions } from "./digits/options.js";
import { confusionPicture, wrongPredictions } from "./digits/pictures.js";
import { seededRandom } from "./digits/random.js";
import { type Epoch, metricsReport } from "./digits/report.js";

const { backend, dir, epochs, seed, hidden, batchSize, learningRate } = commandLineOptions();
const weightDecay = 0.01;
const hparams = { hidden, epochs, batchSize, learningRate, weightDecay, seed };

const { train, test } = split(loadDigits());
const random = seededRandom(seed);
const network = createNetwork([PIXELS, hidden, CLASSES], random);
const update = adam(network, weightDecay);

// Start logging: one call, whatever the backend.
const experiment = tracelet.startLogging(backend, {
  expName: "digits",
  project: "quickstart",
  tags: ["quickstart", "mlp"],
  params: { model: { layers: [PIXELS, hidden, CLASSES] }, ...hparams },
  dir,
});
const writer = new tracelet.SummaryWriter();

writer.addGraph([
  { name: "pictures", op: "Input", outputShapes: [[-1, PIXELS]] },
  { name: "network/hidden", op: "Dense", inputs: ["pictures"], outputShapes: [[-1, hidden]] },
  { name: "network/relu", op: "Relu", inputs: ["network/hidden"], outputShapes: [[-1, hidden]] },
  { name: "network/output", op: "Dense", inputs: ["network/relu"], outputShapes: [[-1, CLASSES]] },
  { name: "network/softmax", op: "Softmax", inputs: ["network/output"], outputShapes: [[-1, CLASSES]] },
]);
writer.addImages("digits/examples", { shape: [64, 1, 8, 8], data: train.images.slice(0, 64 * PIXELS) });

// Train.
console.log(`Training on ${train.count} handwritten digits, testing on ${test.count} others ...\n`);
const started = performance.now();
const history: Epoch[] = [];
const steps = epochs * Math.ceil(train.count / batchSize);
let step = 0;
for (let epoch = 1; epoch <= epochs; epoch++) {
  for (const batch of batches(train, batchSize, random)) {
    const activations = forward(network, batch.images, batch.count);
    backward(network, activations, batch.labels);
    const rate = cosineSchedule(learningRate, step / steps);
    update(rate);
    step++;
    writer.addScalar("train/batch_loss", crossEntropy(activations.at(-1)!, batch.labels), step);
    writer.addScalar("train/learning_rate", rate, step);
  }
  logEpoch(epoch);
}
const seconds = (performance.now() - started) / 1000;
logResults();

// Done: everything is on disk, or on its way, when this returns.
const reports = await tracelet.stopLogging();
printReport();

/** How good the network is now, and what its weights look like. */
function logEpoch(epoch: number): void {
  const onTrain = evaluate(train);
  const onTest = evaluate(test);
  writer.addScalar("train/loss", onTrain.loss, step);
  writer.addScalar("train/accuracy", onTrain.accuracy, step);
  writer.addScalar("test/loss", onTest.loss, step);
  writer.addScalar("test/accuracy", onTest.accuracy, step);
  experiment.log({ epoch }, { step });
  for (const layer of network) {
    writer.addHistogram(`${layer.name}/weights`, layer.weights, step);
    writer.addHistogram(`${layer.name}/biases`, layer.biases, step);
    writer.addHistogram(`${layer.name}/weight_gradients`, layer.weightGradients, step);
    writer.addHistogram(`${layer.name}/bias_gradients`, layer.biasGradients, step);
  }
  if (epoch === 1 || epoch === epochs || epoch % 5 === 0) logPictures(onTest);
  history.push({
    step,
    trainLoss: onTrain.loss,
    testLoss: onTest.loss,
    trainAccuracy: onTrain.accuracy,
    testAccuracy: onTest.accuracy,
  });
}

/** Which digits are still misread, and how sure the network is of each. */
function logPictures({ predicted, probabilities }: Evaluation): void {
  const counts = confusionMatrix(predicted, test.labels, CLASSES);
  writer.addImage("test/confusion_matrix", confusionPicture(counts), step, { dataformats: "HWC" });
  writer.addImage("test/wrong_predictions", wrongPredictions(test, predicted, probabilities), step, {
    dataformats: "HWC",
  });
  for (let digit = 0; digit < CLASSES; digit++) {
    const { truth, scores } = oneAgainstRest(probabilities, test.labels, digit);
    writer.addPrCurve(`pr_curve/digit_${digit}`, truth, scores, step);
  }
}

/** What stays of the run: results, the hidden layer's view of the test pictures, the model itself. */
function logResults(): void {
  const { activations, predicted, ...result } = evaluate(test);
  const results = { "test/accuracy": result.accuracy, "test/loss": result.loss };
  experiment.summary({ ...results, trainingSeconds: seconds });
  writer.addHparams(hparams, results, { runName: "hparams" });

  writer.addEmbedding(
    { shape: [test.count, hidden], data: activations[1]! },
    {
      tag: "hidden_layer",
      metadataHeader: ["digit", "predicted", "verdict"],
      metadata: [...test.labels].map((digit, row) => {
        const guess = predicted[row]!;
        return [digit, guess, guess === digit ? "right" : "wrong"];
      }),
      labelImages: { shape: [test.count, 1, 8, 8], data: test.images },
      step,
    },
  );

  const digits = [...Array(CLASSES).keys()];
  experiment.logTable("test/confusion", {
    columns: ["true digit", ...digits.map((digit) => `predicted ${digit}`)],
    rows: confusionMatrix(predicted, test.labels, CLASSES).map((row, digit) => [digit, ...row]),
  });
  experiment.logArtifact(toSafetensors(network, { trainedOn: "UCI handwritten digits", seed: `${seed}` }), {
    artifactPath: "models/digits.safetensors",
    name: "digits-model",
    type: "model",
    metadata: { ...hparams, testAccuracy: result.accuracy },
  });
  writer.addText("model_card", modelCard(result.accuracy), step);
}

interface Evaluation {
  /** The pictures, the hidden layer, the probabilities. */
  readonly activations: readonly Float32Array[];
  readonly probabilities: Float32Array;
  readonly predicted: Uint8Array;
  readonly loss: number;
  readonly accuracy: number;
}

function evaluate(digits: Digits): Evaluation {
  const activations = forward(network, digits.images, digits.count);
  const probabilities = activations.at(-1)!;
  const predicted = predictions(probabilities, CLASSES);
  return {
    activations,
    probabilities,
    predicted,
    loss: crossEntropy(probabilities, digits.labels),
    accuracy: accuracy(predicted, digits.labels),
  };
}

function modelCard(testAccuracy: number): string {
  return `# Handwritten digits

Reads one handwritten digit from an 8x8 picture.

| | |
|---|---|
| Network | ${PIXELS} inputs, ${hidden} hidden units (ReLU), ${CLASSES} outputs (softmax) |
| Trained on | ${train.count} pictures of the UCI handwritten digits, ${epochs} epochs, seed ${seed} |
| Tested on | ${test.count} other pictures by the same 13 writers |
| Test accuracy | ${(100 * testAccuracy).toFixed(1)} % |

It knows 13 people's handwriting. Expect less from others.`;
}

function printReport(): void {
  const width = process.stdout.columns ?? 80;
  console.log(metricsReport(history, width));
  console.log(`\n${epochs} epochs, ${step} steps in ${seconds.toFixed(1)} s`);
  for (const [name, { synced, pending, dropped, location, hint }] of Object.entries(reports)) {
    console.log(`\n${name}: ${synced} events synced, ${pending} pending, ${dropped} dropped`);
    if (location !== undefined) console.log(`  ${nearby(location)}`);
    if (hint !== undefined) console.log(`  ${hint}`);
    if (name === "tensorboard" && location !== undefined)
      console.log(
        `\nLook at it (after \`pip install tensorboard\`):\n  tensorboard --logdir ${nearby(dirname(location))}`,
      );
  }
}

/** A path as one would type it here. */
function nearby(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return isAbsolute(path) && !fromHere.startsWith("..") ? fromHere : path;
}
