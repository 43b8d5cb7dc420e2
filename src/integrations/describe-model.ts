import { TraceletError } from "../errors.js";
import type { JsonObject } from "../events/event.js";
import { toTensor } from "../media/tensor-input.js";
import {
  asWatchable,
  type LayersModelLike,
  type WatchableModel,
  type WeightLike,
} from "./watchable-model.js";

/** A layer as TensorFlow.js has them; what is absent is left out of the description. */
export interface LayerLike {
  readonly name: string;
  readonly weights: readonly WeightLike[];
  readonly outputShape?: unknown;
  getClassName?(): string;
}

/** A model of TensorFlow.js with its layers. */
export interface LayeredModelLike extends LayersModelLike {
  readonly layers: readonly LayerLike[];
}

/** What a model consists of; JSON, so that it can be logged as a parameter. */
export type ModelDescription = JsonObject & {
  /** One entry a layer, or a parameter of a model that has no layers. */
  readonly layers: readonly (JsonObject & { readonly name: string; readonly parameters: number })[];
  /** Numbers that the model consists of; what layers share counts once. */
  readonly parameters: number;
  /** Those of them that training changes. Absent where the model does not say. */
  readonly trainableParameters?: number;
};

/**
 * Lists the layers of a model and counts its parameters.
 *
 * @param model - a model of TensorFlow.js, or any object with `parameters()` that yields `[name, values]`
 * @throws TraceletError `invalid-value` for anything else
 * @example
 * ```ts
 * experiment.logParams({ model: describeModel(model) });
 * // { layers: [{ name: "dense_Dense1", type: "Dense", outputShape: [null, 2], parameters: 8 }], parameters: 8, ... }
 * ```
 */
export function describeModel(model: LayeredModelLike | LayersModelLike | WatchableModel): ModelDescription {
  if ("layers" in model && Array.isArray(model.layers)) return describeLayers(model as LayeredModelLike);
  const source = asWatchable(model);
  if (source === undefined) {
    throw new TraceletError(
      "invalid-value",
      "describeModel: a model has layers or weights that can be read (TensorFlow.js), or parameters() that yields [name, values].",
    );
  }
  const layers = Array.from(source.parameters(), ([name, values]) => {
    const { shape, data } = toTensor(values, name);
    return { name, shape, parameters: data.length };
  });
  return { layers, parameters: layers.reduce((sum, layer) => sum + layer.parameters, 0) };
}

function describeLayers({ layers, weights }: LayeredModelLike): ModelDescription {
  const all = [...new Set(weights)];
  return {
    layers: layers.map((layer) => ({
      name: layer.name,
      ...(typeof layer.getClassName === "function" && { type: layer.getClassName() }),
      ...(isShape(layer.outputShape) && { outputShape: layer.outputShape }),
      parameters: countIn(layer.weights),
    })),
    parameters: countIn(all),
    trainableParameters: countIn(all.filter(({ trainable }) => trainable !== false)),
  };
}

const isShape = (value: unknown): value is (number | null)[] =>
  Array.isArray(value) && value.every((size) => size === null || typeof size === "number");

const countIn = (weights: readonly WeightLike[]): number =>
  weights.reduce((sum, { shape, read }, index) => {
    const sizes = shape ?? read.call(weights[index]!).shape;
    return sum + sizes.reduce<number>((product, size) => product * (size ?? 1), 1);
  }, 0);
