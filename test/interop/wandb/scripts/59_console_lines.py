"""Console output: both streams, unicode, empty lines, a last line without an end."""
import sys

import wandb

run = wandb.init()
print("first line")
print("to stderr", file=sys.stderr)
print("\u00e9\u4e2d\U0001f600 and a\ttab")
print()
print("after an empty line")
print("two\nlines at once")
print("\x1b[31mcolour\x1b[0m stays")
print("x" * 5000)
print("no end", end="")
run.finish()
