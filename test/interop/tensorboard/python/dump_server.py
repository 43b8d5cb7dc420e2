"""Asks a running TensorBoard for everything its pages show and prints the answers as canonical JSON.

Input:  {"address": "http://127.0.0.1:port", "runs": number of runs to wait for}
Output: {question: answer}; pictures, sounds and tensors are decoded, other bytes digested
"""

import http.client
import json
import re
import sys
import time
from urllib.parse import parse_qs, urlencode, urlparse

import canonical
import numpy as np

TAG_LISTS = [
    "scalars/tags",
    "histograms/tags",
    "distributions/tags",
    "images/tags",
    "audio/tags",
    "text/tags",
    "pr_curves/tags",
    "mesh/tags",
    "graphs/info",
    "timeseries/tags",
    "custom_scalars/layout",
]
GIVE_UP_AFTER = 60


class Server:
    def __init__(self, address):
        self.connection = http.client.HTTPConnection(urlparse(address).netloc, timeout=60)

    def ask(self, path, query=None, form=None, body=None):
        """Returns (status, content type, bytes)."""
        target = path if query is None else f"{path}?{urlencode(query, doseq=True)}"
        if form is None and body is None:
            self.connection.request("GET", target)
        elif form is not None:
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            self.connection.request("POST", target, urlencode(form, doseq=True), kind)
        else:
            self.connection.request("POST", target, json.dumps(body), {"Content-Type": "application/json"})
        response = self.connection.getresponse()
        return response.status, response.getheader("Content-Type", ""), response.read()

    def json(self, plugin_path, **how):
        status, _, data = self.ask(f"/data/plugin/{plugin_path}", **how)
        if status != 200:
            return {"status": status, "text": data.decode("utf-8", "replace")[:200]}
        return json.loads(data)


def wait_until_loaded(server, runs):
    """The fast reader loads in the background: done when all runs are there and nothing changes any more."""
    deadline = time.monotonic() + GIVE_UP_AFTER
    before = None
    unchanged = 0
    while time.monotonic() < deadline:
        found = json.loads(server.ask("/data/runs")[2])
        now = [found, *(server.ask(f"/data/plugin/{tags}")[2] for tags in TAG_LISTS)]
        unchanged = unchanged + 1 if now == before else 0
        if len(found) >= runs and unchanged == 2:
            return found
        before = now
        time.sleep(0.1)
    raise RuntimeError(f"TensorBoard shows {len(found)} runs of {runs} after {GIVE_UP_AFTER} s: {found}")


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


def series_of(server, out):
    """The tabs that show series by run and tag."""

    def each(plugin):
        listed = server.json(f"{plugin}/tags")
        out[f"{plugin}/tags"] = canonical.served(listed)
        return [(run, tag) for run in sorted(listed) for tag in sorted(listed[run])]

    for run, tag in each("scalars"):
        query = {"run": run, "tag": tag}
        out[f"scalars/scalars {run} {tag}"] = canonical.served(server.json("scalars/scalars", query=query))
        csv = server.ask("/data/plugin/scalars/scalars", {**query, "format": "csv"})[2].decode()
        rows = [line.split(",") for line in csv.splitlines()]
        out[f"scalars/csv {run} {tag}"] = [
            [canonical.wall_time(float(row[0])), *row[1:]] if i else row for i, row in enumerate(rows)
        ]
    listed = server.json("scalars/tags")
    for tag in sorted({tag for tags in listed.values() for tag in tags}):
        runs = sorted(run for run, tags in listed.items() if tag in tags)
        answer = server.json("scalars/scalars_multirun", form={"tag": tag, "runs": runs})
        out[f"scalars/scalars_multirun {tag}"] = canonical.served(answer)
    for plugin in ("histograms", "distributions"):
        for run, tag in each(plugin):
            answer = server.json(f"{plugin}/{plugin}", query={"run": run, "tag": tag})
            out[f"{plugin} {run} {tag}"] = canonical.served(answer)
    for plugin, individual in (("images", "individualImage"), ("audio", "individualAudio")):
        for run, tag in each(plugin):
            answer = server.json(f"{plugin}/{plugin}", query={"run": run, "tag": tag, "sample": 0})
            out[f"{plugin} {run} {tag}"] = blobs(server, plugin, individual, answer)
    for run, tag in each("text"):
        for markdown in ("true", "false"):
            query = {"run": run, "tag": tag, "markdown": markdown}
            out[f"text {run} {tag} markdown={markdown}"] = canonical.served(server.json("text/text", query=query))
    for run, tag in each("pr_curves"):
        answer = server.json("pr_curves/pr_curves", query={"run": run, "tag": tag})
        out[f"pr_curves {run} {tag}"] = canonical.served(answer)


def meshes(server, out):
    listed = server.json("mesh/tags")
    out["mesh/tags"] = canonical.served(listed)
    kinds = {"VERTEX": np.float32, "FACE": np.int32, "COLOR": np.uint8}
    for run, tags in sorted(listed.items()):
        for tag, about in sorted(tags.items()):
            for sample in range(about["samples"]):
                query = {"run": run, "tag": tag, "sample": sample}
                points = server.json("mesh/meshes", query=query)
                out[f"mesh {run} {tag} {sample}"] = canonical.served(points)
                for point in points:
                    kind = {1: "VERTEX", 2: "FACE", 3: "COLOR"}[point["content_type"]]
                    status, _, data = server.ask(
                        "/data/plugin/mesh/data", {**query, "step": point["step"], "content_type": kind}
                    )
                    read = np.frombuffer(data, kinds[kind]).tolist() if status == 200 else status
                    out[f"mesh/data {run} {tag} {sample} {kind} {point['step']}"] = canonical.numbers(read)


