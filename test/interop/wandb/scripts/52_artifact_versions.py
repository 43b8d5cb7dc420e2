"""Three versions of one artifact of which two are the same content."""
import wandb

run = wandb.init()
for text, alias in (("one", "first"), ("two", "second"), ("two", "again")):
    artifact = wandb.Artifact("versions", type="dataset")
    with artifact.new_file("content.txt") as file:
        file.write(text)
    with artifact.new_file("common.txt") as file:
        file.write("the same in all")
    run.log_artifact(artifact, aliases=[alias])
run.finish()
