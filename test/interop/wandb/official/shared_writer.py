"""One writer of a shared run of the official client: argv is its role; it ends when the file UNTIL is there."""
import os
import sys
import time

import wandb

role = sys.argv[1]
mode = os.environ.get("WRITER_MODE", "shared")
primary = role == "lead"
settings = wandb.Settings(x_label=role, x_primary=primary,
                          x_update_finish_state=primary, x_disable_stats=True, console="wrap")
run = wandb.init(id="shared", mode=mode, name="three", tags=["t"], config={"lr": 0.1} if primary else None,
                 settings=settings)
run.define_metric(f"{role}/epoch")
run.define_metric(f"{role}/*", step_metric=f"{role}/epoch")
for i in range(10):
    run.log({f"{role}/loss": 1 / (i + 1), f"{role}/epoch": i})
run.log({f"{role}/part": 1}, commit=False)
run.log({f"{role}/whole": 2})
print(f"line of {role}")
run.summary[f"{role}/best"] = 3
artifact = wandb.Artifact(f"model-{role}", type="model")
with artifact.new_file("weights.txt") as file:
    file.write(f"weights of {role}")
logged = run.log_artifact(artifact)
if mode != "offline":
    logged.wait()
with open(f"{role}.txt", "w") as file:
    file.write(role)
run.save(f"{role}.txt", policy="now")
os.write(1, b"started\n")  # not a line of the run's console
while not os.path.exists(os.environ.get("UNTIL", "/")):
    time.sleep(0.02)
run.finish()
