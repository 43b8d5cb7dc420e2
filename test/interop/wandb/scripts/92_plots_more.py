"""Plots with their defaults, lines told apart by a column, chosen classes, scores for the matrix, charts in nested keys beside values."""
import wandb

run = wandb.init()
table = wandb.Table(columns=["x", "y", "kind"], data=[[i, i * 2, "even" if i % 2 == 0 else "odd"] for i in range(6)])
run.log({"stroke": wandb.plot.line(table, "x", "y", stroke="kind"), "beside": 1})
run.log({"nested": {"chart": wandb.plot.scatter(table, "x", "y")}})
truth = [0, 1, 2, 2, 1, 0, 1, 2]
scores = [[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.2, 0.2, 0.6], [0.1, 0.5, 0.4],
          [0.3, 0.4, 0.3], [0.5, 0.25, 0.25], [0.4, 0.35, 0.25], [0.05, 0.05, 0.9]]
run.log({"pr": wandb.plot.pr_curve(truth, scores)})
run.log({"pr_some": wandb.plot.pr_curve(truth, scores, labels=["a", "b", "c"], classes_to_plot=[0, 2], interp_size=5)})
run.log({"roc": wandb.plot.roc_curve(truth, scores, classes_to_plot=[1])})
run.log({"matrix": wandb.plot.confusion_matrix(y_true=truth, probs=scores)})
run.log({"matrix_split": wandb.plot.confusion_matrix(y_true=truth, preds=[0, 1, 2, 1, 1, 0, 0, 2], split_table=True)})
run.log({"series": wandb.plot.line_series(xs=[[0, 1], [5, 6, 7]], ys=[[1, 2], [3, 4, 5]])})
run.log({"bar": wandb.plot.bar(table, "kind", "y", split_table=True)})
run.finish()
