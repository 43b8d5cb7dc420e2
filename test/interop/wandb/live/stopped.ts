import { setTimeout } from "node:timers/promises";
import type * as Wandb from "tracelet/wandb";

/** Logs until somebody stops the run on its page. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init({ id: "live" });
  for (let i = 0; i < 1200; i++) {
    run.log({ i });
    await setTimeout(50);
  }
  await run.finish();
}
