"""Asks a running TensorBoard for everything its pages show and prints the answers as canonical JSON.

Input:  {"address": "http://127.0.0.1:port", "runs": number of runs to wait for, "hparams": ask for that page too}
Output: {"provider": the reader behind the server, "answers": {"question run tag": answer}}
        pictures, sounds and tensors are decoded; an answer that names no run holds all runs
"""

import json
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import canonical
import numpy as np
from server import Server, wait_until_loaded


def blobs(server, plugin, individual, series):
    """A series of pictures or sounds, each fetched and decoded; the address of a blob is no content."""
    if not isinstance(series, list):
        return canonical.served(series)
    out = []
    for point in series:
        kind, data = server.ask(f"/data/plugin/{plugin}/{individual}", parse_qs(point["query"]))[1:]
        rest = canonical.served({key: value for key, value in point.items() if key != "query"})
        out.append({**rest, "mime": kind, "content": canonical.content(data)})
    return out


def blob_series(server, plugin, individual, run, tag):
    answer = server.json(f"{plugin}/{plugin}", query={"run": run, "tag": tag, "sample": 0})
    return blobs(server, plugin, individual, answer)


def scalars_csv(server, query):
    data = server.ask("/data/plugin/scalars/scalars", {**query, "format": "csv"})[2]
    rows = [line.split(",") for line in data.decode().splitlines()]
    return [[canonical.wall_time(float(row[0])), *row[1:]] if i else row for i, row in enumerate(rows)]


def series_of(server, ask):
    """The tabs that show series by run and tag. `ask(question, function, ...)` puts an answer under its question."""

    def each(plugin):
        listed = server.json(f"{plugin}/tags")
        for tags in listed.values():
            if isinstance(tags, list):
                tags.sort()  # the fast reader lists them in the order of a hash map
        ask(f"{plugin}/tags", canonical.served, listed)
        return [({"run": run, "tag": tag}, f"{run} {tag}") for run in sorted(listed) for tag in sorted(listed[run])]

    runs_of = {}
    for query, name in each("scalars"):
        runs_of.setdefault(query["tag"], []).append(query["run"])
        ask(f"scalars/scalars {name}", server.served, "scalars/scalars", query=query)
        ask(f"scalars/csv {name}", scalars_csv, server, query)
    for tag, runs in runs_of.items():
        form = {"tag": tag, "runs": runs}
        ask(f"scalars/scalars_multirun {tag}", server.served, "scalars/scalars_multirun", form=form)
    for plugin in ("histograms", "distributions", "pr_curves"):
        for query, name in each(plugin):
            ask(f"{plugin} {name}", server.served, f"{plugin}/{plugin}", query=query)
    for plugin, individual in (("images", "individualImage"), ("audio", "individualAudio")):
        for query, name in each(plugin):
            ask(f"{plugin} {name}", blob_series, server, plugin, individual, query["run"], query["tag"])
    for query, name in each("text"):
        for markdown in ("true", "false"):
            asked = {**query, "markdown": markdown}
            ask(f"text-markdown={markdown} {name}", server.served, "text/text", query=asked)


def mesh_sample(server, query):
    """The list of a mesh's parts, each with its numbers."""
    kinds = {1: ("VERTEX", np.float32), 2: ("FACE", np.int32), 3: ("COLOR", np.uint8)}
    out = []
    points = server.json("mesh/meshes", query=query)
    for point in sorted(points, key=lambda each: (each["step"], each["content_type"])):
        kind, dtype = kinds[point["content_type"]]
        asked = {**query, "step": point["step"], "content_type": kind}
        status, _, data = server.ask("/data/plugin/mesh/data", asked)
        read = canonical.numbers(np.frombuffer(data, dtype).tolist()) if status == 200 else status
        out.append({**canonical.served(point), "data": read})
    return out


def meshes(server, ask):
    listed = server.json("mesh/tags")
    ask("mesh/tags", canonical.served, listed)
    for run, tags in sorted(listed.items()):
        for tag, about in sorted(tags.items()):
            for sample in range(about["samples"]):
                query = {"run": run, "tag": tag, "sample": sample}
                ask(f"mesh {run} {tag} sample {sample}", mesh_sample, server, query)


def graph_text(server, path, query, kind):
    from google.protobuf import text_format

    text = server.ask(f"/data/plugin/graphs/{path}", query)[2].decode()
    return canonical.message(text_format.Parse(text, kind()))


def graphs(server, ask):
    from tensorboard.compat.proto.config_pb2 import RunMetadata
    from tensorboard.compat.proto.graph_pb2 import GraphDef

    listed = server.json("graphs/info")
    ask("graphs/info", canonical.served, listed)
    for run, about in sorted(listed.items()):
        if about["run_graph"]:
            ask(f"graphs/graph {run}", graph_text, server, "graph", {"run": run}, GraphDef)
        for tag in sorted(about["tags"]):
            query = {"run": run, "tag": tag}
            ask(f"graphs/run_metadata {run} {tag}", graph_text, server, "run_metadata", query, RunMetadata)


