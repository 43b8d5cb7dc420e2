import { TraceletError } from "../../../src/errors.js";
import type { NumericArray } from "../../../src/events/tensor.js";
import {
  asWatchable,
  type LayersModelLike,
  type NamedTensors,
  type WatchableModel,
} from "../../../src/integrations/watchable-model.js";
import { toTensor } from "../../../src/media/tensor-input.js";
import { type HistogramJson, histogramOf } from "../media/histogram.js";

export type { LayersModelLike, WatchableModel };

/** What `watch` logs of a model. */
export type WatchMode = "gradients" | "parameters" | "all";

/** How a model is watched. */
export interface WatchOptions {
  /** What is logged; default the gradients if the model gives them, else the parameters. */
  readonly log?: WatchMode;
  /** The distributions go with every `logFreq`-th call of `log`; default 1000. */
  readonly logFreq?: number;
  /** Put before the layers' names; default nothing for the first model of a run, `graph_1` for the second, and so on. */
  readonly name?: string;
}

/** The models that a run watches. */
export interface WatchedModels {
  /** Starts watching. Throws `invalid-value` with the rule for what cannot be watched. */
  watch(model: WatchableModel | LayersModelLike, options?: WatchOptions): void;
  /** Stops watching a model, or all of them. Throws `invalid-value` for a model that is not watched. */
  unwatch(model?: WatchableModel | LayersModelLike): void;
  /**
   * Called with each row that is logged; the histograms that belong into it, under `gradients/<layer>` and
   * `parameters/<layer>`. Undefined when none is due.
   */
  due(): { readonly [key: string]: HistogramJson } | undefined;
}

const MODES: readonly string[] = ["gradients", "parameters", "all"];
const BINS = 64;

interface Watched {
  readonly parameters: WatchableModel["parameters"] | undefined;
  readonly gradients: WatchableModel["gradients"];
  readonly prefix: string;
  readonly logFreq: number;
  calls: number;
}

/** Made once for each run. */
export function createWatchedModels(): WatchedModels {
  const watched = new Map<object, Watched>();
  let count = 0;
  return {
    watch(model, options = {}) {
      const source = watchable(model);
      const log = options.log ?? (source.gradients === undefined ? "parameters" : "gradients");
      if (!MODES.includes(log)) {
        refuse(`log is one of ${MODES.join(", ")}, not ${JSON.stringify(log)}`);
      }
      const { logFreq = 1000 } = options;
      if (!Number.isSafeInteger(logFreq) || logFreq < 1) refuse("logFreq is a whole number from 1 up");
      if (log !== "parameters" && source.gradients === undefined) {
        refuse(
          `this model gives no gradients; set log to "parameters", or pass an object with gradients() that yields [name, values]`,
        );
      }
      if (watched.has(model)) refuse("this model is watched already; call unwatch(model) first");
      watched.set(model, {
        parameters: log === "gradients" ? undefined : () => source.parameters(),
        gradients: log === "parameters" ? undefined : () => source.gradients!(),
        prefix: options.name ?? (count === 0 ? "" : `graph_${count}`),
        logFreq,
        calls: 0,
      });
      count++;
    },
    unwatch(model) {
      if (model === undefined) watched.clear();
      else if (!watched.delete(model)) refuse("this model is not watched, so it cannot be unwatched");
    },
    due() {
      let found: { [key: string]: HistogramJson } | undefined;
      for (const entry of watched.values()) {
        if (++entry.calls < entry.logFreq) continue;
        entry.calls = 0;
        found ??= {};
        addHistograms(found, `parameters/${entry.prefix}`, entry.parameters?.());
        addHistograms(found, `gradients/${entry.prefix}`, entry.gradients?.());
      }
      return found;
    },
  };
}

function addHistograms(
  found: { [key: string]: HistogramJson },
  prefix: string,
  tensors: NamedTensors = [],
): void {
  for (const [name, values] of tensors) {
    const histogram = distribution(toTensor(values, name).data);
    if (histogram !== undefined) found[prefix + name] = histogram;
  }
}

/** As the official client bins a layer: 64 bins, one when all values are equal, none without a finite value. */
export function distribution(values: NumericArray): HistogramJson | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let finite = 0;
  for (let index = 0; index < values.length; index++) {
    const value = Number(values[index]!);
    if (!Number.isFinite(value)) continue;
    finite++;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (finite === 0) return undefined;
  if (low === high) return { _type: "histogram", values: [finite], bins: [low, high] };
  return histogramOf(values, BINS);
}

function watchable(model: WatchableModel | LayersModelLike): WatchableModel {
  return (
    asWatchable(model) ??
    refuse("a model has weights that can be read (TensorFlow.js), or parameters() that yields [name, values]")
  );
}

function refuse(rule: string): never {
  throw new TraceletError("invalid-value", `watch: ${rule}.`, { backend: "wandb" });
}
