"""What the official wandb.Api reads of the project tester/differential, as JSON; its test reads the same with ours."""
import json
import math
import os
import sys

import wandb


def plain(value):
    """JSON has no words for some numbers; their names are compared."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def artifact_facts(artifact):
    return {
        "id": artifact.id, "name": artifact.name, "qualifiedName": artifact.qualified_name, "type": artifact.type,
        "version": artifact.version, "aliases": sorted(artifact.aliases), "tags": sorted(artifact.tags),
        "description": artifact.description, "metadata": artifact.metadata, "state": artifact.state,
        "size": artifact.size, "digest": artifact.digest, "commitHash": artifact.commit_hash,
        "fileCount": artifact.file_count, "createdAt": artifact.created_at, "historyStep": artifact.history_step,
        "entries": {entry.path: [entry.digest, entry.size, entry.ref] for entry in
                    artifact.manifest.entries.values()},
    }


def run_facts(run):
    return {
        "id": run.id, "name": run.name, "entity": run.entity, "project": run.project, "state": run.state,
        "config": run.config, "summary": run.summary_metrics, "tags": run.tags, "notes": run.notes,
        "group": run.group, "jobType": run.job_type, "createdAt": run.created_at, "storageId": run.storage_id,
        "systemMetrics": run.system_metrics, "lastHistoryStep": run.lastHistoryStep, "sweepName": run.sweep_name,
        "history": run.history(pandas=False), "system": run.history(stream="system", pandas=False),
        "loss": run.history(keys=["loss"], pandas=False), "sampled": run.history(keys=["loss"], samples=2, pandas=False),
        "scan": list(run.scan_history(page_size=3)), "scanLoss": list(run.scan_history(keys=["loss"])),
        "scanRange": list(run.scan_history(min_step=2, max_step=5)),
        "files": sorted([file.name, file.size, file.mimetype, file.md5] for file in run.files()),
        "pattern": sorted(file.name for file in run.files(pattern="%.json")),
        "logs": [[line.number, line.level, line.content] for line in run.console_logs()],
        "tail": [line.number for line in run.console_logs(last=2)],
        "metadata": run.metadata,
        "logged": sorted(artifact.name for artifact in run.logged_artifacts()),
        "used": sorted(artifact.name for artifact in run.used_artifacts()),
    }


api = wandb.Api()
project = "tester/differential"
dataset = api.artifact(f"{project}/ds:best")
sweep = api.sweep(f"{project}/sw1")
folder = dataset.download(root="official-download")
dataset.verify(folder)
entry = dataset.get_entry("n.txt").download(root="official-entry")
table = api.artifact(f"{project}/run-online-table:v0").get("table")
seen = {
    "runs": {run.id: run_facts(run) for run in api.runs(project, per_page=2)},
    "runCount": len(api.runs(project)),
    "newestFirst": [run.id for run in api.runs(project, order="-created_at")],
    "filtered": [run.id for run in api.runs(project, filters={"$or": [{"config.lr": 0.1}, {"state": "failed"}]})],
    "artifact": artifact_facts(dataset),
    "loggedBy": dataset.logged_by().id,
    "usedBy": [run.id for run in dataset.used_by()],
    "versions": [artifact.name for artifact in api.artifacts("dataset", f"{project}/ds")],
    "types": sorted(kind.name for kind in api.artifact_types(project)),
    "collections": sorted(item.name for item in api.artifact_collections(project, "dataset")),
    "exists": [api.artifact_exists(f"{project}/ds:best"), api.artifact_exists(f"{project}/ds:none")],
    "files": sorted(os.path.relpath(os.path.join(path, name), folder)
                    for path, _, names in os.walk(folder) for name in names),
    "entry": open(entry).read(),
    "table": [table.columns, table.data],
    "sweep": [sweep.id, sweep.name, sweep.state, sweep.config, sweep.order, sweep.expected_run_count,
              sweep.best_run().id, [run.id for run in sweep.runs]],
    "sweeps": [item.id for item in api.project("differential", "tester").sweeps()],
    "projects": [item.name for item in api.projects("tester")],
    "viewer": [api.viewer.username, api.viewer.email, api.viewer.entity],
    "defaultEntity": api.default_entity,
}
sys.stdout.write("SEEN " + json.dumps(plain(seen)) + "\n")
