import type * as Wandb from "tracelet/wandb";

/** Config at init, update, single items, changes that are allowed. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init({ config: { lr: 0.1, layers: 3, name: "net" } });
  run.config.update({ batch: 32, lr: 0.2 }, { allowValChange: true });
  run.config["dropout"] = 0.5;
  run.config["optimizer"] = "adam";
  run.config.update({ layers: 4 }, { allowValChange: true });
  run.config.setDefaults({ lr: 99, fresh: 1 });
  run.log({ a: 1 });
  run.config["after_log"] = true;
  await run.finish();
}
