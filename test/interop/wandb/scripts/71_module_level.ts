import type * as Wandb from "tracelet/wandb";

/** The functions of the module instead of the run's. */
export default async function (wandb: typeof Wandb): Promise<void> {
  await wandb.init({ config: { a: 1 } });
  wandb.log({ x: 1 });
  wandb.config.update({ b: 2 });
  wandb.config["c"] = 3;
  wandb.summary["best"] = 5;
  wandb.defineMetric("y", { summary: "max" });
  wandb.log({ y: 2 });
  wandb.log({ y: 1 });
  await wandb.finish();
}