def graphs(server, out):
    from google.protobuf import text_format
    from tensorboard.compat.proto.config_pb2 import RunMetadata
    from tensorboard.compat.proto.graph_pb2 import GraphDef

    listed = server.json("graphs/info")
    out["graphs/info"] = canonical.served(listed)
    for run, about in sorted(listed.items()):
        text = server.ask("/data/plugin/graphs/graph", {"run": run})[2].decode()
        out[f"graphs/graph {run}"] = canonical.message(text_format.Parse(text, GraphDef()))
        for tag in sorted(about["tags"]):
            text = server.ask("/data/plugin/graphs/run_metadata", {"run": run, "tag": tag})[2].decode()
            out[f"graphs/run_metadata {run} {tag}"] = canonical.message(text_format.Parse(text, RunMetadata()))


def custom_scalars(server, out):
    layout = server.json("custom_scalars/layout")
    out["custom_scalars/layout"] = canonical.served(layout)
    charts = [chart for category in layout.get("category", []) for chart in category.get("chart", [])]
    patterns = {tag for chart in charts for tag in chart.get("multiline", {}).get("tag", [])}
    for run, tags in sorted(server.json("scalars/tags").items()):
        for pattern in sorted(patterns):
            if any(re.match(pattern, tag) for tag in tags):
                answer = server.json("custom_scalars/scalars", query={"run": run, "tag": pattern})
                out[f"custom_scalars/scalars {run} {pattern}"] = canonical.served(answer)


def hparams(server, out):
    out["hparams/experiment"] = canonical.served(server.json("hparams/experiment", body={}))
    statuses = [f"STATUS_{name}" for name in ("UNKNOWN", "SUCCESS", "FAILURE", "RUNNING")]
    request = {"allowedStatuses": statuses, "startIndex": 0, "sliceSize": 100}
    groups = server.json("hparams/session_groups", body=request)
    if "sessionGroups" in groups:  # groups are named by a digest and come in no particular order
        groups["sessionGroups"].sort(key=lambda group: group["sessions"][0]["name"])
        for group in groups["sessionGroups"]:
            del group["name"]
            for session in group["sessions"]:
                for metric in session.get("metricValues", []):
                    name = {"sessionName": session["name"], "metricName": metric["name"]}
                    answer = server.json("hparams/metric_evals", body=name)
                    key = f"hparams/metric_evals {session['name']} {json.dumps(metric['name'])}"
                    out[key] = canonical.served(answer)
    out["hparams/session_groups"] = canonical.served(groups)


def projector(server, out):
    runs = sorted(server.json("projector/runs"))
    out["projector/runs"] = runs
    for run in runs:
        config = server.json("projector/info", query={"run": run})
        config.pop("modelCheckpointPath", None)
        out[f"projector/info {run}"] = canonical.served(config)
        for embedding in config.get("embeddings", []):
            query = {"run": run, "name": embedding["tensorName"]}
            tensor = server.ask("/data/plugin/projector/tensor", query)[2]
            key = f"{run} {embedding['tensorName']}"
            out[f"projector/tensor {key}"] = canonical.numbers(np.frombuffer(tensor, "<f4").tolist())
            for part in ("metadata", "sprite_image"):
                status, _, data = server.ask(f"/data/plugin/projector/{part}", query)
                out[f"projector/{part} {key}"] = canonical.content(data) if status == 200 else status


def time_series(server, out):
    """The page most people look at."""
    tags = server.json("timeseries/tags")
    out["timeseries/tags"] = canonical.served(tags)
    asked = []
    for plugin in ("scalars", "histograms"):
        for run, found in sorted(tags[plugin]["runTagInfo"].items()):
            asked += [{"plugin": plugin, "tag": tag, "run": run} for tag in sorted(found)]
    for tag, found in sorted(tags["images"]["tagRunSampledInfo"].items()):
        asked += [{"plugin": "images", "tag": tag, "run": run, "sample": 0} for run in sorted(found)]
    for request in asked:
        answer = server.json("timeseries/timeSeries", form={"requests": json.dumps([request])})
        key = f"timeseries {request['plugin']} {request['run']} {request['tag']}"
        if request["plugin"] == "images" and isinstance(answer, list):
            for position, point in enumerate(answer[0].get("runToSeries", {}).get(request["run"], [])):
                query = {"imageId": point.pop("imageId")}
                data = server.ask("/data/plugin/timeseries/imageData", query)[2]
                out[f"{key} point {position}"] = canonical.content(data)
        out[key] = canonical.served(answer)


def main():
    request = json.load(sys.stdin)
    server = Server(request["address"])
    runs = wait_until_loaded(server, request["runs"])
    out = {"runs": sorted(canonical.path(run) for run in runs)}
    for part in (series_of, meshes, graphs, custom_scalars, hparams, projector, time_series):
        part(server, out)
    server.json("projector/runs")  # the projector shows in the listing only once it has been asked
    listing = json.loads(server.ask("/data/plugins_listing")[2])
    out["plugins_listing"] = {name: about["enabled"] for name, about in sorted(listing.items())}
    provider = json.loads(server.ask("/data/environment")[2])["debug"]["data_provider"]
    answer = {"provider": provider, "answers": {canonical.key(key): value for key, value in out.items()}}
    json.dump(answer, sys.stdout, allow_nan=False)


if __name__ == "__main__":
    main()