def custom_scalars(server, ask):
    layout = server.json("custom_scalars/layout")
    ask("custom_scalars/layout", canonical.served, layout)
    charts = [chart for category in layout.get("category", []) for chart in category.get("chart", [])]
    patterns = {tag for chart in charts for tag in chart.get("multiline", {}).get("tag", [])}
    for run, tags in sorted(server.json("scalars/tags").items()):
        for pattern in sorted(patterns):
            if any(re.match(pattern, tag) for tag in tags):
                query = {"run": run, "tag": pattern}
                ask(f"custom_scalars/scalars {run} {pattern}", server.served, "custom_scalars/scalars", query=query)


def hparams(server, ask):
    ask("hparams/experiment", server.served, "hparams/experiment", body={})
    statuses = [f"STATUS_{name}" for name in ("UNKNOWN", "SUCCESS", "FAILURE", "RUNNING")]
    request = {"allowedStatuses": statuses, "startIndex": 0, "sliceSize": 100}
    groups = server.json("hparams/session_groups", body=request)
    groups["sessionGroups"].sort(key=lambda group: group["sessions"][0]["name"])
    for group in groups["sessionGroups"]:
        del group["name"]  # a digest
        for session in group["sessions"]:
            for metric in session.get("metricValues", []):
                body = {"sessionName": session["name"], "metricName": metric["name"]}
                key = f"hparams/metric_evals {session['name']} {json.dumps(metric['name'])}"
                ask(key, server.served, "hparams/metric_evals", body=body)
    ask("hparams/session_groups", canonical.served, groups)


def projector_part(server, part, query):
    status, _, data = server.ask(f"/data/plugin/projector/{part}", query)
    if status != 200:
        return status
    return canonical.numbers(np.frombuffer(data, "<f4").tolist()) if part == "tensor" else canonical.content(data)


def projector(server, ask):
    runs = sorted(server.json("projector/runs"))
    ask("projector/runs", canonical.served, runs)
    for run in runs:
        config = server.json("projector/info", query={"run": run})
        ask(f"projector/info {run}", canonical.served, config)
        for embedding in config.get("embeddings", []):
            query = {"run": run, "name": embedding["tensorName"]}
            for part in ("tensor", "metadata", "sprite_image"):
                ask(f"projector/{part} {run} {embedding['tensorName']}", projector_part, server, part, query)


def time_series_card(server, request):
    answer = server.json("timeseries/timeSeries", form={"requests": json.dumps([request])})
    if request["plugin"] == "images":
        for point in answer[0].get("runToSeries", {}).get(request["run"], []):
            data = server.ask("/data/plugin/timeseries/imageData", {"imageId": point.pop("imageId")})[2]
            point["content"] = canonical.content(data)
    return canonical.served(answer)


def time_series(server, ask):
    """The page most people look at."""
    tags = server.json("timeseries/tags")
    ask("timeseries/tags", canonical.served, tags)
    asked = []
    for plugin in ("scalars", "histograms"):
        for run, found in sorted(tags[plugin]["runTagInfo"].items()):
            asked += [{"plugin": plugin, "tag": tag, "run": run} for tag in sorted(found)]
    for tag, found in sorted(tags["images"]["tagRunSampledInfo"].items()):
        asked += [{"plugin": "images", "tag": tag, "run": run, "sample": 0} for run in sorted(found)]
    for request in asked:
        key = f"timeseries/{request['plugin']} {request['run']} {request['tag']}"
        ask(key, time_series_card, server, request)


def plugins_listing(server):
    """The projector shows here only some time after it has been asked for, so this is the last question."""
    deadline = time.monotonic() + 5
    while True:
        listing = json.loads(server.ask("/data/plugins_listing")[2])
        if listing["projector"]["enabled"] or not server.json("projector/runs") or time.monotonic() > deadline:
            return {name: about["enabled"] for name, about in sorted(listing.items())}
        time.sleep(0.05)


def main():
    request = json.load(sys.stdin)
    server = Server(request["address"])
    runs = wait_until_loaded(server, request["runs"])
    out = {"runs": sorted(canonical.path(run) for run in runs)}
    with ThreadPoolExecutor(max_workers=12) as pool:
        asked = {}

        def ask(question, function, *args, **kwargs):
            asked[canonical.key(question)] = pool.submit(function, *args, **kwargs)

        for part in (series_of, meshes, graphs, custom_scalars, projector, time_series):
            part(server, ask)
        if request.get("hparams"):
            hparams(server, ask)
        out.update({question: answer.result() for question, answer in asked.items()})
    out["plugins_listing"] = plugins_listing(server)
    provider = json.loads(server.ask("/data/environment")[2])["debug"]["data_provider"]
    json.dump({"provider": provider, "answers": out}, sys.stdout, allow_nan=False)


if __name__ == "__main__":
    main()
