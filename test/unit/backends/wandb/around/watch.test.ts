import { describe, expect, it } from "vitest";
import { createWatchedModels, distribution } from "#backends/wandb/around/watch.js";
import { TraceletError } from "#src/errors.js";
import type { WatchableModel } from "#src/integrations/watchable-model.js";

const model = (): WatchableModel => ({
  parameters: () => [
    ["conv1.weight", Float32Array.of(-1, 0, 1)],
    ["conv1.bias", [0.5]],
  ],
  gradients: () => [["conv1.weight", Float32Array.of(0.25, 0.5)]],
});

const keys = (histograms: object | undefined) => Object.keys(histograms ?? {});

describe("watch", () => {
  it("gives the histograms of every logFreq-th call under the official names", () => {
    const models = createWatchedModels();
    models.watch(model(), { log: "all", logFreq: 3 });
    expect([models.due(), models.due()]).toEqual([undefined, undefined]);
    expect(keys(models.due())).toEqual([
      "parameters/conv1.weight",
      "parameters/conv1.bias",
      "gradients/conv1.weight",
    ]);
    expect([models.due(), models.due()]).toEqual([undefined, undefined]);
    expect(models.due()?.["parameters/conv1.bias"]).toEqual({
      _type: "histogram",
      values: [1],
      bins: [0.5, 0.5],
    });
  });

  it("logs what is asked for; by default gradients, or parameters where there are none", () => {
    const due = (
      options: Parameters<ReturnType<typeof createWatchedModels>["watch"]>[1],
      watched = model(),
    ) => {
      const models = createWatchedModels();
      models.watch(watched, { logFreq: 1, ...options });
      return keys(models.due());
    };
    expect(due({})).toEqual(["gradients/conv1.weight"]);
    expect(due({ log: "gradients" })).toEqual(["gradients/conv1.weight"]);
    expect(due({ log: "parameters" })).toEqual(["parameters/conv1.weight", "parameters/conv1.bias"]);
    const { parameters } = model();
    expect(due({}, { parameters })).toEqual(["parameters/conv1.weight", "parameters/conv1.bias"]);
    expect(due({ name: "critic/" })).toEqual(["gradients/critic/conv1.weight"]);
  });

  it("waits 1000 calls by default", () => {
    const models = createWatchedModels();
    models.watch(model());
    for (let call = 1; call < 1000; call++) expect(models.due()).toBeUndefined();
    expect(models.due()).toBeDefined();
  });

  it("tells later models from the first one, as the official client does", () => {
    const models = createWatchedModels();
    for (const each of [model(), model(), model()]) models.watch(each, { logFreq: 1 });
    expect(keys(models.due())).toEqual([
      "gradients/conv1.weight",
      "gradients/graph_1conv1.weight",
      "gradients/graph_2conv1.weight",
    ]);
  });

  it("reads the weights of a TensorFlow.js model", () => {
    const models = createWatchedModels();
    const values = Float32Array.of(1, 2);
    const weights = [{ name: "dense/kernel", read: () => ({ shape: [2], dataSync: () => values }) }];
    models.watch({ weights }, { logFreq: 1 });
    const found = models.due()!;
    expect(keys(found)).toEqual(["parameters/dense/kernel"]);
    expect(found["parameters/dense/kernel"]!.values).toHaveLength(64);
  });

  it("stops with unwatch", () => {
    const models = createWatchedModels();
    const [first, second] = [model(), model()];
    models.watch(first, { logFreq: 1 });
    models.watch(second, { logFreq: 1 });
    models.unwatch(first);
    expect(keys(models.due())).toEqual(["gradients/graph_1conv1.weight"]);
    models.unwatch();
    expect(models.due()).toBeUndefined();
    expect(() => models.unwatch(first)).toThrow("not watched");
  });

  it("refuses what it cannot watch, with the rule", () => {
    const models = createWatchedModels();
    const watched = model();
    models.watch(watched);
    const refused: (readonly [() => void, string])[] = [
      [() => models.watch(model(), { log: "weights" as "all" }), "log is one of gradients, parameters, all"],
      [() => models.watch(model(), { logFreq: 0 }), "logFreq is a whole number from 1 up"],
      [() => models.watch(model(), { logFreq: 1.5 }), "logFreq is a whole number from 1 up"],
      [() => models.watch({ weights: [] }, { log: "gradients" }), "gives no gradients"],
      [() => models.watch({ weights: [] }, { log: "all" }), "gives no gradients"],
      [() => models.watch({} as WatchableModel), "parameters() that yields"],
      [() => models.watch(null as unknown as WatchableModel), "parameters() that yields"],
      [() => models.watch(watched), "watched already"],
    ];
    for (const [call, rule] of refused) {
      expect(call).toThrow(TraceletError);
      expect(call).toThrow(rule);
    }
  });
});

describe("distribution", () => {
  it("has 64 bins, one for equal values, and leaves out what is not finite", () => {
    const values = Float32Array.from({ length: 129 }, (_, index) => index / 64);
    const { values: counts, bins } = distribution(values)!;
    // numpy.histogram(np.arange(129) / 64, bins=64): two values a bin, the last edge included.
    expect(counts).toEqual([...Array.from({ length: 63 }, () => 2), 3]);
    expect(bins).toEqual(Array.from({ length: 65 }, (_, index) => index / 32));
    expect(distribution(Float32Array.of(3, 3, Number.NaN))).toEqual({
      _type: "histogram",
      values: [2],
      bins: [3, 3],
    });
    expect(distribution(Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY))).toBeUndefined();
    expect(distribution(new Float32Array())).toBeUndefined();
    expect(distribution(BigInt64Array.of(1n, 1n))).toEqual({ _type: "histogram", values: [2], bins: [1, 1] });
  });
});
