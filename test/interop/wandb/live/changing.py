"""Files of each policy that change while the run is uploaded, and a progress bar that is drawn over many seconds."""
import sys
import time

import wandb

run = wandb.init(id="live")


def write(text):
    for policy in ("live", "now", "end"):
        with open(f"{policy}.txt", "w") as file:
            file.write(f"{policy} {text}")


write("first")
for policy in ("live", "now", "end"):
    run.save(f"{policy}.txt", policy=policy)
run.mark_preempting()
print("begin")
for i in range(9):
    sys.stdout.write(f"\rdone {i} of 8")
    sys.stdout.flush()
    time.sleep(1)
    if i == 6:
        write("second, longer")
print("\nend")
write("third, the longest")
run.finish()
