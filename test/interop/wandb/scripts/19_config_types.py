"""Types of config values: nested, lists, None, NaN, dates of the epoch, long and odd keys."""
import wandb

run = wandb.init(config={
    "nested": {"a": {"b": {"c": 1}}, "list": [1, [2, {"three": 3}]]},
    "none": None, "yes": True, "text": "t", "list": [1, 2.5, "x", None], "empty": {}, "empty_list": [],
    "dotted.key": 1, "slash/key": 2, "unicode \u4e2d\U0001f600": 3, "big": 9007199254740991, "tiny": 1e-9,
})
run.config["--dashed--"] = 1
run.finish()
