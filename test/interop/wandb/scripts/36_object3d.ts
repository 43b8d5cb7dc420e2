import type * as Wandb from "tracelet/wandb";

/** Point clouds of 3, 4 and 6 columns, a scene, a model file, a list. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const cloud = (columns: number, value: (row: number, column: number) => number) => ({
    shape: [4, columns],
    data: Float64Array.from({ length: 4 * columns }, (_, i) => value(Math.floor(i / columns), i % columns)),
  });
  const at = (row: number, column: number): number => (row * 3 + column) / 4;
  const points = cloud(3, at);
  run.log({ xyz: new wandb.Object3D(points) });
  run.log({
    category: new wandb.Object3D(cloud(4, (row, column) => (column < 3 ? at(row, column) : row + 1))),
  });
  run.log({ rgb: new wandb.Object3D(cloud(6, (row, column) => (column < 3 ? at(row, column) : 128))) });
  run.log({
    scene: new wandb.Object3D({
      type: "lidar/beta",
      points,
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
    list: [new wandb.Object3D(points), new wandb.Object3D(cloud(3, (row, column) => at(row, column) + 1))],
  });
  await run.finish();
}
