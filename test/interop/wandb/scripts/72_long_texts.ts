import type * as Wandb from "tracelet/wandb";

/** Long keys, long values, many keys in one row. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init({ config: { long: "c".repeat(20000) } });
  run.log({ ["k".repeat(300)]: 1, text: "t".repeat(100000) });
  const many = Array.from({ length: 1000 }, (_, i) => [`key${String(i).padStart(4, "0")}`, i]);
  run.log(Object.fromEntries(many));
  await run.finish();
}
