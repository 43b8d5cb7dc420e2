"""Lines written in pieces, on both streams in turn, split characters, line ends of Windows, many lines."""
import sys

import wandb

run = wandb.init()
for piece in ("one ", "line ", "in pieces\n"):
    sys.stdout.write(piece)
sys.stdout.write("out starts, ")
sys.stderr.write("err whole\n")
sys.stdout.write("out ends\n")
sys.stdout.write("windows\r\nline ends\r\n")
sys.stdout.write("\r\rtwice\rover\n")
sys.stdout.write("ab\b\bc\n")
sys.stdout.write("erase\x1b[2Kd\n")
sys.stdout.write("\x1b[1;32mbold\x1b[0m \x1b[38;5;196mmany\x1b[0m\n")
for i in range(300):
    print(f"line {i}")
sys.stderr.write("\r 10%\r 20%\r 30%")
sys.stderr.write("\n")
print("   spaces around   ")
run.finish()
