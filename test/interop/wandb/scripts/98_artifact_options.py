"""Policies, an incremental version, an explicit latest, no metadata, a long description, the same file twice."""
import wandb

for name in ("a.txt", "b.txt"):
    with open(name, "w") as file:
        file.write(f"content of {name}")
run = wandb.init()
one = wandb.Artifact("one.v-1_x", type="data set", description="d" * 2000)
one.add_file("a.txt", policy="immutable")
one.add_file("a.txt", policy="immutable")
one.add_file("b.txt", name="deep/er/b.txt", skip_cache=True)
run.log_artifact(one, aliases=["latest", "best"])
grown = wandb.Artifact("grown", type="dataset", incremental=True)
grown.add_file("a.txt")
run.log_artifact(grown)
numbers = wandb.Artifact("numbers", type="dataset", metadata={"f": 1.0, "nan": float("nan"), "list": [1, [2]], "none": None})
numbers.ttl = None
with numbers.new_file("n") as file:
    file.write("n")
run.log_artifact(numbers, tags=["t1"])
run.finish()
