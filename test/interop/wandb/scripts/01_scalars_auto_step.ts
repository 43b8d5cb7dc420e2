import type * as Wandb from "tracelet/wandb";
/** Scalars without a step: every call is a row. */
export default async function (wandb: typeof Wandb): Promise<void> {
  await using run = await wandb.init();
  for (let i = 0; i < 10; i++) run.log({ loss: 1 / (i + 1), accuracy: i / 10, count: i });
}
