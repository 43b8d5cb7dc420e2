import type * as Wandb from "tracelet/wandb";

/** Histograms of values, with a number of bins, and binned by the caller. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const values = Array.from({ length: 300 }, (_, i) => ((i * 37) % 101) / 10);
  run.log({ default: new wandb.Histogram(values) });
  run.log({
    ten: new wandb.Histogram(values, { numBins: 10 }),
    few: new wandb.Histogram([1, 2, 2, 3], { numBins: 4 }),
  });
  run.log({
    binned: new wandb.Histogram({
      npHistogram: [
        [1, 2, 3],
        [0, 1, 2, 3],
      ],
    }),
  });
  run.log({
    constant: new wandb.Histogram([5, 5, 5], { numBins: 3 }),
    integers: new wandb.Histogram([0, 1, 2, 3]),
  });
  run.summary["at_the_end"] = new wandb.Histogram([1, 2, 3], { numBins: 2 });
  await run.finish();
}
