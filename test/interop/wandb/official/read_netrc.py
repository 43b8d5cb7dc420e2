"""What the official client reads of netrc files: their contents on standard input, their keys (or null) out."""

import json
import os
import sys
import tempfile

from wandb.errors import AuthenticationError
from wandb.sdk.lib import wbauth

given = json.load(sys.stdin)
keys = []
with tempfile.TemporaryDirectory() as folder:
    os.environ["NETRC"] = os.path.join(folder, "netrc")
    for content in given["contents"]:
        with open(os.environ["NETRC"], "w") as file:
            file.write(content)
        try:
            keys.append(wbauth.read_netrc_auth(host=given["host"]))
        except AuthenticationError:
            keys.append("refused")
print(json.dumps(keys))
