"""Config at init, update, single items, changes that are allowed."""
import wandb

run = wandb.init(config={"lr": 0.1, "layers": 3, "name": "net"})
run.config.update({"batch": 32, "lr": 0.2}, allow_val_change=True)
run.config["dropout"] = 0.5
run.config.optimizer = "adam"
run.config.update({"layers": 4}, allow_val_change=True)
run.config.setdefaults({"lr": 99, "fresh": 1})
run.log({"a": 1})
run.config["after_log"] = True
run.finish()
