"""Prints the arrays that values.py makes of descriptions, for a comparison with those of values.ts."""

import json
import sys

from values import array


def main():
    made = [array(description) for description in json.load(sys.stdin)]
    shown = [{"dtype": str(m.dtype), "shape": list(m.shape), "hex": m.tobytes().hex()} for m in made]
    json.dump(shown, sys.stdout)


if __name__ == "__main__":
    main()
