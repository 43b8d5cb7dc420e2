import type * as Wandb from "tracelet/wandb";

/** Every kind of derived summary, single and combined. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const kinds = ["min", "max", "mean", "last", "first", "none"];
  const run = await wandb.init();
  for (const kind of kinds) run.defineMetric(`only_${kind}`, { summary: kind });
  run.defineMetric("several", { summary: "min,max,mean,first,last" });
  run.defineMetric("with_nan", { summary: "min,max,mean" });
  run.defineMetric("nested.deep", { summary: "max" });
  for (const value of [3, 1, 4, 1, 5]) {
    run.log({
      ...Object.fromEntries(kinds.map((kind) => [`only_${kind}`, value])),
      several: value * 1.5,
      with_nan: value === 4 ? Number.NaN : value,
      nested: { deep: value },
    });
  }
  run.log({ several: "text now" });
  await run.finish();
}
