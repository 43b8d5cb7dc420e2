"""Column types of a table: numbers, texts, truth values, missing cells, mixed numbers."""
import wandb

run = wandb.init()
table = wandb.Table(columns=["n", "f", "s", "b", "optional"])
table.add_data(1, 0.5, "x", True, None)
table.add_data(2, 1.25, "y", False, 3)
table.add_data(3, float("nan"), "", True, None)
run.log({"table": table})
run.log({"data": wandb.Table(columns=["a", "b"], data=[[1, "one"], [2, "two"]])})
run.log({"empty": wandb.Table(columns=["nothing"], data=[])})
run.log({"mixed": wandb.Table(columns=["any"], data=[[1], ["text"], [None]], allow_mixed_types=True)})
run.finish()
