"""Long keys, long values, many keys in one row."""
import wandb

run = wandb.init(config={"long": "c" * 20000})
run.log({"k" * 300: 1, "text": "t" * 100000})
run.log({f"key{i:04d}": i for i in range(1000)})
run.finish()
