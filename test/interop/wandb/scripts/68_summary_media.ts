import type * as Wandb from "tracelet/wandb";

/** Media set on the summary. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const pixels = { shape: [2, 2, 3], data: new Uint8Array(12).fill(200) };
  run.summary["image"] = new wandb.Image(pixels, { caption: "at the end" });
  run.summary["table"] = new wandb.Table({ columns: ["a"], data: [[1]] });
  await run.finish();
}
