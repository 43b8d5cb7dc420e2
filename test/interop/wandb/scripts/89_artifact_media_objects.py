"""Every kind of media object in an artifact, from files and made here; a table with media; the same object twice."""
import numpy as np

import wandb

run = wandb.init()
artifact = wandb.Artifact("media", type="dataset")
pixels = np.full((3, 3, 3), 5, dtype=np.uint8)
labels = {0: "zero", 1: "one"}
boxes = {"p": {"box_data": [{"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}, "class_id": 1}],
               "class_labels": labels}}
masks = {"m": {"mask_data": np.ones((3, 3), dtype=np.uint8), "class_labels": labels}}
classes = wandb.Classes([{"id": 0, "name": "zero"}, {"id": 1, "name": "one"}])
artifact.add(wandb.Image("fixtures/picture.png", caption="file"), "image/file")
artifact.add(wandb.Image(pixels, boxes=boxes, masks=masks, classes=classes), "image/overlays")
artifact.add(wandb.Audio("fixtures/sound.wav", caption="sound"), "sound")
artifact.add(wandb.Video("fixtures/clip.mp4"), "clip")
artifact.add(wandb.Html("fixtures/page.html"), "page")
artifact.add(wandb.Object3D(np.arange(6, dtype=np.float64).reshape(2, 3) / 4), "cloud")
artifact.add(wandb.Molecule("fixtures/molecule.pdb"), "molecule")
table = wandb.Table(columns=["id", "image", "sound"])
table.add_data(1, wandb.Image(pixels + 1, caption="in a table"), wandb.Audio("fixtures/sound.wav"))
table.add_data(2, wandb.Image("fixtures/picture.png"), wandb.Audio("fixtures/sound.wav"))
artifact.add(table, "table")
artifact.add(table, "table-again")
run.log_artifact(artifact)
run.finish()
