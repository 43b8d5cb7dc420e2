"""Summary values of every kind, over and under logged ones, deep changes, NaN inside, removal and return."""
import wandb

run = wandb.init()
run.log({"a": {"b": 1, "c": 2}, "plain": 1, "over": 5})
run.summary["plain"] = {"now": "object"}
run.summary["a"] = 7
run.log({"plain": 2})
run.summary.update({"deep": {"x": {"y": {"z": 1}}}, "nan": {"inside": [float("nan"), 1]}, "none": None, "empty": {}})
run.summary["deep"]["x"]["y"]["z"] = 2
run.summary["deep"]["x"]["new"] = [1, {"k": 2}]
del run.summary["deep"]["x"]["y"]["z"]
del run.summary["over"]
run.summary["dotted.key"] = 1
run.log({"dotted.key": 2})
run.summary["_own"] = 3
run.summary["text"] = "\u00e9" * 10
run.finish()
