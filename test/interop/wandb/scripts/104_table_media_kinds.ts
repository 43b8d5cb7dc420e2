import type * as Wandb from "tracelet/wandb";

/** Molecules, clouds, videos, files and missing media in cells; media beside text in a column of any type. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const cloud = new wandb.Object3D({ shape: [2, 3], data: Float64Array.of(0, 0.25, 0.5, 0.75, 1, 1.25) });
  run.log({
    kinds: new wandb.Table({
      columns: ["molecule", "cloud", "video", "file"],
      data: [
        [
          new wandb.Molecule("fixtures/molecule.pdb"),
          cloud,
          new wandb.Video("fixtures/clip.mp4", { caption: "v" }),
          new wandb.Image("fixtures/picture.png"),
        ],
        [null, null, null, null],
      ],
    }),
  });
  run.log({
    any: new wandb.Table({
      columns: ["any"],
      data: [[new wandb.Html("<p>x</p>")], ["text"], [3]],
      allowMixedTypes: true,
    }),
  });
  await run.finish();
}
