"""plot.line, scatter, bar, histogram."""
import wandb

run = wandb.init()
table = wandb.Table(columns=["x", "y", "label", "value"], data=[[i, i * i, f"l{i}", i / 3] for i in range(5)])
run.log({"line": wandb.plot.line(table, "x", "y", title="a line")})
run.log({"scatter": wandb.plot.scatter(table, "x", "y", title="points")})
run.log({"bar": wandb.plot.bar(table, "label", "value", title="bars")})
run.log({"histogram": wandb.plot.histogram(table, "value", title="counts")})
run.finish()
