"""Alerts of every level, with a waiting time."""
import wandb

run = wandb.init()
run.alert(title="default", text="an alert")
run.alert(title="warning", text="of two\nlines", level="WARN", wait_duration=0)
run.alert(title="error", text="\u00e9", level="ERROR", wait_duration=300)
run.finish()
