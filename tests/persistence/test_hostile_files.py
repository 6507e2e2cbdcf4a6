"""A file that is not as save_model wrote it is refused by name, and runs nothing."""

import copy
import io
import json
import os
import pickle
import random
import re
import sys
import tracemalloc
import zipfile

import numpy as np
import pytest
from hostile import ANY_NAME as ANY, attributes_of, members_of, nodes_of, seal, write
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from skser import RMS, ModelFileError, load_model, make_audio_union, read_card, save_model
from skser.neural._adapter import TrainedNetwork
from skser.neural._regularisation import Regularisation
from skser.neural.architectures._registry import get_architecture
from skser.persistence._archive import pack, unpack

RUNS_CODE = {
    "os.exec", "os.mkdir", "os.system", "pickle.find_class", "shutil.rmtree",
    "socket.connect", "subprocess.Popen",
}  # fmt: skip
seen_events = []
watching = []


def watch(event, arguments):
    if watching and event in RUNS_CODE:
        seen_events.append((event, arguments))


@pytest.fixture(scope="module", autouse=True)
def hook():
    # A hook cannot be taken away again.
    sys.addaudithook(watch)


@pytest.fixture
def nothing_runs(path, original):
    seen_events.clear()
    watching.append(True)
    yield
    watching.clear()
    assert seen_events == []


X = np.random.default_rng(0).normal(size=(12, 4))
Y = np.array(["angry", "calm", "sad"] * 4)


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "small.skser"
    save_model(make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y), path)
    load_model(path)
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "hostile.skser"


def refused(path, match):
    for opener in (load_model, read_card):
        with pytest.raises(ModelFileError, match=match) as caught:
            opener(path)
        assert os.fsdecode(path) in str(caught.value)


def not_loaded(path, match, **trusted):
    with pytest.raises(ModelFileError, match=match) as caught:
        load_model(path, **trusted)
    assert str(path) in str(caught.value)


class Evil:
    def __reduce__(self):
        return os.system, ("echo evil",)


def test_the_hook_sees_a_pickle_that_is_opened():
    """Else the tests below could not fail."""
    seen_events.clear()
    watching.append(True)
    pickle.loads(pickle.dumps(Evil()))
    watching.clear()
    assert {"pickle.find_class", "os.system"} <= {event for event, _ in seen_events}


