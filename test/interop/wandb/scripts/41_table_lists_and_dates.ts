import type * as Wandb from "tracelet/wandb";

/** Cells that hold lists, objects and dates; a key whose artifact name must be changed. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const table = new wandb.Table({
    columns: ["list", "object", "date"],
    data: [
      [[1, 2], { a: 1, b: "x" }, new Date("2024-01-01T00:00:00Z")],
      [[3, 4], { a: 2, b: "y" }, new Date("2024-01-02T03:04:05Z")],
    ],
  });
  run.log({ "odd key/with: signs": table });
  await run.finish();
}
