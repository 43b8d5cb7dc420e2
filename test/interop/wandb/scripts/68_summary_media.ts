import type * as Wandb from "tracelet/wandb";

/** Media set on the summary. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.summary["image"] = new wandb.Image(new Uint8Array(2 * 2 * 3).fill(200), {
    width: 2,
    height: 2,
    caption: "at the end",
  });
  run.summary["table"] = new wandb.Table({ columns: ["a"], data: [[1]] });
  await run.finish();
}
