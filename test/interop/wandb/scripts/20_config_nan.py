"""NaN and the infinities in config."""
import wandb

run = wandb.init(config={"nan": float("nan"), "inf": float("inf"), "nested": {"minus": float("-inf")}})
run.finish()
