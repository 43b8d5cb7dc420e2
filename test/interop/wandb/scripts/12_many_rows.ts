import type * as Wandb from "tracelet/wandb";

/** A longer run of one key and of many keys. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  for (let i = 0; i < 2000; i++) run.log({ loss: ((i * 37) % 101) / 101 });
  run.log(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`layer${i}/norm`, i / 7])));
  await run.finish();
}
