"""Histograms of whole, negative, equal and few values, of typed arrays, of fractions as edges; long lists and arrays beside them."""
import numpy as np

import wandb

run = wandb.init()
run.log({"ints": wandb.Histogram(np.arange(-50, 50, dtype=np.int32)), "one": wandb.Histogram([3.5])})
run.log({"float32": wandb.Histogram(np.arange(64, dtype=np.float32) / 7, num_bins=7)})
run.log({"edges": wandb.Histogram(np_histogram=([0.5, 1.5], [0.25, 0.5, 1.75]))})
run.log({"bytes": wandb.Histogram(np.arange(256, dtype=np.uint8), num_bins=16)})
run.log({"most": wandb.Histogram([i * i / 17 for i in range(1000)], num_bins=512)})
run.log({"tiny": wandb.Histogram([1e-300, 2e-300, 3e-300], num_bins=2), "huge": wandb.Histogram([1e300, -1e300], num_bins=4)})
run.log({"in_list": {"h": wandb.Histogram([1, 2])}, "long_list": list(range(100)), "bools": [True, False]})
run.finish()
