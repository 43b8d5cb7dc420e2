"""The same fields by environment variables; an argument wins over its variable."""
import os

import wandb

os.environ.update({
    "WANDB_NAME": "by variable", "WANDB_NOTES": "notes by variable", "WANDB_TAGS": "x,y",
    "WANDB_RUN_GROUP": "group by variable", "WANDB_JOB_TYPE": "type by variable",
})
run = wandb.init(job_type="by argument")
run.log({"a": 1})
run.finish()
