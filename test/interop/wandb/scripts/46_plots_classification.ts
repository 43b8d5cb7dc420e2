import type * as Wandb from "tracelet/wandb";

/** plot.prCurve, rocCurve, confusionMatrix. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const truth = [0, 0, 1, 1, 0, 1, 1, 0];
  const probabilities = [0.1, 0.4, 0.35, 0.8, 0.2, 0.9, 0.6, 0.7].map((p) => [1 - p, p]);
  const labels = ["no", "yes"];
  run.log({ pr: wandb.plot.prCurve(truth, probabilities, { labels, title: "precision" }) });
  run.log({ roc: wandb.plot.rocCurve(truth, probabilities, { labels, title: "roc" }) });
  run.log({
    confusion: wandb.plot.confusionMatrix({
      yTrue: truth,
      preds: [0, 0, 0, 1, 0, 1, 1, 1],
      classNames: labels,
      title: "confusion",
    }),
  });
  await run.finish();
}
