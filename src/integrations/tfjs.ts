import { printLine } from "../backend/trouble.js";
import { messageOf } from "../errors.js";
import { wallTimeNow } from "../events/check.js";
import type { Experiment } from "../experiment.js";
import { toTensor } from "../media/tensor-input.js";
import type { LayersModelLike } from "./watchable-model.js";

/** A number, or a scalar tensor that TensorFlow.js has not read yet. */
export type TfjsLog = number | { dataSync(): ArrayLike<number> };

/** What TensorFlow.js says at the end of a batch or an epoch. */
export type TfjsLogs = { readonly [name: string]: TfjsLog };

/** What is logged of a training. */
export interface TfjsCallbackOptions {
  /** Every how many batches their metrics are logged; 0 for epochs only. Default 1. */
  readonly every?: number;
  /** The model whose weights are logged as histograms at the end of each epoch, under `weights/<name>`. */
  readonly histograms?: LayersModelLike;
  /**
   * `tf.Callback`, where the callback comes first in an array with callbacks of TensorFlow.js itself: by the first one
   * TensorFlow.js decides what all of them are, and without it breaks its own. Not needed alone or after them.
   */
  readonly base?: { readonly prototype: object };
}

/** A callback for `fit` and `fitDataset`. */
export interface TfjsCallback {
  setParams(params: object): void;
  setModel(model: unknown): void;
  onTrainBegin(logs?: TfjsLogs): Promise<void>;
  onTrainEnd(logs?: TfjsLogs): Promise<void>;
  onEpochBegin(epoch: number, logs?: TfjsLogs): Promise<void>;
  onEpochEnd(epoch: number, logs?: TfjsLogs): Promise<void>;
  onBatchBegin(batch: number, logs?: TfjsLogs): Promise<void>;
  onBatchEnd(batch: number, logs?: TfjsLogs): Promise<void>;
}

/** Say which batch it is, not how it went. */
const NO_METRICS = new Set(["batch", "size"]);

/**
 * Logs the training of a TensorFlow.js model: `epoch/loss`, `epoch/val_loss` ... with the epoch as step, and `batch/loss`
 * ... with the number of the batch since the training began. Nothing it does fails the training.
 *
 * @param experiment - of `startLogging`
 * @example
 * ```ts
 * await model.fit(xs, ys, { epochs: 10, callbacks: tfjsCallback(experiment, { every: 10, histograms: model }) });
 * ```
 */
export function tfjsCallback(experiment: Experiment, options: TfjsCallbackOptions = {}): TfjsCallback {
  const { every = 1, histograms, base } = options;
  let batches = 0;
  let told = false;

  // TensorFlow.js calls these as methods of an object of its own, so `this` tells nothing here.
  const safely = (work: () => void): Promise<void> => {
    try {
      work();
    } catch (error) {
      if (!told) printLine(`the training goes on, but not all of it is logged: ${messageOf(error)}`);
      told = true;
    }
    return Promise.resolve();
  };
  const log = (prefix: string, logs: TfjsLogs | undefined, step: number): void => {
    const values = Object.entries(logs ?? {}).filter(([name]) => !NO_METRICS.has(name));
    experiment.log(
      Object.fromEntries(values.map(([name, value]) => [`${prefix}/${name}`, numberOf(value)])),
      { step },
    );
  };
  const nothing = (): Promise<void> => Promise.resolve();

  const callback: TfjsCallback = {
    setParams() {},
    setModel() {},
    onTrainBegin: nothing,
    onTrainEnd: nothing,
    onEpochBegin: nothing,
    onEpochEnd: (epoch, logs) =>
      safely(() => {
        log("epoch", logs, epoch);
        for (const weight of histograms?.weights ?? []) {
          const { data } = toTensor(weight.read(), weight.name);
          if (data.length === 0) continue;
          experiment.record({
            kind: "histogram",
            tag: `weights/${weight.name}`,
            values: data,
            bins: "tensorflow",
            wallTime: wallTimeNow(),
            step: epoch,
          });
        }
      }),
    onBatchBegin: nothing,
    onBatchEnd: (_batch, logs) =>
      safely(() => {
        const step = batches++;
        if (every > 0 && step % every === 0) log("batch", logs, step);
      }),
  };
  return base === undefined ? callback : Object.setPrototypeOf(callback, base.prototype);
}

const numberOf = (value: TfjsLog): number => (typeof value === "number" ? value : value.dataSync()[0]!);
