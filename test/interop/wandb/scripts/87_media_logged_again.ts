import type * as Wandb from "tracelet/wandb";

/** One object under two keys and in two rows; an image made of an image; a list of one; lists in nested objects. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const pixels = (value: number) => ({ shape: [3, 4, 3], data: new Uint8Array(36).fill(value) });
  const image = new wandb.Image(pixels(60), { caption: "once" });
  run.log({ first: image });
  run.log({ second: image, first: image });
  run.log({ copy: new wandb.Image(image), named: new wandb.Image(image, { caption: "anew" }) });
  run.log({
    nested: {
      list: [new wandb.Image(pixels(60)), new wandb.Image(pixels(61))],
      deep: { html: new wandb.Html("<p>x</p>") },
    },
  });
  const table = new wandb.Table({ columns: ["a"], data: [[1]] });
  run.log({ table });
  table.addData(2);
  run.log({ table, other: table });
  const page = new wandb.Html("<p>again</p>");
  run.log({ pages: [page, page], page });
  await run.finish();
}
