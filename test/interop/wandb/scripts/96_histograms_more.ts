import type * as Wandb from "tracelet/wandb";

/** Histograms of whole, negative, equal and few values, of typed arrays, of fractions as edges; long lists and arrays beside them. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({
    ints: new wandb.Histogram(Int32Array.from({ length: 100 }, (_, i) => i - 50)),
    one: new wandb.Histogram([3.5]),
  });
  const thirds = Float32Array.from({ length: 64 }, (_, i) => i).map((value) => value / 7);
  run.log({ float32: new wandb.Histogram(thirds, { numBins: 7 }) });
  run.log({
    edges: new wandb.Histogram({
      npHistogram: [
        [0.5, 1.5],
        [0.25, 0.5, 1.75],
      ],
    }),
  });
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  run.log({ bytes: new wandb.Histogram(bytes, { numBins: 16 }) });
  const squares = Array.from({ length: 1000 }, (_, i) => (i * i) / 17);
  run.log({ most: new wandb.Histogram(squares, { numBins: 512 }) });
  run.log({
    tiny: new wandb.Histogram([1e-300, 2e-300, 3e-300], { numBins: 2 }),
    huge: new wandb.Histogram([1e300, -1e300], { numBins: 4 }),
  });
  run.log({
    in_list: { h: new wandb.Histogram([1, 2]) },
    long_list: Array.from({ length: 100 }, (_, i) => i),
    bools: [true, false],
  });
  await run.finish();
}
