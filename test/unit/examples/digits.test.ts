import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createCanvas, write } from "../../../examples/digits/canvas.js";
import { chart } from "../../../examples/digits/chart.js";
import { batches, CLASSES, loadDigits, PIXELS, pick, split } from "../../../examples/digits/data.js";
import { accuracy, confusionMatrix, oneAgainstRest, predictions } from "../../../examples/digits/metrics.js";
import { toSafetensors } from "../../../examples/digits/model.js";
import {
  backward,
  createNetwork,
  crossEntropy,
  forward,
  type Network,
} from "../../../examples/digits/network.js";
import { adam, cosineSchedule } from "../../../examples/digits/optimizer.js";
import { confusionPicture, wrongPredictions } from "../../../examples/digits/pictures.js";
import { normal, seededRandom, shuffle } from "../../../examples/digits/random.js";
import { metricsReport } from "../../../examples/digits/report.js";

const digits = loadDigits();
const { train, test } = split(digits);

describe("data", () => {
  it("is the file of scikit-learn 1.9.1, as its README says", () => {
    const file = readFileSync(new URL("../../../examples/data/digits.csv.gz", import.meta.url));
    const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
    const readme = readFileSync(new URL("../../../examples/data/README.md", import.meta.url), "utf8");
    expect(sha256(file)).toBe("09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22");
    expect(readme).toContain(sha256(file));
    expect(readme).toContain(sha256(gunzipSync(file)));
  });

  it("holds the pictures sklearn.datasets.load_digits() gives", () => {
    // numpy: data.shape, data.sum() = 561718, bincount(target)
    expect(digits.count).toBe(1797);
    expect(digits.images.reduce((sum, ink) => sum + ink * 16, 0)).toBe(561_718);
    const counts = new Array(CLASSES).fill(0);
    for (const label of digits.labels) counts[label]++;
    expect(counts).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    expect(Math.max(...digits.images)).toBe(1);
    expect([...digits.images.subarray(0, 8)].map((ink) => ink * 16)).toEqual([0, 0, 5, 13, 9, 1, 0, 0]);
  });

  it("is divided into every picture once, a fifth of each digit for the test", () => {
    expect([train.count, test.count]).toEqual([1442, 355]);
    const ink = (images: Float32Array) => images.reduce((sum, value) => sum + value * 16, 0);
    expect(ink(train.images) + ink(test.images)).toBe(561_718);
    for (let digit = 0; digit < CLASSES; digit++) {
      const total = digits.labels.filter((label) => label === digit).length;
      expect(test.labels.filter((label) => label === digit)).toHaveLength(Math.floor(total / 5));
    }
  });

  it("comes in batches that hold every picture once, in an order of the seed", () => {
    const labelsOf = (seed: number) =>
      [...batches(train, 100, seededRandom(seed))].map((batch) => [...batch.labels]);
    const labels = labelsOf(3);
    expect(labels.map((batch) => batch.length)).toEqual([...new Array(14).fill(100), 42]);
    expect(labels.flat().toSorted()).toEqual([...train.labels].toSorted());
    expect(labelsOf(3)).toEqual(labels);
    expect(labelsOf(4)).not.toEqual(labels);
  });
});

