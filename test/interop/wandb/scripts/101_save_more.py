"""Globs over folders, an absolute path, one file under two policies, a file that goes away, names with spaces."""
import os

import wandb

os.makedirs("deep/a/b")
for name in ("deep/one.txt", "deep/a/two.txt", "deep/a/b/three.txt", "deep/with space.txt", "gone.txt", "twice.txt"):
    with open(name, "w") as file:
        file.write(name)
run = wandb.init()
run.save("deep/**/*.txt", policy="now")
run.save(os.path.abspath("deep/a/two.txt"), policy="now")
run.save("deep/with space.txt", base_path="deep", policy="end")
run.save("gone.txt", policy="now")
run.save("twice.txt", policy="now")
with open("twice.txt", "w") as file:
    file.write("second")
run.save("twice.txt", policy="end")
os.remove("gone.txt")
run.finish()
