"""Point clouds of 3, 4 and 6 columns, a scene, a model file, a list."""
import numpy as np

import wandb

run = wandb.init()
points = np.arange(12, dtype=np.float64).reshape(4, 3) / 4
run.log({"xyz": wandb.Object3D(points)})
run.log({"category": wandb.Object3D(np.hstack([points, np.array([[1], [2], [3], [4]])]))})
run.log({"rgb": wandb.Object3D(np.hstack([points, np.full((4, 3), 128.0)]))})
run.log({"scene": wandb.Object3D({
    "type": "lidar/beta",
    "points": points,
    "boxes": np.array([{"corners": [[0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0],
                                    [1, 1, 0], [0, 1, 1], [1, 0, 1], [1, 1, 1]],
                        "label": "box", "color": [255, 0, 0]}]),
    "vectors": np.array([{"start": [0, 0, 0], "end": [1, 1, 1]}]),
})})
run.log({"model": wandb.Object3D("fixtures/model.obj")})
run.log({"list": [wandb.Object3D(points), wandb.Object3D(points + 1)]})
run.finish()
