"""A picture file with boxes and a mask from a file, groups, labels in lists, pictures of unequal size."""
import wandb

run = wandb.init()
boxes = {"p": {"box_data": [{"position": {"middle": [0.5, 0.5], "width": 0.2, "height": 0.1}, "class_id": 0}]}}
masks = {"m": {"path": "fixtures/picture.png", "class_labels": {0: "none", 11: "some"}}}
run.log({"file": wandb.Image("fixtures/picture.png", boxes=boxes, masks=masks, caption="all")})
run.log({"grouped": wandb.Image("fixtures/picture.png", grouping=2)})
run.log({"several": [wandb.Image("fixtures/picture.png"), wandb.Image("fixtures/picture.png", boxes=boxes)]})
labels = {"box_data": [{"position": {"minX": 1, "maxX": 3, "minY": 1, "maxY": 2}, "domain": "pixel", "class_id": 3,
                        "scores": {"s": 1}, "box_caption": "\u00e9"}], "class_labels": {3: "three", 4: "four"}}
run.log({"deep": {"key/with": wandb.Image("fixtures/picture.png", boxes={"one": labels, "two": labels})}})
run.finish()
