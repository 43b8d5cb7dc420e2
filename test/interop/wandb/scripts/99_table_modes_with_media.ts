import type * as Wandb from "tracelet/wandb";

/** Tables with pictures that grow: mutable and incremental; a table logged, then set in the summary. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const image = (value: number) =>
    new wandb.Image({ shape: [2, 2, 3], data: new Uint8Array(12).fill(value) });
  const run = await wandb.init();
  const mutable = new wandb.Table({ columns: ["i", "image"], logMode: "MUTABLE" });
  const growing = new wandb.Table({ columns: ["i", "image"], logMode: "INCREMENTAL" });
  for (let i = 0; i < 3; i++) {
    mutable.addData(i, image(i));
    growing.addData(i, image(100 + i));
    run.log({ mutable, growing });
  }
  run.log({ mutable });
  const done = new wandb.Table({ columns: ["a"], data: [[1]] });
  run.log({ done });
  run.summary["done_again"] = done;
  await run.finish();
}
