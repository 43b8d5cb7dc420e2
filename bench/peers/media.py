"""add_histogram and add_image of PyTorch's and tensorboardX's SummaryWriter on the caller's thread."""

import json
import sys
import time
from statistics import median

import numpy as np
import torch.utils.tensorboard
import tensorboardX

given = json.loads(sys.argv[1])
values = np.sin(np.arange(1_000_000) * 0.37).astype(np.float32)
pixels = (np.arange(512 * 512 * 3) * 7 % 256).astype(np.uint8).reshape(512, 512, 3)
floats = pixels.astype(np.float32) / 255


def measure(call):
    times = []
    for step in range(given["calls"]):
        time.sleep(0.1)  # the same pace as ours
        before = time.perf_counter()
        call(step)
        times.append(time.perf_counter() - before)
    return median(times)


figures = {}
for name, make_writer in [
    ("torch", torch.utils.tensorboard.SummaryWriter),
    ("tensorboardX", tensorboardX.SummaryWriter),
]:
    writer = make_writer(f"{given['dir']}/{name}")
    figures[f"{name}_histogram"] = measure(lambda step: writer.add_histogram("histogram", values, step))
    figures[f"{name}_imageBytes"] = measure(lambda step: writer.add_image("image", pixels, step, dataformats="HWC"))
    figures[f"{name}_imageFloats"] = measure(lambda step: writer.add_image("image", floats, step, dataformats="HWC"))
    writer.close()
print(json.dumps(figures))
