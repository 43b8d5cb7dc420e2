import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type * as Wandb from "tracelet/wandb";

/** A run of a sweep: its parameters are in config and cannot be changed by the script. */
export default async function (wandb: typeof Wandb): Promise<void> {
  writeFileSync(
    "parameters.yaml",
    "wandb_version: 1\n\nlr:\n  value: 0.01\nnested:\n  value:\n    depth: 2\n",
  );
  process.env["WANDB_SWEEP_ID"] = "sweep123";
  process.env["WANDB_SWEEP_PARAM_PATH"] = resolve("parameters.yaml");
  const run = await wandb.init({ config: { lr: 0.5, own: 1 } });
  run.config.update({ lr: 0.9, later: 2 }, { allowValChange: true });
  run.log({ loss: 1 });
  await run.finish();
}
