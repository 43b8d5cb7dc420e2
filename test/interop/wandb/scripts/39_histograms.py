"""Histograms of values, with a number of bins, and binned by the caller."""
import numpy as np

import wandb

run = wandb.init()
values = [(i * 37 % 101) / 10 for i in range(300)]
run.log({"default": wandb.Histogram(values)})
run.log({"ten": wandb.Histogram(values, num_bins=10), "few": wandb.Histogram([1, 2, 2, 3], num_bins=4)})
run.log({"binned": wandb.Histogram(np_histogram=([1, 2, 3], [0, 1, 2, 3]))})
run.log({"constant": wandb.Histogram([5, 5, 5], num_bins=3), "integers": wandb.Histogram([0, 1, 2, 3])})
run.summary["at_the_end"] = wandb.Histogram([1, 2, 3], num_bins=2)
run.finish()
