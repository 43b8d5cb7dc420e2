"""plot.line_series, and a chart of the user's own specification."""
import wandb

run = wandb.init()
run.log({"series": wandb.plot.line_series(
    xs=[0, 1, 2], ys=[[1, 2, 3], [3, 2, 1]], keys=["up", "down"], title="two", xname="step")})
table = wandb.Table(columns=["a", "b"], data=[[1, 2], [3, 4]])
run.log({"custom": wandb.plot_table(
    "wandb/line/v0", table, {"x": "a", "y": "b"}, {"title": "own"}, split_table=True)})
run.finish()
