"""A settings file of the folder, and variables that few use."""
import os

import wandb

os.makedirs("wandb")
with open("wandb/settings", "w") as file:
    file.write("[default]\nrun_group = from file\nrun_job_type = from file\nrun_notes = 100%% of it\n")
os.environ.update({"WANDB_JOB_TYPE": "by variable", "WANDB_TAGS": "a,b c", "WANDB_IGNORE_GLOBS": "*.tmp,skip/*",
                   "WANDB_HOST": "renamed-host"})
os.makedirs("skip")
for name in ("kept.txt", "left.tmp", "skip/a.txt"):
    with open(name, "w") as file:
        file.write(name)
run = wandb.init()
for name in ("kept.txt", "left.tmp", "skip/a.txt"):
    run.save(name, policy="now")
run.log({"a": 1})
run.finish()
