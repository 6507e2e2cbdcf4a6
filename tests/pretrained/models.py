"""Small ONNX models with the signatures of well-known exports."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def build(path, nodes, inputs, outputs, constants=None):
    """Write a model; inputs and outputs are (name, type, shape)."""
    graph = helper.make_graph(
        nodes,
        "model",
        [helper.make_tensor_value_info(*i) for i in inputs],
        [helper.make_tensor_value_info(*o) for o in outputs],
        [numpy_helper.from_array(value, name) for name, value in (constants or {}).items()],
    )
    opset = helper.make_opsetid("", 17)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return str(path)


def encoder(path, *, mask=False, length=None, batch="batch"):
    """Like wav2vec 2.0: a frame of mean and mean square for every 320 samples, and a layer."""
    kernel = np.full((1, 1, 320), 1 / 320, dtype=np.float32)
    nodes = [
        helper.make_node("Unsqueeze", ["input_values", "axis1"], ["x"]),
        helper.make_node("Mul", ["x", "x"], ["square"]),
        helper.make_node("Conv", ["x", "kernel"], ["mean"], strides=[320]),
        helper.make_node("Conv", ["square", "kernel"], ["power"], strides=[320]),
        helper.make_node("Concat", ["mean", "power"], ["both"], axis=1),
        helper.make_node("Transpose", ["both"], ["last_hidden_state"], perm=[0, 2, 1]),
        helper.make_node("Neg", ["last_hidden_state"], ["hidden_3"]),
    ]
    inputs = [("input_values", FLOAT, [batch, length or "samples"])]
    if mask:
        inputs.append(("attention_mask", INT64, [batch, "samples"]))
        nodes += [
            helper.make_node("Cast", ["attention_mask"], ["float_mask"], to=FLOAT),
            helper.make_node("ReduceMin", ["float_mask"], ["masked"], keepdims=0),
            helper.make_node("Mul", ["last_hidden_state", "masked"], ["with_mask"]),
        ]
    outputs = [(n, FLOAT, [batch, "frames", 2]) for n in ("last_hidden_state", "hidden_3")]
    if mask:
        outputs.insert(0, ("with_mask", FLOAT, [batch, "frames", 2]))
    constants = {"kernel": kernel, "axis1": np.array([1])}
    return build(path, nodes, inputs, outputs, constants)


def front_end(path, n_bands=4, hop=160, transposed=False, length="n"):
    """Makes an image of 1 .. n_bands times the mean of every `hop` samples."""
    kernel = np.arange(1, n_bands + 1, dtype=np.float32)[:, np.newaxis, np.newaxis]
    kernel = np.repeat(kernel, hop, axis=2) / hop
    nodes = [
        helper.make_node("Unsqueeze", ["samples", "axis1"], ["x"]),
        helper.make_node("Conv", ["x", "kernel"], ["bands"], strides=[hop]),
    ]
    shape = ["batch", n_bands, "frames"]
    if transposed:
        nodes.append(helper.make_node("Transpose", ["bands"], ["image"], perm=[0, 2, 1]))
        shape = ["batch", "frames", n_bands]
    else:
        nodes.append(helper.make_node("Identity", ["bands"], ["image"]))
    return build(
        path,
        nodes,
        [("samples", FLOAT, ["batch", length])],
        [("image", FLOAT, shape)],
        {"kernel": kernel, "axis1": np.array([1])},
    )


def image_encoder(path, shape):
    """Gives the mean of an image of the given shape, and its first value."""
    nodes = [
        helper.make_node("Flatten", ["input_features"], ["flat"], axis=1),
        helper.make_node("ReduceMean", ["flat"], ["mean"], axes=[1]),
        helper.make_node("Slice", ["flat", "zero", "one", "one"], ["first"]),
        helper.make_node("Concat", ["mean", "first"], ["embedding"], axis=1),
    ]
    return build(
        path,
        nodes,
        [("input_features", FLOAT, ["batch", *shape])],
        [("embedding", FLOAT, ["batch", 2])],
        {"zero": np.array([0]), "one": np.array([1])},
    )


def speech_embedding(path):
    """Like Google's model: means of windows of 76 frames, and 95 times a band of their beginning.

    Two convolutions reduce 76 frames to one, and the reshaping before and after them names the
    lengths.
    """
    bands = np.eye(32, dtype=np.float32)[np.arange(-1, 95) % 32]
    bands[0] = 1 / 32
    frames = np.zeros((96, 76), dtype=np.float32)
    frames[0] = 1 / 76
    frames[1:, 0] = 1
    nodes = [
        helper.make_node("Reshape", ["windows", "images"], ["x"]),
        helper.make_node("Conv", ["x", "bands"], ["chosen"]),
        helper.make_node("Conv", ["chosen", "frames"], ["y"], strides=[8, 1], group=96),
        helper.make_node("Reshape", ["y", "values"], ["embedding"]),
    ]
    return build(
        path,
        nodes,
        [("windows", FLOAT, ["batch", 76, 32, 1])],
        [("embedding", FLOAT, ["batch", 1, 1, 96])],
        {
            "images": np.array([-1, 1, 76, 32]),
            "values": np.array([-1, 1, 1, 96]),
            "bands": bands[:, np.newaxis, np.newaxis],
            "frames": frames[:, np.newaxis, :, np.newaxis],
        },
    )
