"""The canonical JSON form of what official readers show: equal for equal content, whatever way it was encoded.

Floats are exact (their shortest repr, as text, so that nan, inf and -0.0 differ from each other), pictures and sounds
are decoded to their samples, maps are sorted, and moments of writing are masked.
"""

import hashlib
import io
import re
import wave

from google.protobuf.message import Message
from PIL import Image, ImageSequence

# Every case gives wall times around 1.7e9 (2023); anything later is the moment of writing, equal in no two runs.
WRITTEN_AFTER = 1_750_000_000
NOW = "<now>"


def wall_time(seconds):
    return NOW if seconds > WRITTEN_AFTER else repr(float(seconds))


def path(relative):
    """A run's path; a part that is a moment (the default name of an hparams run) is masked."""
    return re.sub(r"(^|(?<=/))\d{10}\.\d+(?=/|$)", NOW, relative)


def key(text):
    """A question to the server: a run's path among other words."""
    return " ".join(path(word) for word in text.split(" "))


def digest(data):
    return hashlib.sha256(data).hexdigest()[:16]


def number(value):
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, complex):
        return repr(value)
    return repr(float(value))


def numbers(values):
    """A list of numbers: whole when short, else its ends and a digest of all."""
    listed = [number(v) for v in values]
    if len(listed) <= 48:
        return listed
    return {
        "count": len(listed),
        "first": listed[:12],
        "last": listed[-4:],
        "sha256": digest(",".join(map(str, listed)).encode()),
    }


def animation(picture):
    """Frames of a GIF as hexadecimal RGB samples (case videos are tiny), for a comparison within a tolerance."""
    frames = [frame.convert("RGB").tobytes().hex() for frame in ImageSequence.Iterator(picture)]
    durations = [frame.info.get("duration") for frame in ImageSequence.Iterator(picture)]
    return {
        "gif": list(picture.size),
        "durations": durations,
        "loop": picture.info.get("loop"),
        "frames": frames,
    }


def media(data):
    """Decoded content of PNG, JPEG, GIF and WAV bytes; None for anything else."""
    if data[:4] == b"RIFF":
        with wave.open(io.BytesIO(data)) as sound:
            samples = sound.readframes(sound.getnframes())
            return {
                "wav": [sound.getnchannels(), sound.getsampwidth(), sound.getframerate(), sound.getnframes()],
                "bytes": len(data),
                "first": samples[:16].hex(),
                "sha256": digest(samples),
            }
    if data[:4] == b"GIF8":
        return animation(Image.open(io.BytesIO(data)))
    if data[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0"):
        picture = Image.open(io.BytesIO(data))
        pixels = picture.tobytes()
        return {
            "image": [picture.format, picture.mode, *picture.size],
            "first": pixels[:24].hex(),
            "pixels": digest(pixels),
        }
    return None


def content(data):
    """Bytes of unknown meaning: decoded media, else text, else hexadecimal."""
    decoded = media(data)
    if decoded is not None:
        return decoded
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {"length": len(data), "hex": data[:64].hex(), "sha256": digest(data)}


def plugin_content(plugin, data):
    """The content bytes of a plugin's metadata, decoded by the plugin's own message."""
    from tensorboard.plugins.audio import plugin_data_pb2 as audio
    from tensorboard.plugins.hparams import plugin_data_pb2 as hparams
    from tensorboard.plugins.image import plugin_data_pb2 as image
    from tensorboard.plugins.mesh import plugin_data_pb2 as mesh
    from tensorboard.plugins.pr_curve import plugin_data_pb2 as pr_curve

    messages = {
        "audio": audio.AudioPluginData,
        "hparams": hparams.HParamsPluginData,
        "images": image.ImagePluginData,
        "mesh": mesh.MeshPluginData,
        "pr_curves": pr_curve.PrCurvePluginData,
    }
    if plugin in messages:
        return message(messages[plugin].FromString(data))
    return content(data)


def metadata(proto):
    plugin = proto.plugin_data.plugin_name
    return {
        "plugin": plugin,
        "content": plugin_content(plugin, proto.plugin_data.content),
        "display_name": proto.display_name,
        "description": proto.summary_description,
        "data_class": proto.data_class,
    }


def field(name, value, owner):
    from tensorboard.compat.proto import config_pb2, graph_pb2
    from tensorboard.plugins.custom_scalar import layout_pb2

    if isinstance(value, Message):
        return metadata(value) if value.DESCRIPTOR.name == "SummaryMetadata" else message(value)
    if isinstance(value, bytes):
        if name == "graph_def":
            return message(graph_pb2.GraphDef.FromString(value))
        if name == "run_metadata":
            return message(config_pb2.RunMetadata.FromString(value))
        if name == "layout":
            return message(layout_pb2.Layout.FromString(value))
        return content(value)
    if isinstance(value, str):
        return value
    return wall_time(value) if name == "wall_time" and owner.DESCRIPTOR.name == "Event" else number(value)


def message(proto):
    """Any protobuf message: the fields that are set, maps by sorted key."""
    out = {}
    for descriptor, value in proto.ListFields():
        name = descriptor.name
        if descriptor.message_type is not None and descriptor.message_type.GetOptions().map_entry:
            out[name] = {str(key): field(name, value[key], proto) for key in sorted(value)}
        elif descriptor.is_repeated:
            if descriptor.cpp_type in (descriptor.CPPTYPE_MESSAGE, descriptor.CPPTYPE_STRING):
                out[name] = [field(name, item, proto) for item in value]
            else:
                out[name] = numbers(value)
        else:
            out[name] = field(name, value, proto)
    if proto.DESCRIPTOR.name == "Value" and "tensor" in out:
        out["tensor"] = tensor(proto.metadata.plugin_data.plugin_name, proto.tensor)
    return out


# Plugins whose string tensors hold messages, by the field that carries the same message elsewhere.
MESSAGES_IN_TENSORS = {"custom_scalars": "layout", "graphs": "graph_def", "graph_tagged_run_metadata": "run_metadata"}


def tensor(plugin, proto):
    """A tensor of a plugin: messages inside it are decoded."""
    out = message(proto)
    if plugin in MESSAGES_IN_TENSORS:
        out["string_val"] = [field(MESSAGES_IN_TENSORS[plugin], item, proto) for item in proto.string_val]
    return out


def served(value):
    """A JSON answer of the server: floats exact, wall times of the moment masked."""
    if isinstance(value, list):
        return [served(item) for item in value]
    if isinstance(value, dict):
        return {path(name): served(value[name]) for name in sorted(value)}
    if isinstance(value, float):
        return wall_time(value) if value > WRITTEN_AFTER and value < 4e9 else repr(value)
    if isinstance(value, str):
        return path(value)
    return number(value)
