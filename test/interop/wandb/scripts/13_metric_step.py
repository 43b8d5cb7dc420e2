"""define_metric with a step metric of its own."""
import wandb

run = wandb.init()
run.define_metric("epoch")
run.define_metric("val_loss", step_metric="epoch")
run.define_metric("lr", step_metric="undefined_before")
for i in range(6):
    row = {"loss": 1 / (i + 1)}
    if i % 2 == 0:
        row.update({"epoch": i // 2, "val_loss": 2 / (i + 1)})
    run.log(row)
run.log({"lr": 0.1})
run.finish()
