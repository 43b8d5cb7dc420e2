"""Begins a run that another goes on with: steps with a gap, metrics, config, tags, notes, console, an artifact."""
import os
import sys
import time

import wandb

run = wandb.init(
    id="chain", name="the chain", tags=["old", "kept"], notes="of the first", group="g", job_type="t",
    config={"lr": 0.1, "nested": {"a": 1, "b": [1, 2]}, "inf": float("inf")},
    resume=os.environ.get("CHAIN_RESUME") or None,
)
run.define_metric("val", summary="min")
run.define_metric("deep.*", step_metric="epoch")
for i in range(5):
    run.log({"loss": 1 / (i + 1), "val": [3, 1, 2, 5, 4][i], "deep": {"x": i, "y": {"z": -i}}, "epoch": i})
run.log({"loss": 0.05, "nan": float("nan")}, step=9)
print("line of the first")
print("progress 1\rprogress 2")
run.summary["given"] = {"by": "hand"}
run.config.update({"late": True})
os.makedirs("made", exist_ok=True)
for name in ("a.txt", "b.txt"):
    with open(f"made/{name}", "w") as file:
        file.write(f"content of {name}")
digest = os.environ.get("CHAIN_DIGEST", "MD5")
artifact = wandb.Artifact("set", type="dataset", metadata={"k": [1]}, description="d", digest_algorithm=digest)
artifact.add_dir("made")
run.log_artifact(artifact, aliases=["first"]).wait()
time.sleep(1.5)
if os.environ.get("CHAIN_RESUME") == "auto":
    run.finish(exit_code=3)
    sys.exit(0)
run.finish()
