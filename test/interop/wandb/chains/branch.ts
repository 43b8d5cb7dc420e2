import { writeFileSync } from "node:fs";
import type * as Wandb from "tracelet/wandb";

/** Rewinds the run to a step, or forks it there, as the environment says. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init(
    process.env["CHAIN_BRANCH"] === "rewind"
      ? { id: "chain", resumeFrom: "chain?_step=2" }
      : { id: "forked", forkFrom: "chain?_step=2", config: { mine: 1 } },
  );
  const found = { id: run.id };
  run.log({ loss: 100 });
  run.log({ loss: 101, val: 0 });
  writeFileSync("seen.json", JSON.stringify(found));
  await run.finish();
}
