"""plot.pr_curve, roc_curve, confusion_matrix."""
import wandb

run = wandb.init()
truth = [0, 0, 1, 1, 0, 1, 1, 0]
probabilities = [[1 - p, p] for p in (0.1, 0.4, 0.35, 0.8, 0.2, 0.9, 0.6, 0.7)]
run.log({"pr": wandb.plot.pr_curve(truth, probabilities, labels=["no", "yes"], title="precision")})
run.log({"roc": wandb.plot.roc_curve(truth, probabilities, labels=["no", "yes"], title="roc")})
run.log({"confusion": wandb.plot.confusion_matrix(
    y_true=truth, preds=[0, 0, 0, 1, 0, 1, 1, 1], class_names=["no", "yes"], title="confusion")})
run.finish()
