import { normal, type Random } from "./random.js";

/** A fully connected layer: `output = weights x input + biases`. */
export interface Layer {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Shape [outputs, inputs], row after row. */
  readonly weights: Float32Array;
  /** Shape [outputs]. */
  readonly biases: Float32Array;
  /** How the loss changes with each weight; filled by `backward`. */
  readonly weightGradients: Float32Array;
  /** How the loss changes with each bias; filled by `backward`. */
  readonly biasGradients: Float32Array;
}

/** Layers one after the other: ReLU between them, softmax after the last. */
export type Network = readonly Layer[];

/** A network of untrained layers; `sizes` are the widths from the input to the output. */
export function createNetwork(sizes: readonly number[], random: Random): Network {
  return sizes.slice(1).map((outputs, index) => {
    const inputs = sizes[index]!;
    // He's rule: with this spread, signals keep their size through layers that end in ReLU.
    const spread = Math.sqrt(2 / inputs);
    return {
      name: index === sizes.length - 2 ? "output" : sizes.length === 3 ? "hidden" : `hidden${index + 1}`,
      inputs,
      outputs,
      weights: new Float32Array(inputs * outputs).map(() => spread * normal(random)),
      biases: new Float32Array(outputs),
      weightGradients: new Float32Array(inputs * outputs),
      biasGradients: new Float32Array(outputs),
    };
  });
}

/**
 * Sends `count` inputs through the network.
 *
 * @returns what enters the first layer and what leaves each layer, each of shape [count, width]; the last are
 * probabilities, which add up to 1 for each input.
 */
export function forward(network: Network, inputs: Float32Array, count: number): Float32Array[] {
  const activations = [inputs];
  for (const layer of network) {
    const { inputs: width, outputs, weights, biases } = layer;
    const before = activations.at(-1)!;
    const after = new Float32Array(count * outputs);
    for (let row = 0; row < count; row++) {
      for (let output = 0; output < outputs; output++) {
        let sum = biases[output]!;
        const weight = output * width;
        const value = row * width;
        for (let i = 0; i < width; i++) sum += weights[weight + i]! * before[value + i]!;
        after[row * outputs + output] = sum;
      }
    }
    if (layer === network.at(-1)) softmax(after, layer.outputs);
    else relu(after);
    activations.push(after);
  }
  return activations;
}

/**
 * The way back: from what `forward` returned to the gradients of the mean cross-entropy, which are left in the layers.
 */
export function backward(network: Network, activations: readonly Float32Array[], labels: Uint8Array): void {
  const count = labels.length;
  // Softmax and cross-entropy together have a simple slope: probability minus truth.
  let slopes = activations.at(-1)!.slice();
  const classes = slopes.length / count;
  for (let row = 0; row < count; row++) slopes[row * classes + labels[row]!]! -= 1;
  for (let i = 0; i < slopes.length; i++) slopes[i]! /= count;

  for (let index = network.length - 1; index >= 0; index--) {
    const { inputs, outputs, weights, weightGradients, biasGradients } = network[index]!;
    const before = activations[index]!;
    const slopesBefore = new Float32Array(before.length);
    weightGradients.fill(0);
    biasGradients.fill(0);
    for (let row = 0; row < count; row++) {
      for (let output = 0; output < outputs; output++) {
        const slope = slopes[row * outputs + output]!;
        if (slope === 0) continue; // about half of them: ReLU was off
        const weight = output * inputs;
        const value = row * inputs;
        biasGradients[output]! += slope;
        for (let i = 0; i < inputs; i++) {
          weightGradients[weight + i]! += slope * before[value + i]!;
          slopesBefore[value + i]! += slope * weights[weight + i]!;
        }
      }
    }
    // ReLU passes a slope on only where it passed the value.
    for (let i = 0; i < slopesBefore.length; i++) if (before[i]! <= 0) slopesBefore[i] = 0;
    slopes = slopesBefore;
  }
}

/** The mean of `-log(probability of the right class)`: 0 is perfect, `log(classes)` is guessing. */
export function crossEntropy(probabilities: Float32Array, labels: Uint8Array): number {
  const classes = probabilities.length / labels.length;
  let sum = 0;
  for (const [row, label] of labels.entries())
    sum -= Math.log(Math.max(probabilities[row * classes + label]!, 1e-12));
  return sum / labels.length;
}

function relu(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) if (values[i]! < 0) values[i] = 0;
}

/** Turns each row of `width` scores into probabilities. */
function softmax(values: Float32Array, width: number): void {
  for (let start = 0; start < values.length; start += width) {
    const row = values.subarray(start, start + width);
    const highest = Math.max(...row); // subtracted, so that exp cannot overflow
    let sum = 0;
    for (let i = 0; i < width; i++) {
      row[i] = Math.exp(row[i]! - highest);
      sum += row[i]!;
    }
    for (let i = 0; i < width; i++) row[i]! /= sum;
  }
}
