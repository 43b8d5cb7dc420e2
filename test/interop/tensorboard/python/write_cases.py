"""Runs the calls of cases.ts on a SummaryWriter of the official packages, one folder a case.

Input:  {"module": "torch" or "tensorboardX", "inputs": folder, "cases": [case with its folder, ...]}
Output: {case name: [error class of each call that raised one]}
"""

import importlib
import json
import os
import sys
import warnings

from values import decode


def graph_of(nodes):
    """Plain nodes as the GraphDef that torch's own tracer would hand to its file writer (reference 3.14)."""
    from tensorboard.compat.proto.config_pb2 import RunMetadata
    from tensorboard.compat.proto.graph_pb2 import GraphDef
    from tensorboard.compat.proto.step_stats_pb2 import DeviceStepStats, StepStats

    graph = GraphDef()
    graph.versions.producer = 22
    for node in nodes:
        made = graph.node.add(name=node["name"], op=node["op"], input=node.get("inputs", []))
        made.device = node.get("device", "")
        shapes = node.get("output_shapes", [])
        if shapes:
            listed = made.attr["_output_shapes"].list
            for shape in shapes:
                proto = listed.shape.add()
                for size in shape:
                    proto.dim.add(size=size)
        for name, value in node.get("attributes", {}).items():
            if isinstance(value, bool):
                made.attr[name].b = value
            elif isinstance(value, int):
                made.attr[name].i = value
            elif isinstance(value, float):
                made.attr[name].f = value
            else:
                made.attr[name].s = value.encode()
    stats = RunMetadata(step_stats=StepStats(dev_stats=[DeviceStepStats(device="/device:CPU:0")]))
    return graph, stats


def write_onnx(path):
    """A two-layer perceptron as an ONNX file, the input of the add_onnx_graph cases."""
    import onnx
    from onnx import TensorProto, helper

    vector = helper.make_tensor_value_info
    nodes = [
        helper.make_node("MatMul", ["pixels", "weights"], ["hidden"], name="first"),
        helper.make_node("LeakyRelu", ["hidden"], ["active"], alpha=0.1),
        helper.make_node("Softmax", ["active"], ["digit"], axis=1),
    ]
    inputs = [vector("pixels", TensorProto.FLOAT, [1, 64]), vector("weights", TensorProto.FLOAT, [64, 10])]
    outputs = [vector("digit", TensorProto.FLOAT, [1, 10])]
    onnx.save(helper.make_model(helper.make_graph(nodes, "digits", inputs, outputs)), path)


def apply(writer, method, kwargs):
    if method == "add_graph":
        writer._get_file_writer().add_graph(graph_of(kwargs["nodes"]))
    else:
        if "weights" in kwargs:  # torch converts every other argument, but takes these as they are
            kwargs["weights"] = kwargs["weights"].numpy()
        getattr(writer, method)(**kwargs)


def write(make, case, inputs):
    errors = []
    folder = case["folder"]
    writer = make(folder, **case["writer"])
    for call in case["calls"]:
        try:
            kwargs = decode(call["kwargs"], inputs)
            if call["method"] == "reopen":
                writer.close()
                writer = make(folder, **kwargs)
            else:
                apply(writer, call["method"], kwargs)
        except Exception as error:
            if not call.get("throws"):
                raise RuntimeError(f"{case['name']}: {call['method']}: {error}") from error
            errors.append(type(error).__name__)
        else:
            if call.get("throws"):
                raise RuntimeError(f"{case['name']}: {call['method']} should have raised an error")
    writer.close()
    return errors


def main():
    request = json.load(sys.stdin)
    answer, sys.stdout = sys.stdout, sys.stderr
    warnings.simplefilter("ignore")
    name = "torch.utils.tensorboard" if request["module"] == "torch" else request["module"]
    make = importlib.import_module(name).SummaryWriter
    inputs = request["inputs"]
    os.makedirs(inputs, exist_ok=True)
    if not os.path.exists(os.path.join(inputs, "digits.onnx")):
        write_onnx(os.path.join(inputs, "digits.onnx"))
    results = {}
    for case in request["cases"]:
        results[case["name"]] = write(make, case, inputs)
    json.dump(results, answer)


if __name__ == "__main__":
    main()
