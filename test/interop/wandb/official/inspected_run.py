"""An offline run with something of everything that `tracelet inspect` shows."""
import os
import sys

import numpy as np
import wandb

with open("model.bin", "wb") as file:
    file.write(b"m" * 1000)
run = wandb.init(
    id="official1", name="calm lake", notes="one\ntwo", tags=["a", "b"], group="g", job_type="train",
    config={"lr": 0.1, "model": {"layers": 3}},
)
run.define_metric("loss", summary="min")
for step in range(1000):
    run.log({"loss": 1000 - step, "nan": float("nan"), "nested": {"up": step}})
run.log({"picture": wandb.Image(np.zeros((2, 2, 3), dtype=np.uint8)), "note": "text"})
run.config["late"] = True
run.summary["best"] = 0.875
artifact = wandb.Artifact("weights", type="model")
artifact.add_file("model.bin")
run.log_artifact(artifact, aliases=["best"])
run.save("model.bin")
print("trained")
run.finish(exit_code=4)
sys.stdout.flush()
os._exit(0)
