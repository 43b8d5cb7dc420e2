"""The functions of the module instead of the run's."""
import wandb

wandb.init(config={"a": 1})
wandb.log({"x": 1})
wandb.config.update({"b": 2})
wandb.config["c"] = 3
wandb.summary["best"] = 5
wandb.define_metric("y", summary="max")
wandb.log({"y": 2})
wandb.log({"y": 1})
wandb.finish()
