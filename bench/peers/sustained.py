"""Scalars a second from the first add_scalar to the closed event file."""

import json
import sys
import time

import torch.utils.tensorboard
import tensorboardX

given = json.loads(sys.argv[1])
calls = given["calls"]
figures = {}
for name, make_writer in [
    ("torch", torch.utils.tensorboard.SummaryWriter),
    ("tensorboardX", tensorboardX.SummaryWriter),
]:
    writer = make_writer(f"{given['dir']}/{name}")
    started = time.perf_counter()
    for step in range(calls):
        writer.add_scalar("train/loss", 1 / (step + 1), step)
    writer.close()
    figures[name] = calls / (time.perf_counter() - started)
print(json.dumps(figures))
