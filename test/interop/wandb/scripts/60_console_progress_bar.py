"""A progress bar redrawn with carriage returns, then lines drawn over by cursor moves."""
import sys

import wandb

run = wandb.init()
print("before")
for i in range(11):
    sys.stdout.write(f"\r{i * 10:3d}% [{'#' * i}{'.' * (10 - i)}]")
    sys.stdout.flush()
print()
print("after")
sys.stdout.write("long text\rshort\n")
sys.stdout.write("one\ntwo\n\x1b[A\x1b[Aover\n\n")
print("end")
run.finish()
