import type * as Wandb from "tracelet/wandb";

/** Media in cells: images (with boxes and without), html, audio. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const pixels = (value: number) => ({ shape: [4, 4, 3], data: new Uint8Array(48).fill(value) });
  const boxes = {
    p: {
      boxData: [{ position: { minX: 0, maxX: 1, minY: 0, maxY: 1 }, classId: 1 }],
      classLabels: { 1: "one" },
    },
  };
  const table = new wandb.Table({ columns: ["id", "image", "page"] });
  table.addData(1, new wandb.Image(pixels(50)), new wandb.Html("<p>1</p>"));
  table.addData(2, new wandb.Image(pixels(51)), new wandb.Html("<p>2</p>"));
  run.log({ media: table });
  run.log({
    boxed: new wandb.Table({ columns: ["image"], data: [[new wandb.Image(pixels(50), { boxes })]] }),
  });
  run.log({
    sound: new wandb.Table({ columns: ["audio"], data: [[new wandb.Audio("fixtures/sound.wav")]] }),
  });
  await run.finish();
}
