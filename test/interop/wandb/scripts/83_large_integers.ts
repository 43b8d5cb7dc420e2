import type * as Wandb from "tracelet/wandb";

/** Integers beyond 2^53, as values, in lists, in config and summary. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init({ config: { big: 2n ** 60n + 1n, list: [2n ** 63n, -(2n ** 62n)] } });
  run.log({
    big: 2n ** 53n + 1n,
    bigger: 2n ** 64n + 1n,
    negative: -(2n ** 60n) - 1n,
    list: [2n ** 60n + 1n, 1],
  });
  run.log({ big: 3 });
  run.summary["big"] = 2n ** 60n + 3n;
  await run.finish();
}
