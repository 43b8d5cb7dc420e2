"""Numbers of every size, printed and read again."""
import wandb

run = wandb.init()
for i in range(200):
    x = ((i * 2654435761 + 12345) % 4294967296) / 4294967296
    run.log({"x": x, "scaled": x * 10 ** (i % 40 - 20), "power": 2.0 ** (i * 5 - 500) * (x + 0.5), "int": (i * 13) ** 4})
run.finish()