@pytest.mark.usefixtures("nothing_runs")
class TestContainer:
    @pytest.mark.parametrize("protocol", range(1, 6))
    def test_a_pickle(self, path, protocol):
        path.write_bytes(pickle.dumps(Evil(), protocol))
        refused(path, "is a pickle" if protocol > 1 else "is not a model file")

    @pytest.mark.parametrize("content", [b"", b"PK", b"RIFF....WAVE", b"PK\x03\x04" + b"0" * 99])
    def test_what_is_no_archive(self, path, content):
        path.write_bytes(content)
        refused(path, "is not a model file|is cut off")

    def test_a_path_in_bytes_is_named_too(self, path):
        path.write_bytes(b"RIFF")
        refused(os.fsencode(path), re.escape(str(path)))

    @pytest.mark.parametrize("opener", [load_model, read_card])
    def test_a_number_is_no_path(self, original, opener):
        with open(original, "rb") as file, pytest.raises(TypeError, match="int"):
            opener(file.fileno())

    def test_a_missing_file_is_an_os_error(self, path):
        with pytest.raises(FileNotFoundError):
            load_model(path)

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
    def test_a_file_that_is_cut_off(self, original, path, share):
        data = original.read_bytes()
        path.write_bytes(data[: int(share * len(data))])
        refused(path, "is cut off")

    def test_a_card_that_was_edited(self, original, path):
        data = original.read_bytes()
        path.write_bytes(data.replace(b'"angry"', b'"happy"', 1))
        refused(path, "has been changed")

    def test_a_file_that_was_packed_anew(self, original, path):
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in unpack(original.read_bytes(), ANY).items():
                archive.writestr(name, content)
        refused(path, "not written by save_model")

    @pytest.mark.parametrize(
        "name", ["../evil.py", "/tmp/evil.py", "C:\\evil.py", "card.json/../x", "model.pkl"]
    )
    def test_a_member_outside(self, original, path, name):
        members = unpack(original.read_bytes(), ANY)
        path.write_bytes(pack({**members, name: b"evil"}, sealed=True))
        refused(path, "which does not belong in it")

    def test_a_member_that_is_there_twice(self, original, path):
        members = unpack(original.read_bytes(), ANY)
        with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "w") as archive:
            for name in [*members, "card.json"]:
                archive.writestr(name, members[name])
        path.write_bytes(seal(path.read_bytes()))
        refused(path, "'card.json' twice")

    def test_a_bomb(self, path):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("card.json", b" " * 10_000_000)
        path.write_bytes(seal(path.read_bytes()))
        refused(path, "compressed")

    def test_members_that_overlap(self, path):
        """Each of two names stands for the same bytes; of a thousand, the sum would be large."""
        names = ["card.json", f"graphs/{'0' * 64}.onnx", "estimator.skops"]
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("card.json", b" " * 1000)
            for name in names[1:]:
                entry = copy.copy(archive.infolist()[0])
                entry.filename = name
                archive.filelist.append(entry)
        path.write_bytes(seal(path.read_bytes()))
        refused(path, "more bytes than it has")

    def test_a_format_of_the_future(self, original, path):
        card, schema, arrays = members_of(original)
        write(path, {**card, "format": 2}, schema, arrays)
        refused(path, "has format 2.*pip install --upgrade skser")

    @pytest.mark.parametrize("number", [None, "1", True, 0, 1.0])
    def test_a_format_that_is_none(self, original, path, number):
        card, schema, arrays = members_of(original)
        write(path, {**card, "format": number}, schema, arrays)
        refused(path, "states no format")

    @pytest.mark.parametrize("missing", ["card.json", "estimator.skops"])
    def test_a_member_that_is_missing(self, original, path, missing):
        members = unpack(original.read_bytes(), ANY)
        del members[missing]
        path.write_bytes(pack(members, sealed=True))
        refused(path, "has no card|holds no estimator")


def node(loader, module, name, **fields):
    return {"__loader__": loader, "__module__": module, "__class__": name, **fields}


def text(value):
    return node("JsonNode", "builtins", "str", content=json.dumps(value), is_json=True)


def listed(*nodes, loader="ListNode", name="list"):
    return node(loader, "builtins", name, content=list(nodes))


COMMAND = listed(text("mkdir evil"), loader="TupleNode", name="tuple")
EVIL = {
    "function": (node("FunctionNode", "os", "system"), "os.system"),
    "type": (node("TypeNode", "builtins", "eval"), "builtins.eval"),
    "object": (node("ObjectNode", "subprocess", "Popen"), "subprocess.Popen"),
    "reduced": (
        node("ConstructorFromReduceNode", "os", "system", content=COMMAND),
        "os.system",
    ),
    "partial": (
        node(
            "PartialNode",
            "functools",
            "partial",
            content={
                "func": node("FunctionNode", "os", "system"),
                "args": COMMAND,
                "kwds": text({}),
                "namespace": text({}),
            },
        ),
        "functools.partial, os.system",
    ),
    "method": (
        node("MethodNode", "builtins", "str", content={"func": "format", "obj": text("a")}),
        "MethodNode",
    ),
    "operator": (
        node("OperatorFuncNode", "operator", "methodcaller", attrs=COMMAND),
        "OperatorFuncNode",
    ),
    "sparse": (
        node("SparseMatrixNode", "scipy.sparse", "csr_matrix", type="scipy", file="0.npz"),
        "SparseMatrixNode",
    ),
    "a class of ours, called": (
        node("ConstructorFromReduceNode", "skser.features", "MFCC", content=COMMAND),
        "is the wrong kind of node",
    ),
    "a function of ours, called on an array": (
        node("NdArrayNode", "skser.metrics._uar", "uar_score", type="numpy", file="0.npy"),
        "is the wrong kind of node",
    ),
    "private": (
        node("FunctionNode", "skser.datasets._unpack", "unpack"),
        "skser.datasets._unpack.unpack",
    ),
}


