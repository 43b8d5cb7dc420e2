import type * as Wandb from "tracelet/wandb";

/** Images of floats in 0..1 and -1..1, and of a file. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const unit = Float64Array.from({ length: 48 }, (_, i) => (i % 5) / 4);
  run.log({ unit: new wandb.Image({ shape: [4, 4, 3], data: unit }) });
  run.log({ signed: new wandb.Image({ shape: [4, 4, 3], data: unit.map((value) => value * 2 - 1) }) });
  run.log({ file: new wandb.Image("fixtures/picture.png", { caption: "from a file" }) });
  await run.finish();
}
