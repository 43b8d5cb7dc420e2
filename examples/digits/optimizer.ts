import type { Network } from "./network.js";

// The values of the paper, which nearly everybody uses.
const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

/**
 * Adam (Kingma and Ba, 2015): each weight moves by its mean gradient, divided by how large its gradients usually are.
 * Weights are also pulled a little towards zero, in proportion to the learning rate (AdamW), which keeps the
 * network from learning its training pictures by heart.
 *
 * @returns a function that makes one step, with the gradients found in the layers
 */
export function adam(network: Network, weightDecay: number): (learningRate: number) => void {
  const parameters = network.flatMap((layer) => [
    { values: layer.weights, gradients: layer.weightGradients, decay: weightDecay },
    { values: layer.biases, gradients: layer.biasGradients, decay: 0 },
  ]);
  const means = parameters.map(({ values }) => new Float32Array(values.length));
  const squares = parameters.map(({ values }) => new Float32Array(values.length));
  let steps = 0;

  return (learningRate) => {
    steps++;
    // Both averages start at zero; these undo the bias of their first steps.
    const meanScale = 1 / (1 - beta1 ** steps);
    const squareScale = 1 / (1 - beta2 ** steps);
    for (const [index, { values, gradients, decay }] of parameters.entries()) {
      const mean = means[index]!;
      const square = squares[index]!;
      for (let i = 0; i < values.length; i++) {
        const gradient = gradients[i]!;
        mean[i] = beta1 * mean[i]! + (1 - beta1) * gradient;
        square[i] = beta2 * square[i]! + (1 - beta2) * gradient * gradient;
        const move = (mean[i]! * meanScale) / (Math.sqrt(square[i]! * squareScale) + epsilon);
        values[i]! -= learningRate * (move + decay * values[i]!);
      }
    }
  };
}

/** The learning rate at `progress` (0..1): up in a line for the first 5 %, then down along half a cosine to zero. */
export function cosineSchedule(peak: number, progress: number): number {
  const warmUp = 0.05;
  if (progress < warmUp) return (peak * progress) / warmUp;
  return (peak / 2) * (1 + Math.cos((Math.PI * (progress - warmUp)) / (1 - warmUp)));
}
