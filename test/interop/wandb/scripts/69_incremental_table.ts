import type * as Wandb from "tracelet/wandb";

/** An incremental table logged three times. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const table = new wandb.Table({ columns: ["step", "value"], logMode: "INCREMENTAL" });
  for (let i = 0; i < 3; i++) {
    table.addData(i, i * 1.5);
    run.log({ growing: table });
  }
  await run.finish();
}
