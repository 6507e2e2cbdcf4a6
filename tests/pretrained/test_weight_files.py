import numpy as np
import onnx
import pytest
from models import FLOAT, build, encoder
from onnx import TensorProto, helper

from skser import SkserError
from skser.pretrained._weight_files import weight_files


def external(name, location):
    """A tensor whose values are in another file."""
    tensor = TensorProto(name=name, data_type=FLOAT, dims=[2])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, "offset": "0", "length": "8"}.items():
        tensor.external_data.add(key=key, value=value)
    return tensor


def test_a_model_in_one_file_has_none(tmp_path):
    encoder(tmp_path / "model.onnx")
    assert weight_files(tmp_path / "model.onnx") == []


def test_initializers_constants_and_subgraphs_are_looked_through(tmp_path):
    branch = helper.make_graph([], "branch", [], [], [external("c", "weights/c.bin")])
    nodes = [
        helper.make_node("Constant", [], ["b"], value=external("b", "b.bin")),
        helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch),
    ]
    initializers = [external("a", "a.bin"), external("z", "a.bin")]
    graph = helper.make_graph(nodes, "model", [], [], initializers)
    (tmp_path / "model.onnx").write_bytes(helper.make_model(graph).SerializeToString())
    assert weight_files(tmp_path / "model.onnx") == ["a.bin", "b.bin", "weights/c.bin"]


def test_large_weights_in_the_file_are_passed_over(tmp_path):
    nodes = [helper.make_node("Add", ["x", "w"], ["y"])]
    shape = ("x", FLOAT, [300_000]), ("y", FLOAT, [300_000])
    w = np.full(300_000, 1.5, dtype=np.float32)
    build(tmp_path / "model.onnx", nodes, shape[:1], shape[1:], {"w": w})
    assert weight_files(tmp_path / "model.onnx") == []


@pytest.mark.parametrize("keep", [1, 20, -1])
def test_a_file_that_was_cut_off_is_refused(keep, tmp_path):
    path = tmp_path / "model.onnx"
    encoder(path)
    assert onnx.load(path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(SkserError, match=r"'model\.onnx' cannot be read as an ONNX model"):
        weight_files(path)