@pytest.mark.parametrize("trusted", [True, None, "os.system"])
def test_trust_is_a_list_of_names(original, trusted):
    with pytest.raises(TypeError, match="must be a list"):
        load_model(original, trusted=trusted)


def test_what_is_trusted_has_a_name(original):
    with pytest.raises(TypeError, match="trusted holds 3, which is not a name"):
        load_model(original, trusted=["os.system", 3])


@pytest.mark.usefixtures("nothing_runs")
class TestSchema:
    @pytest.mark.parametrize("kind", EVIL)
    def test_a_type_that_is_not_trusted(self, original, path, kind):
        evil, named = EVIL[kind]
        card, schema, arrays = members_of(original)
        attributes_of(schema)["verbose"] = evil
        write(path, card, schema, arrays)
        not_loaded(path, named)

    def test_what_is_never_trusted(self, original, path):
        card, schema, arrays = members_of(original)
        attributes_of(schema)["verbose"] = EVIL["method"][0]
        write(path, card, schema, arrays)
        not_loaded(path, "MethodNode", trusted=["builtins.str.format", "builtins.str"])

    def test_an_old_protocol(self, original, path):
        card, schema, arrays = members_of(original)
        write(path, card, {**schema, "protocol": 0}, arrays)
        not_loaded(path, "protocol 0 of skops")

    def test_two_objects_of_one_id(self, original, path):
        """Else skops would make something else than what was checked."""
        card, schema, arrays = members_of(original)
        attributes = attributes_of(schema)
        attributes["verbose"] = {**text("a"), "__id__": attributes["steps"]["__id__"]}
        write(path, card, schema, arrays)
        not_loaded(path, "different objects the same id")

    @pytest.mark.parametrize(("first", "step"), [(10_000, 1), (0, 0)])
    def test_an_array_that_is_read_many_times(self, original, path, first, step):
        """An array is read once for each id, and anew each time if the id is 0."""
        card, schema, arrays = members_of(original)
        array = next(n for n in nodes_of(schema) if n["__loader__"] == "NdArrayNode")
        copies = [{**array, "__id__": first + step * i} for i in range(100)]
        attributes_of(schema)["verbose"] = listed(*copies)
        write(path, card, schema, arrays)
        not_loaded(path, "twice" if step else "id 0")

    def test_objects_inside_each_other_without_end(self, original, path):
        card, schema, arrays = members_of(original)
        deep = b'{"a":' * 100_000
        write(path, card, deep, arrays)
        not_loaded(path, "cannot be opened|is damaged")
        inner = text(1)
        for _ in range(150):
            inner = listed(inner)
        attributes_of(schema)["verbose"] = inner
        write(path, card, schema, arrays)
        not_loaded(path, "deep")

    @pytest.mark.parametrize(
        ("header", "match"),
        [
            ({"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)}, "8000000000000 b"),
            ({"descr": "<f8", "fortran_order": False, "shape": (-1, -4)}, "should take"),
            ({"descr": "|V0", "fortran_order": False, "shape": (10**15,)}, "take no bytes"),
            ({"descr": "|O", "fortran_order": False, "shape": (4,)}, "Python objects"),
            ({"descr": "<f8", "fortran_order": False}, "header is damaged"),
        ],
        ids=["terabytes", "negative", "nothing", "objects", "incomplete"],
    )
    def test_an_array_whose_header_lies(self, original, path, header, match):
        card, schema, arrays = members_of(original)
        content = io.BytesIO()
        content.write(np.lib.format.magic(1, 0))
        text = repr(header).encode().ljust(117) + b"\n"
        content.write(len(text).to_bytes(2, "little") + text + bytes(32))
        arrays[next(iter(arrays))] = content.getvalue()
        write(path, card, schema, arrays)
        not_loaded(path, match)

    def test_an_array_that_is_a_pickle(self, original, path):
        card, schema, arrays = members_of(original)
        arrays[next(iter(arrays))] = pickle.dumps(Evil())
        write(path, card, schema, arrays)
        not_loaded(path, "header is damaged")

    def test_a_folder_that_would_be_written_to(self, tmp_path, path):
        save_model(make_audio_union(RMS()), path)
        card, schema, arrays = members_of(path)
        attributes_of(schema)["memory"] = text(str(tmp_path / "evil"))
        write(path, card, schema, arrays)
        not_loaded(path, "memory names a folder")

    def test_a_folder_in_attributes_that_are_pairs(self, tmp_path, path):
        save_model(make_audio_union(RMS()), path)
        card, schema, arrays = members_of(path)
        attributes = {**attributes_of(schema), "memory": text(str(tmp_path / "evil"))}
        pairs = [
            listed(text(name), value, loader="TupleNode", name="tuple")
            for name, value in attributes.items()
        ]
        schema["content"] = listed(*pairs)
        write(path, card, schema, arrays)
        not_loaded(path, "without attributes by name")

    def test_a_seed_that_takes_terabytes(self, path):
        save_model(FunctionTransformer(kw_args={"rng": np.random.default_rng(0)}), path)
        card, schema, arrays = members_of(path)
        generator = next(n for n in nodes_of(schema) if n["__loader__"] == "RandomGeneratorNode")
        generator["content"]["seed_seq"]["content"]["pool_size"] = text(10**12)
        write(path, card, schema, arrays)
        not_loaded(path, "unusual size")

    def test_a_machine_that_reads_beyond_its_arrays(self, path):
        save_model(SVC().fit(X, Y), path)
        card, schema, arrays = members_of(path)
        file = attributes_of(schema)["_dual_coef_"]["file"]
        short = io.BytesIO()
        np.save(short, np.zeros((2, 1)))
        arrays[file] = short.getvalue()
        write(path, card, schema, arrays)
        not_loaded(path, "SVC whose arrays do not belong together")


def network_file(path, **changes):
    """Write a file with a network in it, without training one."""
    fields = {
        "build": get_architecture("small"),
        "input_shape": (4, 1),
        "n_classes": 3,
        "optimizer": json.dumps(
            {
                "module": "keras.optimizers",
                "class_name": "Adam",
                "config": {"learning_rate": 0.001},
                "registered_name": None,
            }
        ),
        "regularisation": Regularisation(),
        "key": None,
        "weights": [np.zeros((4, 3), np.float32)],
        "optimizer_state": None,
        "n_parameters": 12,
        "n_units": 4,
        "history": {"loss": [1.0]},
    }
    holder = LogisticRegression()
    holder.network_ = TrainedNetwork(**{**fields, **changes})
    save_model(holder, path)


@pytest.mark.usefixtures("nothing_runs")
class TestNetworks:
    def test_an_architecture_is_stored_by_name(self, path):
        network_file(path)
        _, schema, _ = members_of(path)
        stored = attributes_of(schema)["network_"]["content"]["content"]["build"]
        assert json.loads(stored["content"]) == "small"
        assert load_model(path).network_.build is get_architecture("small")

    def test_an_architecture_that_is_unknown(self, path):
        network_file(path)
        card, schema, arrays = members_of(path)
        attributes_of(schema)["network_"]["content"]["content"]["build"] = text("evil")
        write(path, card, schema, arrays)
        not_loaded(path, "architecture='evil' is unknown")

    @pytest.mark.parametrize(
        ("module", "name"),
        [("os", "system"), ("keras.layers", "Lambda"), ("keras.optimizers", "deserialize")],
    )
    @pytest.mark.parametrize("inside", [False, True])
    def test_keras_imports_nothing_that_a_file_names(self, path, module, name, inside):
        network_file(path)
        card, schema, arrays = members_of(path)
        attributes = attributes_of(schema)["network_"]["content"]["content"]
        config = {"module": module, "class_name": name, "config": {"a": 1}}
        if inside:
            good = json.loads(json.loads(attributes["optimizer"]["content"]))
            config = {**good, "config": {"learning_rate": config}}
        attributes["optimizer"] = text(json.dumps(config))
        write(path, card, schema, arrays)
        not_loaded(path, f"optimizer {module}.{name}")

    def test_more_classes_than_weights(self, path):
        network_file(path)
        card, schema, arrays = members_of(path)
        attributes_of(schema)["network_"]["content"]["content"]["n_classes"] = text(10**12)
        write(path, card, schema, arrays)
        not_loaded(path, "not belong to a network with 1000000000000 classes")


SWAPPED_IN = [
    None, True, -1, 10**30, 1.5, "", "os", "system", "eval", "builtins", "../evil", [], {}, [1],
    "FunctionNode", "MethodNode", "ObjectNode", "TypeNode", "NdArrayNode", "JsonNode", "TreeNode",
    "CachedNode", "ReduceNode", "0.npy", "[" * 5000, "null", "1e999",
]  # fmt: skip


def places_in(value):
    """Yield every place in a schema: the container, and the key in it."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield value, key
        if isinstance(inner, dict | list):
            yield from places_in(inner)


def mutated_bytes(data, draw):
    kind = draw.choice(["flip", "cut", "insert", "swap", "repeat"])
    changed = bytearray(data)
    start, end = sorted(draw.sample(range(len(data)), 2))
    if kind == "flip":
        for _ in range(draw.randint(1, 4)):
            changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    elif kind == "cut":
        del changed[start : draw.choice([end, len(data)])]
    elif kind == "insert":
        changed[start:start] = draw.randbytes(draw.randint(1, 100))
    elif kind == "swap":
        changed = bytearray(data[end:] + data[start:end] + data[:start])
    else:
        changed[end:end] = data[start:end]
    return bytes(changed)


@pytest.mark.usefixtures("nothing_runs")
def test_three_hundred_files_that_were_changed_are_refused(original, path):
    draw = random.Random(0)
    data = original.read_bytes()
    for _ in range(300):
        changed = mutated_bytes(data, draw)
        if changed != data:
            path.write_bytes(changed)
            with pytest.raises(ModelFileError):
                load_model(path)


@pytest.mark.usefixtures("nothing_runs")
def test_two_hundred_files_whose_seal_was_made_anew_are_opened_or_refused(original, path):
    draw = random.Random(1)
    card, schema, arrays = members_of(original)
    n_refused = 0
    for _ in range(200):
        changed, contents = copy.deepcopy(schema), dict(arrays)
        for _ in range(draw.randint(1, 3)):
            if draw.random() < 0.3:
                name = draw.choice(list(contents))
                contents[name] = mutated_bytes(contents[name], draw)
            elif draw.random() < 0.2:
                one, other = draw.sample(list(contents), 2)
                contents[one], contents[other] = contents[other], contents[one]
            else:
                container, key = draw.choice(list(places_in(changed)))
                container[key] = draw.choice(SWAPPED_IN)
        write(path, card, changed, contents)
        try:
            load_model(path)
        except ModelFileError:
            n_refused += 1
    assert n_refused > 100


def test_opening_takes_memory_in_proportion_to_the_file(path):
    scaler = StandardScaler().fit(np.zeros((2, 4)))
    scaler.mean_ = np.zeros(2_000_000)
    save_model(scaler, path)
    tracemalloc.start()
    try:
        load_model(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * path.stat().st_size
