"""An official online run that touches everything the recording server offers; prints what it saw as JSON."""
import json
import os
import sys

import numpy as np
import wandb

seen = {"version": wandb.__version__}
os.makedirs("data", exist_ok=True)
for name, content in (("a.txt", b"hello"), ("b.bin", b"\0" * 100_000)):
    with open(f"data/{name}", "wb") as file:
        file.write(content)

run = wandb.init(id="online", config={"lr": 0.1, "nested": {"a": 1}}, name="first", tags=["t1"], notes="n",
                 group="g", job_type="train")
run.define_metric("epoch")
run.define_metric("loss", step_metric="epoch", summary="min")
run.define_metric("val/*", step_metric="epoch")
for i in range(5):
    run.log({"loss": 1 / (i + 1), "epoch": i, "val/x": i, "inf": float("inf"), "nan": float("nan")})
    print("line", i)
print("to stderr", file=sys.stderr)
run.log({
    "image": wandb.Image(np.arange(192).reshape(8, 8, 3).astype(np.uint8), caption="c"),
    "histogram": wandb.Histogram([1, 2, 3, 3]),
    "table": wandb.Table(columns=["a", "b"], data=[[1, "x"], [2, "y"]]),
})
run.summary["best"] = 3
run.config.update({"late": 5})
artifact = wandb.Artifact("ds", type="dataset", metadata={"k": 1}, description="d")
artifact.add_file("data/a.txt")
artifact.add_dir("data", name="dir")
artifact.add_reference("file://" + os.path.abspath("data/a.txt"), name="ref.txt")
with artifact.new_file("n.txt") as file:
    file.write("new")
run.log_artifact(artifact, aliases=["best"], tags=["tagged"]).wait()
run.alert("title", "text", level="WARN", wait_duration=1)
run.save("data/a.txt", policy="now")
run.finish()

run = wandb.init(id="online", resume="must")
seen["resumed"] = run.resumed
seen["resumed_loss"] = dict(run.summary["loss"])
run.log({"loss": 0.01})
used = run.use_artifact("ds:latest")
folder = used.download()
seen["downloaded"] = sorted(
    os.path.relpath(os.path.join(path, name), folder) for path, _, names in os.walk(folder) for name in names)
with open(os.path.join(folder, "dir/b.bin"), "rb") as file:
    seen["downloaded_bytes"] = len(file.read())
for content in ("two", "two"):
    artifact = wandb.Artifact("ds", type="dataset")
    artifact.add_file("data/a.txt")
    with artifact.new_file("n.txt") as file:
        file.write(content)
    run.log_artifact(artifact).wait()
    seen.setdefault("versions", []).append(artifact.version)
run.finish()

run = wandb.init(id="allowed", resume="allow")
run.log({"a": 1})
run.finish(exit_code=4)

api = wandb.Api()
found = api.run("tester/differential/online")
seen["state"] = found.state
seen["config"] = dict(found.config)
seen["best"] = found.summary["best"]
seen["history"] = [row["loss"] for row in found.history(keys=["loss"], pandas=False)]
seen["whole_history"] = len(found.history(pandas=False))
seen["scan"] = [row["loss"] for row in found.scan_history(keys=["loss"])]
seen["whole_scan"] = [row["_step"] for row in found.scan_history(page_size=2)]
seen["files"] = sorted(file.name for file in found.files())
found.file("data/a.txt").download(root="downloads")
with open("downloads/data/a.txt") as file:
    seen["file"] = file.read()
seen["logged"] = [artifact.name for artifact in found.logged_artifacts()]
seen["used"] = [artifact.name for artifact in found.used_artifacts()]
seen["runs"] = [item.id for item in api.runs("tester/differential", filters={"config.lr": 0.1})]
seen["failed_runs"] = [item.id for item in api.runs("tester/differential", filters={"state": "failed"})]
artifact = api.artifact("tester/differential/ds:best")
seen["artifact"] = [artifact.name, artifact.version, artifact.size, artifact.description, artifact.metadata]
seen["tags"] = list(artifact.tags)
seen["lineage"] = [artifact.logged_by().id, [user.id for user in artifact.used_by()]]
seen["collection"] = [item.name for item in api.artifacts("dataset", "tester/differential/ds")]
artifact.aliases.append("prod")
artifact.description = "changed"
artifact.save()
changed = api.artifact("tester/differential/ds:prod")
seen["changed"] = [changed.version, changed.description]
found.tags.append("zz")
found.config["late"] = 6
found.update()
again = wandb.Api().run("tester/differential/online")
seen["updated"] = [again.tags, again.config["late"]]
print("SEEN " + json.dumps(seen))
