"""An incremental table logged three times."""
import wandb

run = wandb.init()
table = wandb.Table(columns=["step", "value"], log_mode="INCREMENTAL")
for i in range(3):
    table.add_data(i, i * 1.5)
    run.log({"growing": table})
run.finish()
