import type * as Wandb from "tracelet/wandb";

/** Scalars without a step: every call is a row. */
export default async function (wandb: typeof Wandb): Promise<void> {
  await wandb.withRun({}, (run) => {
    for (let i = 0; i < 10; i++) run.log({ loss: 1 / (i + 1), accuracy: i / 10, count: i });
  });
}
