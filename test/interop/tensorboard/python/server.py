"""A running TensorBoard as seen by a client."""

import http.client
import json
import threading
import time
from urllib.parse import urlencode, urlparse

import canonical

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
    """One connection a thread: the fast reader answers many requests late but side by side."""

    def __init__(self, address):
        self.address = urlparse(address).netloc
        self.local = threading.local()

    def ask(self, path, query=None, form=None, body=None):
        """Returns (status, content type, bytes)."""
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPConnection(self.address, timeout=60)
        connection = self.local.connection
        target = path if query is None else f"{path}?{urlencode(query, doseq=True)}"
        if form is None and body is None:
            connection.request("GET", target)
        elif form is not None:
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", target, urlencode(form, doseq=True), kind)
        else:
            connection.request("POST", target, json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.getheader("Content-Type", ""), response.read()

    def json(self, plugin_path, **how):
        status, _, data = self.ask(f"/data/plugin/{plugin_path}", **how)
        if status != 200:
            return {"status": status, "text": data.decode("utf-8", "replace")[:200]}
        return json.loads(data)

    def served(self, plugin_path, **how):
        return canonical.served(self.json(plugin_path, **how))


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
