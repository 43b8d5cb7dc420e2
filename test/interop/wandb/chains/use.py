"""Uses the artifact of the first run, logs its content again and then other content, and says what it found."""
import json
import os

import wandb

run = wandb.init(id="user")
used = run.use_artifact("set:first", type="dataset")
root = used.download()
found = {
    "name": used.name, "type": used.type, "version": used.version, "aliases": sorted(used.aliases),
    "metadata": used.metadata, "description": used.description, "digest": used.digest, "size": used.size,
    "loggedBy": used.logged_by().id,
    "entries": sorted([entry.path, entry.digest, entry.ref] for entry in used.manifest.entries.values()),
    "content": {},
}
for path, _, names in os.walk(root):
    for name in names:
        with open(os.path.join(path, name)) as file:
            found["content"][os.path.relpath(os.path.join(path, name), root)] = file.read()
used.verify(root)
digest = os.environ.get("CHAIN_DIGEST", "MD5")
same = wandb.Artifact("set", type="dataset", metadata={"k": [1]}, description="d", digest_algorithm=digest)
for name in ("a.txt", "b.txt"):
    same.add_file(os.path.join(root, name))
run.log_artifact(same, aliases=["again"]).wait()
other = wandb.Artifact("set", type="dataset", digest_algorithm=digest)
other.add_file(os.path.join(root, "a.txt"))
with other.new_file("c.txt") as file:
    file.write("of the second")
run.log_artifact(other, aliases=["second"]).wait()
draft = wandb.Artifact("input", type="dataset", digest_algorithm=digest)
with draft.new_file("i.txt") as file:
    file.write("made elsewhere")
run.use_artifact(draft).wait()
run.finish()
api = wandb.Api()
draft = api.artifact("input:latest")
found["draft"] = [draft.logged_by() is None, [user.id for user in draft.used_by()], draft.aliases]
found["same"] = [api.artifact("set:again").version, same.digest == used.digest]
found["other"] = api.artifact("set:second").version
found["usedBy"] = sorted(user.id for user in api.artifact("set:v0").used_by())
found["versions"] = sorted(item.name for item in api.artifacts("dataset", "set"))
with open("seen.json", "w") as file:
    json.dump(found, file)
