"""Name, notes and tags changed while the run goes on."""
import wandb

run = wandb.init(tags=["a"])
run.name = "renamed"
run.notes = "written later"
run.tags = run.tags + ("b",)
run.log({"a": 1})
run.tags += ("c",)
run.finish()
