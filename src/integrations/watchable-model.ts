import type { NumericArray } from "../events/tensor.js";
import type { TensorInput } from "../media/tensor-input.js";

/** Parameters (or gradients) of a model: a name and the values of each. */
export type NamedTensors = Iterable<readonly [name: string, values: TensorInput]>;

/** Any model that can name its parameters, and its gradients if it keeps them. */
export interface WatchableModel {
  parameters(): NamedTensors;
  gradients?(): NamedTensors;
}

/** A weight as TensorFlow.js has them: a variable that can be read. */
export interface WeightLike {
  readonly name: string;
  readonly shape?: readonly (number | null)[];
  readonly trainable?: boolean;
  read(): { readonly shape: readonly number[]; dataSync(): NumericArray };
}

/** A model as TensorFlow.js has them: weights that can be read. */
export interface LayersModelLike {
  readonly weights: readonly WeightLike[];
}

/** The model's parameters and gradients under one form; undefined when it is no model that can be read. */
export function asWatchable(model: WatchableModel | LayersModelLike): WatchableModel | undefined {
  if (typeof model !== "object" || model === null) return undefined;
  if ("parameters" in model && typeof model.parameters === "function") return model;
  if (!("weights" in model) || !Array.isArray(model.weights)) return undefined;
  // Read anew at each call: a model's list of weights grows until it is built.
  return { parameters: () => model.weights.map((weight) => [weight.name, weight.read()] as const) };
}
