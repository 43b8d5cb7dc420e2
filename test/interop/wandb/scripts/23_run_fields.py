"""Name, notes, tags, group and job type given at init."""
import wandb

run = wandb.init(
    name="first run \u00e9", notes="line one\nline two", tags=["baseline", "v1.0", "with space"],
    group="sweep-7", job_type="training",
)
run.log({"a": 1})
run.finish()
