"""save() with globs, base path and the three policies; files changed after the call."""
import os

import wandb

os.makedirs("out/deep")
for name in ("out/a.txt", "out/deep/b.txt", "out/end.csv", "out/live.log"):
    with open(name, "w") as file:
        file.write(f"first {name}")
run = wandb.init()
run.save("out/*.txt", policy="now")
run.save("out/deep/b.txt", base_path="out", policy="now")
run.save("out/end.csv", policy="end")
run.save("out/live.log", base_path="out", policy="live")
for name in ("out/end.csv", "out/live.log"):
    with open(name, "a") as file:
        file.write(" and more")
run.finish()
