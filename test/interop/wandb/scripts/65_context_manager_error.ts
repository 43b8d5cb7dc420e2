import type * as Wandb from "tracelet/wandb";

/** An error inside the scope of a run. */
export default async function (wandb: typeof Wandb): Promise<void> {
  process.env["WANDB_CONSOLE"] = "off";
  await wandb.withRun({}, (run) => {
    run.log({ a: 1 });
    throw new Error("on purpose");
  });
}
