"""NaN and the infinities, alone, nested and in lists."""
import wandb

nan, inf = float("nan"), float("inf")
run = wandb.init()
run.log({"a": nan, "b": inf, "c": -inf, "ok": 1})
run.log({"nested": {"a": nan, "b": [1, nan, inf, -inf]}})
run.log({"a": 2.5})
run.summary["explicit_nan"] = nan
run.summary["explicit_inf"] = inf
run.finish()
