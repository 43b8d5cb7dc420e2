"""Turns the value descriptions of cases.ts into numbers and arrays; values.ts does the same, bit for bit."""

import math
import os

import numpy as np


def uniforms(seed, count):
    """A linear congruential generator with exact integer arithmetic: doubles in [0, 1) that any language repeats."""
    state = seed
    out = []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out.append(state / 4294967296)
    return out


def typed(values, shape, dtype):
    if dtype == "bool":
        return np.array([bool(v) for v in values], dtype=bool).reshape(shape)
    if dtype.startswith("float"):
        with np.errstate(over="ignore"):
            return np.array(values, dtype=np.float64).astype(dtype).reshape(shape)
    return np.array([math.floor(v) for v in values], dtype=dtype).reshape(shape)


def shape_of(nested):
    return [len(nested), *(shape_of(nested[0]) if nested else [])] if isinstance(nested, list) else []


def flatten(nested):
    return [leaf for part in nested for leaf in flatten(part)] if isinstance(nested, list) else [nested]


def array(description):
    dtype = description.get("dtype", "float32")
    if "$array" in description:
        nested = description["$array"]
        return typed([float(v) if isinstance(v, str) else v for v in flatten(nested)], shape_of(nested), dtype)
    if "$arange" in description:
        shape = description["$arange"]
        start, step = description.get("start", 0), description.get("step", 1)
        return typed([start + i * step for i in range(math.prod(shape))], shape, dtype)
    if "$normal" in description:
        shape = description["$normal"]
        count = math.prod(shape)
        draws = uniforms(description["seed"], 12 * count)
        out = []
        for i in range(count):
            total = 0.0
            for draw in draws[12 * i : 12 * i + 12]:
                total += draw
            out.append(description.get("mean", 0) + description.get("std", 1) * (total - 6))
        return typed(out, shape, dtype)
    shape = description["$rand"]
    low, high = description.get("low", 0), description.get("high", 1)
    return typed([low + u * (high - low) for u in uniforms(description["seed"], math.prod(shape))], shape, dtype)


def figure(pixels):
    """A matplotlib figure that shows exactly these pixels (height, width, 3)."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    height, width = pixels.shape[:2]
    made = Figure(figsize=(width / 100, height / 100), dpi=100)
    made.figimage(pixels, resize=False)
    return made


def decode(value, inputs):
    """`inputs` is the folder of the files that calls name."""
    if isinstance(value, list):
        return [decode(item, inputs) for item in value]
    if not isinstance(value, dict):
        return value
    if "$num" in value:
        return float(value["$num"])
    if "$file" in value:
        return os.path.join(inputs, value["$file"])
    if "$figure" in value:
        return figure(array(value["$figure"]))
    if any(key in value for key in ("$array", "$arange", "$normal", "$rand")):
        import torch

        return torch.from_numpy(array(value))
    return {key: decode(item, inputs) for key, item in value.items()}
