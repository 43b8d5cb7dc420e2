import type * as Wandb from "tracelet/wandb";

/** Console capture switched off. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init({ settings: { console: "off" } });
  console.log("nobody keeps this");
  run.log({ a: 1 });
  await run.finish();
}
