"""An artifact whose files are known by XXH128, with a reference and the same content again, beside one with MD5."""
import wandb

run = wandb.init()
for name, algorithm in (("fast", "XXH128"), ("plain", "MD5"), ("fast", "XXH128"), ("plain", "XXH128")):
    artifact = wandb.Artifact(name, type="dataset", digest_algorithm=algorithm)
    with artifact.new_file("content.txt") as file:
        file.write("of both")
    with artifact.new_file("empty") as file:
        file.write("")
    artifact.add_dir("fixtures", name="dir")
    artifact.add_reference("https://example.com/x", name="page", checksum=False)
    run.log_artifact(artifact)
run.finish()
