"""Import of PyTorch's and tensorboardX's SummaryWriter, and a run of three scalars after the first."""

import json
import subprocess
import sys
import time
from statistics import median

given = json.loads(sys.argv[1])
figures = {}

# Each in a process of its own: one import would load half of the other.
for name, module in [("torch", "torch.utils.tensorboard"), ("tensorboardX", "tensorboardX")]:
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    figures[f"{name}_import"] = float(subprocess.check_output([sys.executable, "-c", code]))

import torch.utils.tensorboard
import tensorboardX

for name, make_writer in [
    ("torch", torch.utils.tensorboard.SummaryWriter),
    ("tensorboardX", tensorboardX.SummaryWriter),
]:
    opens, wholes = [], []
    for run in range(11):
        started = time.perf_counter()
        writer = make_writer(f"{given['dir']}/{name}-{run}")
        opened = time.perf_counter()
        for step in range(3):
            writer.add_scalar("loss", step, step)
        finishing = time.perf_counter()
        writer.close()
        ended = time.perf_counter()
        if run > 0:
            opens.append(opened - started)
            wholes.append(ended - finishing + opened - started)
    figures[f"{name}_open"] = median(opens)
    figures[f"{name}_whole"] = median(wholes)
print(json.dumps(figures))
