"""Reads folders of event files through the official readers and prints what each shows, as canonical JSON.

Input:  {"folders": {name: folder}}
Output: {name: {"events": ..., "legacy": ..., "plugins": ..., "files": ...}}
  events   LegacyEventFileLoader: every record as written, by run and file
  legacy   event_accumulator.EventAccumulator, the Python API most scripts use
  plugins  plugin_event_accumulator.EventAccumulator, what the server sees
  files    the embedding projector's files
"""

import json
import os
import re
import sys

import canonical
from google.protobuf import text_format
from tensorboard.backend.event_processing import event_accumulator, plugin_event_accumulator
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader, RawEventFileLoader
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig


def runs_of(root):
    for folder, folders, names in os.walk(root):
        folders.sort()
        files = sorted(name for name in names if "tfevents" in name)
        if files:
            yield os.path.relpath(folder, root).replace(os.sep, "/"), folder, files


def masked_name(name):
    """events.out.tfevents.<time, host, process, counter><suffix>: only a suffix given by the caller is compared."""
    return re.sub(r"^events\.out\.tfevents\.\d{10}\..*?(\.case-suffix)?$", r"events.out.tfevents.*\1", name)


def events_of(folder, files):
    out = []
    for name in files:
        file = os.path.join(folder, name)
        events = [canonical.message(event) for event in LegacyEventFileLoader(file).Load()]
        records = sum(1 for _ in RawEventFileLoader(file).Load())
        out.append({"name": masked_name(name), "records": records, "events": events})
    return out


def legacy_of(folder):
    reader = event_accumulator.EventAccumulator(folder, event_accumulator.STORE_EVERYTHING_SIZE_GUIDANCE)
    reader.Reload()
    tags = reader.Tags()
    plugin_of = lambda tag: reader.summary_metadata[tag].plugin_data.plugin_name
    at = lambda event: [canonical.wall_time(event.wall_time), canonical.number(event.step)]
    buckets = lambda histogram: {
        key: canonical.number(value) if isinstance(value, (int, float)) else canonical.numbers(value)
        for key, value in vars(histogram).items()
    }
    return {
        "tags": {kind: sorted(found) if isinstance(found, list) else found for kind, found in tags.items()},
        "scalars": {tag: [[*at(e), canonical.number(e.value)] for e in reader.Scalars(tag)] for tag in tags["scalars"]},
        "histograms": {
            tag: [[*at(e), buckets(e.histogram_value)] for e in reader.Histograms(tag)] for tag in tags["histograms"]
        },
        "images": {
            tag: [[*at(e), e.width, e.height, canonical.content(e.encoded_image_string)] for e in reader.Images(tag)]
            for tag in tags["images"]
        },
        "audio": {
            tag: [
                [
                    *at(e),
                    canonical.number(e.sample_rate),
                    e.length_frames,
                    e.content_type,
                    canonical.content(e.encoded_audio_string),
                ]
                for e in reader.Audio(tag)
            ]
            for tag in tags["audio"]
        },
        "tensors": {
            tag: [[*at(e), canonical.tensor(plugin_of(tag), e.tensor_proto)] for e in reader.Tensors(tag)]
            for tag in tags["tensors"]
        },
        "graph": canonical.message(reader.Graph()) if tags["graph"] else None,
        "run_metadata": {tag: canonical.message(reader.RunMetadata(tag)) for tag in tags["run_metadata"]},
        "metadata": {tag: canonical.metadata(proto) for tag, proto in sorted(reader.summary_metadata.items())},
        "file_version": canonical.number(reader.file_version),
    }


def plugins_of(folder):
    reader = plugin_event_accumulator.EventAccumulator(folder, tensor_size_guidance={})
    reader.Reload()
    tags = reader.Tags()[plugin_event_accumulator.TENSORS]
    plugin_of = lambda tag: reader.SummaryMetadata(tag).plugin_data.plugin_name
    return {
        "active": sorted(reader.ActivePlugins()),
        "tensors": {
            tag: {
                "metadata": canonical.metadata(reader.SummaryMetadata(tag)),
                "points": [
                    [
                        canonical.wall_time(e.wall_time),
                        canonical.number(e.step),
                        canonical.tensor(plugin_of(tag), e.tensor_proto),
                    ]
                    for e in reader.Tensors(tag)
                ],
            }
            for tag in sorted(tags)
        },
        "file_version": canonical.number(reader.file_version),
    }


def cell(text):
    try:
        return repr(float(text))
    except ValueError:
        return text


def projector_files(root):
    """The projector's files: tables by cell (numbers by value), pictures by pixel, the configuration as a message."""
    out = {}
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            file = os.path.join(folder, name)
            with open(file, "rb") as stream:
                data = stream.read()
            key = os.path.relpath(file, root).replace(os.sep, "/")
            if name.endswith(".pbtxt"):
                out[key] = canonical.message(text_format.Parse(data.decode(), ProjectorConfig()))
            elif name == "tensors.tsv":
                rows = data.decode().split("\n")
                out[key] = [[cell(text) for text in row.split("\t")] for row in rows]
            elif "tfevents" not in name:
                out[key] = canonical.content(data)
    return out


def read(root):
    runs = list(runs_of(root))
    return {
        "events": {canonical.path(run): events_of(folder, files) for run, folder, files in runs},
        "legacy": {canonical.path(run): legacy_of(folder) for run, folder, _ in runs},
        "plugins": {canonical.path(run): plugins_of(folder) for run, folder, _ in runs},
        "files": projector_files(root),
    }


def main():
    request = json.load(sys.stdin)
    answer, sys.stdout = sys.stdout, sys.stderr
    json.dump({name: read(folder) for name, folder in request["folders"].items()}, answer, allow_nan=False)


if __name__ == "__main__":
    main()
