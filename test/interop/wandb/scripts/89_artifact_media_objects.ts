import type * as Wandb from "tracelet/wandb";

/** Every kind of media object in an artifact, from files and made here; a table with media; the same object twice. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const artifact = new wandb.Artifact("media", { type: "dataset" });
  const pixels = (value: number) => ({ shape: [3, 3, 3], data: new Uint8Array(27).fill(value) });
  const classLabels = { 0: "zero", 1: "one" };
  const boxes = {
    p: { boxData: [{ position: { minX: 0, maxX: 1, minY: 0, maxY: 1 }, classId: 1 }], classLabels },
  };
  const masks = { m: { maskData: { shape: [3, 3], data: new Uint8Array(9).fill(1) }, classLabels } };
  const classes = [
    { id: 0, name: "zero" },
    { id: 1, name: "one" },
  ];
  artifact.add(new wandb.Image("fixtures/picture.png", { caption: "file" }), "image/file");
  artifact.add(new wandb.Image(pixels(5), { boxes, masks, classes }), "image/overlays");
  artifact.add(new wandb.Audio("fixtures/sound.wav", { caption: "sound" }), "sound");
  artifact.add(new wandb.Video("fixtures/clip.mp4"), "clip");
  artifact.add(new wandb.Html("fixtures/page.html"), "page");
  artifact.add(
    new wandb.Object3D({ shape: [2, 3], data: Float64Array.of(0, 0.25, 0.5, 0.75, 1, 1.25) }),
    "cloud",
  );
  artifact.add(new wandb.Molecule("fixtures/molecule.pdb"), "molecule");
  const table = new wandb.Table({ columns: ["id", "image", "sound"] });
  table.addData(
    1,
    new wandb.Image(pixels(6), { caption: "in a table" }),
    new wandb.Audio("fixtures/sound.wav"),
  );
  table.addData(2, new wandb.Image("fixtures/picture.png"), new wandb.Audio("fixtures/sound.wav"));
  artifact.add(table, "table");
  artifact.add(table, "table-again");
  run.logArtifact(artifact);
  await run.finish();
}
