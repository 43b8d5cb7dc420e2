import type * as Wandb from "tracelet/wandb";

/** Point clouds of 3, 4 and 6 columns, a scene, a model file, a list. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const rows = Array.from({ length: 4 }, (_, i) => [i * 3, i * 3 + 1, i * 3 + 2].map((value) => value / 4));
  const cloud = (points: readonly (readonly number[])[]) => ({
    shape: [points.length, points[0]!.length],
    data: Float64Array.from(points.flat()),
  });
  run.log({ xyz: new wandb.Object3D(cloud(rows)) });
  run.log({ category: new wandb.Object3D(cloud(rows.map((row, i) => [...row, i + 1]))) });
  run.log({ rgb: new wandb.Object3D(cloud(rows.map((row) => [...row, 128, 128, 128]))) });
  run.log({
    scene: new wandb.Object3D({
      type: "lidar/beta",
      points: cloud(rows),
      boxes: [
        {
          corners: [
            [0, 0, 0],
            [0, 1, 0],
            [0, 0, 1],
            [1, 0, 0],
            [1, 1, 0],
            [0, 1, 1],
            [1, 0, 1],
            [1, 1, 1],
          ],
          label: "box",
          color: [255, 0, 0],
        },
      ],
      vectors: [{ start: [0, 0, 0], end: [1, 1, 1] }],
    }),
  });
  run.log({ model: new wandb.Object3D("fixtures/model.obj") });
  run.log({
    list: [
      new wandb.Object3D(cloud(rows)),
      new wandb.Object3D(cloud(rows.map((row) => row.map((value) => value + 1)))),
    ],
  });
  await run.finish();
}
