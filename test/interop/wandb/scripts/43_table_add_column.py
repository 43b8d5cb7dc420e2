"""Columns added later, computed columns, rows added after logging to a mutable table."""
import wandb

run = wandb.init()
table = wandb.Table(columns=["a"], data=[[1], [2], [3]])
table.add_column("b", [10.5, 20.5, 30.5])
table.add_computed_columns(lambda index, row: {"c": row["a"] * index})
run.log({"table": table})
mutable = wandb.Table(columns=["x"], log_mode="MUTABLE")
mutable.add_data(1)
run.log({"mutable": mutable})
mutable.add_data(2)
run.log({"mutable": mutable})
run.finish()