describe("random numbers", () => {
  it("are uniform, and normal where asked for", () => {
    const random = seededRandom(9);
    const draws = Float64Array.from({ length: 100_000 }, random);
    const normals = draws.map(() => normal(random));
    const mean = (values: Float64Array) => values.reduce((sum, v) => sum + v, 0) / values.length;
    // Four standard errors.
    expect(Math.abs(mean(draws) - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / 1e5));
    expect(Math.abs(mean(draws.map((v) => v * v)) - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / 1e5));
    expect(Math.abs(mean(normals))).toBeLessThan(4 * Math.sqrt(1 / 1e5));
    expect(Math.abs(mean(normals.map((v) => v * v)) - 1)).toBeLessThan(4 * Math.sqrt(2 / 1e5));
    expect(shuffle([1, 2, 3, 4, 5], random).toSorted()).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("network", () => {
  it("gives probabilities", () => {
    const network = createNetwork([PIXELS, 16, CLASSES], seededRandom(1));
    const probabilities = forward(network, test.images, test.count).at(-1)!;
    for (let row = 0; row < test.count; row++) {
      const sum = probabilities
        .subarray(row * CLASSES, (row + 1) * CLASSES)
        .reduce((total, p) => total + p, 0);
      expect(sum).toBeCloseTo(1, 5);
    }
  });

  it("computes what the formulas say", () => {
    const [hidden, output] = createNetwork([2, 2, 2], seededRandom(1));
    hidden!.weights.set([1, -1, 2, 0.5]);
    hidden!.biases.set([0.5, -10]);
    output!.weights.set([2, 1, -1, 3]);
    output!.biases.set([0, 1]);
    // hidden = relu([1 - 3 + 0.5, ...]) for (1, 3) is [0, 0]; for (3, 1) it is [2.5, 0]: logits [0, 1] and [5, -1.5].
    const activations = forward([hidden!, output!], Float32Array.of(1, 3, 3, 1), 2);
    expect([...activations[1]!]).toEqual([0, 0, 2.5, 0]);
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    const expected = [sigmoid(-1), sigmoid(1), sigmoid(6.5), sigmoid(-6.5)];
    for (const [i, p] of expected.entries()) expect(activations[2]![i]).toBeCloseTo(p, 6);
    const loss = -(Math.log(sigmoid(1)) + Math.log(sigmoid(-6.5))) / 2;
    expect(crossEntropy(activations[2]!, Uint8Array.of(1, 1))).toBeCloseTo(loss, 5);
  });

  it("finds the gradients that finite differences find", () => {
    const network = createNetwork([PIXELS, 12, 9, CLASSES], seededRandom(6));
    const sample = pick(train, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const lossNow = () => crossEntropy(forward(network, sample.images, sample.count).at(-1)!, sample.labels);
    backward(network, forward(network, sample.images, sample.count), sample.labels);
    // Small enough that no unit's input crosses zero, where ReLU has a corner (with this seed; measured error 0.0002);
    // large enough that float32 rounding does not matter.
    const step = 2 ** -10;
    for (const layer of network) {
      for (const [values, gradients] of [
        [layer.weights, layer.weightGradients],
        [layer.biases, layer.biasGradients],
      ] as const) {
        let difference = 0;
        let size = 0;
        for (let i = 0; i < values.length; i++) {
          const value = values[i]!;
          values[i] = value + step;
          const above = lossNow();
          values[i] = value - step;
          const below = lossNow();
          values[i] = value;
          difference += ((above - below) / (2 * step) - gradients[i]!) ** 2;
          size += gradients[i]! ** 2;
        }
        expect(size).toBeGreaterThan(0);
        expect(Math.sqrt(difference / size)).toBeLessThan(0.002);
      }
    }
  });
});

describe("training", () => {
  it("starts Adam with steps of the learning rate, against the gradient", () => {
    const network = createNetwork([2, 2], seededRandom(1));
    const layer = network[0]!;
    const before = layer.weights.slice();
    layer.weightGradients.set([5, -0.01, 3, -7]);
    adam(network, 0)(0.1);
    // Adam's first step is learningRate x sign(gradient), whatever the gradient's size.
    for (const [i, sign] of [1, -1, 1, -1].entries())
      expect(before[i]! - layer.weights[i]!).toBeCloseTo(0.1 * sign, 5);
  });

  it("raises the learning rate at first and lets it fall to zero", () => {
    const rates = [0, 0.025, 0.05, 0.525, 1].map((progress) => cosineSchedule(0.01, progress));
    for (const [i, rate] of [0, 0.005, 0.01, 0.005, 0].entries()) expect(rates[i]).toBeCloseTo(rate, 12);
  });

  it.each([1, 2, 3])("after 12 epochs reads 0.95 of the test pictures, seed %i", (seed) => {
    const probabilities = forward(trained(seed, 12), test.images, test.count).at(-1)!;
    expect(accuracy(predictions(probabilities, CLASSES), test.labels)).toBeGreaterThanOrEqual(0.95);
  });

  it("depends on nothing but the seed", () => {
    expect(trained(7, 1)).toEqual(trained(7, 1));
    expect(trained(7, 1)).not.toEqual(trained(8, 1));
  });
});

describe("metrics", () => {
  const probabilities = Float32Array.of(0.7, 0.2, 0.1, 0.1, 0.1, 0.8, 0.3, 0.4, 0.3, 0.2, 0.5, 0.3);
  const labels = Uint8Array.of(0, 1, 1, 2);

  it("counts right and wrong predictions", () => {
    const predicted = predictions(probabilities, 3);
    expect([...predicted]).toEqual([0, 2, 1, 1]);
    expect(accuracy(predicted, labels)).toBe(0.5);
    expect(confusionMatrix(predicted, labels, 3)).toEqual([
      [1, 0, 0],
      [0, 1, 1],
      [0, 1, 0],
    ]);
  });

  it("sets one class against the rest", () => {
    const { truth, scores } = oneAgainstRest(probabilities, labels, 1);
    expect([...truth]).toEqual([0, 1, 1, 0]);
    expect([...scores]).toEqual([...Float32Array.of(0.2, 0.1, 0.4, 0.5)]);
  });
});

describe("pictures", () => {
  it("writes letters in whole squares", () => {
    const canvas = createCanvas(5, 3, [0, 0, 0]);
    write(canvas, "7", 0, 0, 1, [255, 0, 0]);
    const red = [...canvas.data].filter((_, i) => i % 3 === 0).map((v) => (v === 255 ? "#" : "."));
    expect(red.join("")).toBe("###" + "..#" + "..#" + ".#." + ".#.");
    expect([...canvas.data].filter((_, i) => i % 3 !== 0).every((v) => v === 0)).toBe(true);
  });

  it("shows wrong predictions, the most confident first, each pixel as a square", () => {
    const three = pick(test, [0, 1, 2]);
    const truth = three.labels;
    const probabilities = new Float32Array(3 * CLASSES).fill(0.01);
    const predicted = Uint8Array.of(truth[0]!, (truth[1]! + 1) % 10, (truth[2]! + 1) % 10);
    for (const [row, p] of [0.9, 0.4, 0.8].entries()) probabilities[row * CLASSES + predicted[row]!] = p;
    const { shape, data } = wrongPredictions(three, predicted, probabilities);
    expect(shape).toEqual([92, 6 * 72, 3]);
    const gray = (x: number, y: number) => data[(y * shape[1] + x) * 3];
    for (const [place, row] of [2, 1].entries())
      for (let pixel = 0; pixel < PIXELS; pixel++) {
        const [x, y] = [place * 72 + 4 + (pixel % 8) * 8, 4 + Math.floor(pixel / 8) * 8];
        const expected = Math.round(255 * (1 - three.images[row * PIXELS + pixel]!));
        expect([gray(x, y), gray(x + 7, y + 7)]).toEqual([expected, expected]);
      }
    // The third place stays paper.
    expect(gray(2 * 72 + 30, 30)).toBe(255);
  });

  it("shades a confusion matrix by the share of the row", () => {
    const counts = Array.from({ length: 10 }, () => new Array<number>(10).fill(0));
    counts[2]![2] = 3;
    counts[2]![5] = 1;
    const { shape, data } = confusionPicture(counts);
    expect(shape).toEqual([449, 449, 3]);
    const inCell = (row: number, column: number) => {
      const start = ((48 + row * 40 + 3) * shape[1] + 48 + column * 40 + 3) * 3;
      return [...data.subarray(start, start + 3)];
    };
    // white + share x (blue - white), blue is 8, 48, 107
    expect(inCell(2, 2)).toEqual([70, 100, 144]);
    expect(inCell(2, 5)).toEqual([193, 203, 218]);
    expect(inCell(5, 2)).toEqual([255, 255, 255]);
  });
});

describe("model file", () => {
  it("is laid out as safetensors files are", () => {
    const network = createNetwork([3, 2], seededRandom(1));
    network[0]!.biases.set([0.25, -8]);
    const file = Buffer.from(toSafetensors(network, { made: "here" }));
    const length = Number(file.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    expect(JSON.parse(file.toString("utf8", 8, 8 + length))).toEqual({
      __metadata__: { made: "here" },
      "output.weight": { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
      "output.bias": { dtype: "F32", shape: [2], data_offsets: [24, 32] },
    });
    expect(file.length).toBe(8 + length + 32);
    expect(file.readFloatLE(8 + length)).toBe(network[0]!.weights[0]);
    expect([file.readFloatLE(8 + length + 24), file.readFloatLE(8 + length + 28)]).toEqual([0.25, -8]);
  });
});

describe("report", () => {
  it("draws curves between the lowest and the highest value", () => {
    const line = { letter: "*", values: [1, 2, 3] };
    expect(chart("up", [line], 17, 3)).toEqual([
      "        up       ",
      "3.0000 |      ***",
      "       |  ****   ",
      "1.0000 |**       ",
    ]);
  });

  it.each([200, 100, 80, 60, 48])("fits %i columns and names the best values", (width) => {
    const epochs = [0.9, 0.99, 0.98].map((share, index) => ({
      step: index * 10,
      trainLoss: 1 - share,
      testLoss: index === 1 ? Number.NaN : 2 - share,
      trainAccuracy: share,
      testAccuracy: share - 0.1,
    }));
    const lines = metricsReport(epochs, width).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines.join("\n")).toMatch(/^[\x20-\x7e\n]*$/);
    expect(lines).toContain("test accuracy      0.8000   0.8800   0.8900");
  });
});

function trained(seed: number, epochs: number): Network {
  const random = seededRandom(seed);
  const network = createNetwork([PIXELS, 64, CLASSES], random);
  const update = adam(network, 0.01);
  const steps = epochs * Math.ceil(train.count / 32);
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch++)
    for (const batch of batches(train, 32, random)) {
      backward(network, forward(network, batch.images, batch.count), batch.labels);
      update(cosineSchedule(0.01, step++ / steps));
    }
  return network;
}
