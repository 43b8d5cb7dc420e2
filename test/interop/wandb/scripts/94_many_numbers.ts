import type * as Wandb from "tracelet/wandb";

/** Numbers of every size, printed and read again. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  for (let i = 0; i < 200; i++) {
    const x = ((i * 2654435761 + 12345) % 4294967296) / 4294967296;
    run.log({
      x,
      scaled: x * Number(`1e${(i % 40) - 20}`),
      power: 2 ** (i * 5 - 500) * (x + 0.5),
      int: (i * 13) ** 4,
    });
  }
  await run.finish();
}
