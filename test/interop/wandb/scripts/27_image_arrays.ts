import type * as Wandb from "tracelet/wandb";

/** Images of bytes: colour, grey, with transparency; captions; a key with a folder. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const data = Uint8Array.from({ length: 12 * 10 * 3 }, (_, i) => (i * 7) % 256);
  const pixels = { shape: [12, 10, 3], data };
  const channel = (index: number) => data.filter((_, i) => i % 3 === index);
  run.log({ colour: new wandb.Image(pixels, { caption: "a caption" }) });
  run.log({
    grey: new wandb.Image({ shape: [12, 10], data: channel(0) }),
    "folder/one": new wandb.Image({ shape: [12, 10, 1], data: channel(1) }),
  });
  const alpha = Uint8Array.from({ length: 6 * 5 * 4 }, (_, i) => (i * 3) % 256);
  run.log({ alpha: new wandb.Image({ shape: [6, 5, 4], data: alpha }) });
  run.log({ nested: { img: new wandb.Image(pixels) } }, { step: 10 });
  await run.finish();
}
