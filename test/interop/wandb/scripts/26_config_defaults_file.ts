import { writeFileSync } from "node:fs";
import type * as Wandb from "tracelet/wandb";

/** config-defaults.yaml in the working directory; arguments win. */
export default async function (wandb: typeof Wandb): Promise<void> {
  writeFileSync(
    "config-defaults.yaml",
    "wandb_version: 1\n\nlr:\n  desc: learning rate\n  value: 0.5\nepochs:\n  value: 10\n",
  );
  const run = await wandb.init({ config: { lr: 0.1 } });
  await run.finish();
}
