import type * as Wandb from "tracelet/wandb";

/** Images of bytes: colour, grey, with transparency; captions; a key with a folder. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const bytes = (count: number, factor: number): Uint8Array =>
    Uint8Array.from({ length: count }, (_, i) => (i * factor) % 256);
  const colour = bytes(12 * 10 * 3, 7);
  const channel = (index: number): Uint8Array => colour.filter((_, i) => i % 3 === index);
  const size = { width: 10, height: 12 };
  run.log({ colour: new wandb.Image(colour, { ...size, caption: "a caption" }) });
  run.log({
    grey: new wandb.Image(channel(0), size),
    "folder/one": new wandb.Image(channel(1), size),
  });
  run.log({ alpha: new wandb.Image(bytes(6 * 5 * 4, 3), { width: 5, height: 6 }) });
  run.log({ nested: { img: new wandb.Image(colour, size) } }, { step: 10 });
  await run.finish();
}
