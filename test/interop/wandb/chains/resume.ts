import { writeFileSync } from "node:fs";
import type * as Wandb from "tracelet/wandb";

/** Goes on with the run, as the environment says, and prints what it found there. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const resume = process.env["CHAIN_RESUME"] as "auto" | "must" | "allow";
  const run = await wandb.init({
    ...(resume === "auto" ? {} : { id: "chain" }),
    resume,
    config: { lr: 0.5, new: 1 },
  });
  const config = run.config as { readonly [key: string]: unknown };
  const found = {
    ...{ id: run.id, resumed: run.resumed, name: run.name },
    config: Object.fromEntries(["lr", "nested", "late", "new"].map((key) => [key, config[key]])),
    tags: [...run.tags].sort(),
    notes: run.notes,
  };
  run.defineMetric("val", { summary: "min" });
  run.log({ loss: 0.01, val: 9, deep: { y: { w: 1 } } });
  run.log({ loss: 0.02 }, { step: 20 });
  run.log({ loss: 7 }, { step: 3 });
  console.log("line of the second");
  run.summary["more"] = 1;
  run.config.update({ lr: 0.7 }, { allowValChange: true });
  run.tags = [...run.tags, "new"];
  writeFileSync("seen.json", JSON.stringify(found));
  await run.finish();
}
