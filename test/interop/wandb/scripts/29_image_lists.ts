import type * as Wandb from "tracelet/wandb";

/** Several images under one key, with all, some and no captions. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const image = (seed: number, caption?: string) =>
    new wandb.Image(
      { shape: [4, 6, 3], data: new Uint8Array(72).fill(seed) },
      caption === undefined ? {} : { caption },
    );
  const run = await wandb.init();
  run.log({ all: [0, 1, 2].map((i) => image(i, `caption ${i}`)) });
  run.log({ some: [image(10, "first"), image(11), image(12, "third")] });
  run.log({ none: [image(20), image(21)], one: [image(30)] });
  await run.finish();
}
