import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { TraceletError } from "#src/errors.js";
import type { Event } from "#src/events/event.js";
import type { Experiment } from "#src/experiment.js";
import { describeModel } from "#src/integrations/describe-model.js";
import { type TfjsCallback, type TfjsCallbackOptions, tfjsCallback } from "#src/integrations/tfjs.js";
import type { WatchableModel } from "#src/integrations/watchable-model.js";

const weight = (name: string, shape: number[], trainable = true) => {
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  return { name, shape, trainable, read: () => ({ shape, dataSync: () => data }) };
};
const layer = (name: string, type: string, weights: ReturnType<typeof weight>[], outputShape: unknown) => ({
  name,
  weights,
  outputShape,
  getClassName: () => type,
});

const kernel = weight("d1/kernel", [2, 3]);
const bias = weight("d1/bias", [3]);
const mean = weight("bn/moving_mean", [3], false);
const model = {
  weights: [kernel, bias, mean],
  layers: [
    layer("d1", "Dense", [kernel, bias], [null, 3]),
    layer("bn", "BatchNormalization", [mean], [null, 3]),
    layer("d1_again", "Dense", [kernel, bias], [[null, 3]]),
  ],
};

describe("describeModel", () => {
  it("lists layers and counts what they share once", () => {
    expect(describeModel(model)).toEqual({
      layers: [
        { name: "d1", type: "Dense", outputShape: [null, 3], parameters: 9 },
        { name: "bn", type: "BatchNormalization", outputShape: [null, 3], parameters: 3 },
        { name: "d1_again", type: "Dense", parameters: 9 },
      ],
      parameters: 12,
      trainableParameters: 9,
    });
  });

  it("lists the parameters of any other model", () => {
    const other: WatchableModel = {
      parameters: () => [
        ["w", { shape: [2, 2], data: new Float32Array(4) }],
        ["b", [1]],
      ],
    };
    expect(describeModel(other)).toEqual({
      layers: [
        { name: "w", shape: [2, 2], parameters: 4 },
        { name: "b", shape: [1], parameters: 1 },
      ],
      parameters: 5,
    });
  });

  it("says what a model is when it gets none", () => {
    for (const wrong of [{}, { weights: 3 }]) {
      expect(() => describeModel(wrong as unknown as WatchableModel)).toThrow(TraceletError);
    }
  });
});

function watched(options?: TfjsCallbackOptions) {
  const rows: [values: object, step: number | undefined][] = [];
  const events: Event[] = [];
  const experiment = {
    log: (values: object, { step }: { step?: number }) => rows.push([values, step]),
    record: (event: Event) => events.push(event),
  } as unknown as Experiment;
  return { rows, events, callback: tfjsCallback(experiment, options) };
}

/** Calls the hooks in TensorFlow.js's order, as functions without an object, as it does for a plain callback. */
async function train(callback: TfjsCallback, epochs: number, batches: number) {
  const { onTrainBegin, onEpochBegin, onBatchBegin, onBatchEnd, onEpochEnd, onTrainEnd } = callback;
  await onTrainBegin();
  for (let epoch = 0; epoch < epochs; epoch++) {
    await onEpochBegin(epoch);
    for (let batch = 0; batch < batches; batch++) {
      await onBatchBegin(batch, { batch, size: 8 });
      const loss = { dataSync: () => Float32Array.of(batch / 2) };
      await onBatchEnd(batch, { batch, size: 8, loss });
    }
    await onEpochEnd(epoch, { loss: 0.5, val_loss: 0.25 });
  }
  await onTrainEnd();
}

describe("tfjsCallback", () => {
  it("logs batches by their number in the training and epochs by theirs", async () => {
    const { rows, callback } = watched();
    await train(callback, 2, 2);
    expect(rows).toEqual([
      [{ "batch/loss": 0 }, 0],
      [{ "batch/loss": 0.5 }, 1],
      [{ "epoch/loss": 0.5, "epoch/val_loss": 0.25 }, 0],
      [{ "batch/loss": 0 }, 2],
      [{ "batch/loss": 0.5 }, 3],
      [{ "epoch/loss": 0.5, "epoch/val_loss": 0.25 }, 1],
    ]);
  });

  it.each([
    [3, [0, 3]],
    [0, []],
  ])("logs every %d batches", async (every, steps) => {
    const { rows, callback } = watched({ every });
    await train(callback, 1, 5);
    expect(rows.filter(([values]) => "batch/loss" in values).map(([, step]) => step)).toEqual(steps);
  });

  it("logs the weights of each epoch", async () => {
    const { events, callback } = watched({ histograms: model });
    await train(callback, 2, 1);
    expect(events.map((event) => [event.kind, "tag" in event ? event.tag : "", event.step])).toEqual(
      [0, 1].flatMap((step) =>
        ["d1/kernel", "d1/bias", "bn/moving_mean"].map((name) => ["histogram", `weights/${name}`, step]),
      ),
    );
  });

  it("has every hook of TensorFlow.js's base class, and passes for one of it when it is given", () => {
    const { callback } = watched();
    expect(Object.keys(callback).sort()).toEqual(
      // BaseCallback of @tensorflow/tfjs-layers 4.22.
      [
        ...["setParams", "setModel", "onTrainBegin", "onTrainEnd"],
        ...["onEpochBegin", "onEpochEnd", "onBatchBegin", "onBatchEnd"],
      ].sort(),
    );
    class Callback {}
    expect(watched({ base: Callback }).callback).toBeInstanceOf(Callback);
  });

  it("never fails a training, and says once that something is missing", () => {
    // In a process of its own: the line goes straight to the file descriptor.
    const script = `
      import { tfjsCallback } from "#src/integrations/tfjs.js";
      const read = () => { throw new Error("weight is disposed"); };
      let rows = 0;
      const experiment = { log: () => rows++, record() {} };
      const { onBatchEnd, onEpochEnd } = tfjsCallback(experiment, { histograms: { weights: [{ name: "w", read }] } });
      for (let epoch = 0; epoch < 3; epoch++) {
        await onBatchEnd(0, { loss: 1 });
        await onEpochEnd(epoch, { loss: 1 });
      }
      console.log(rows);
    `;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "6\n" });
    expect(stderr).toBe("tracelet: the training goes on, but not all of it is logged: weight is disposed\n");
  });
});
