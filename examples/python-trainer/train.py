"""Fits a line to points on y = 3 x - 1 and prints what it does, a line of JSON for each step. Needs nothing but Python."""

import json
import math
import sys

learning_rate = float(sys.argv[1])
points = [(i / 25 - 1, 3 * (i / 25 - 1) - 1) for i in range(50)]
slope = offset = 0.0
for step in range(60):
    errors = [slope * x + offset - y for x, y in points]
    loss = sum(e * e for e in errors) / len(points)
    print(json.dumps({"step": step, "loss": loss, "slope": slope, "offset": offset}))
    if not math.isfinite(loss) or loss > 1e6:
        sys.exit(f"the loss is {loss}: the learning rate {learning_rate} is too high")
    slope -= learning_rate * 2 * sum(e * x for e, (x, _) in zip(errors, points)) / len(points)
    offset -= learning_rate * 2 * sum(errors) / len(points)
