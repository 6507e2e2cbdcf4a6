import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skser import load_model, save_model
from skser.exceptions import ModelFileError
from skser.persistence._archive import pack, unpack
from skser.persistence._onnx_carried import networks_in
from skser.persistence._onnx_network import OnnxNetwork
from skser.persistence._read_card import _MEMBERS

pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def file(image_pipeline, tmp_path_factory):
    """A model file that carries the graph of its network."""
    path = tmp_path_factory.mktemp("model") / "voice.skser"
    save_model(image_pipeline, path, onnx=True)
    return path


@pytest.fixture(scope="module")
def plain(image_pipeline, tmp_path_factory):
    """A model file without a graph."""
    path = tmp_path_factory.mktemp("model") / "plain.skser"
    save_model(image_pipeline, path)
    return path


@pytest.fixture
def loaded(file):
    return load_model(file, runtime="onnx")


def ragged(X):
    clips = np.empty(len(X), dtype=object)
    for i, image in enumerate(X):
        clips[i] = image[:, : 9 + i]
    return clips


@pytest.mark.parametrize("clips", [np.asarray, ragged], ids=["one length", "many lengths"])
def test_what_onnxruntime_predicts_is_what_tensorflow_predicts(
    clips, loaded, image_pipeline, images
):
    X = clips(images[0])
    np.testing.assert_allclose(loaded.predict_proba(X), image_pipeline.predict_proba(X), atol=1e-5)
    assert loaded.predict(X).tolist() == image_pipeline.predict(X).tolist()
    np.testing.assert_allclose(loaded.transform(X), image_pipeline.transform(X), atol=1e-3)


def test_it_refuses_what_the_classifier_refuses(loaded, images):
    with pytest.raises(ValueError, match="15 features, but SpectrogramScaler is expecting 16"):
        loaded.predict(images[0][:, :15])


@pytest.mark.slow
def test_a_process_without_tensorflow_predicts(file, image_pipeline, images, tmp_path):
    np.save(tmp_path / "X.npy", images[0])
    code = f"""
import sys
sys.modules.update(dict.fromkeys(["tensorflow", "keras", "scikeras", "onnx", "tf2onnx"]))
import numpy as np
from skser import load_model
X = np.load({str(tmp_path / "X.npy")!r})
np.save({str(tmp_path / "p.npy")!r}, load_model({str(file)!r}).predict_proba(X))
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    probabilities = np.load(tmp_path / "p.npy")
    np.testing.assert_allclose(probabilities, image_pipeline.predict_proba(images[0]), atol=1e-5)


def test_without_tensorflow_a_network_says_what_to_install(plain, images, monkeypatch):
    model = load_model(plain)
    for name in ("tensorflow", "keras", "scikeras"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr("skser.neural._adapter._networks", {})
    with pytest.raises(ImportError, match=r"pip install tensorflow .* runtime='onnx'"):
        model.predict(images[0])


def test_a_file_without_a_graph_says_how_to_make_one(plain):
    with pytest.raises(ModelFileError, match=r"plain.skser' contains no graph .*onnx=True"):
        load_model(plain, runtime="onnx")


def test_an_estimator_without_a_network_needs_no_graph(tmp_path, rng):
    X = rng.normal(size=(20, 5))
    pipeline = make_pipeline(PCA(2), LogisticRegression()).fit(X, np.arange(20) % 2)
    save_model(pipeline, tmp_path / "voice.skser", onnx=True)
    loaded = load_model(tmp_path / "voice.skser", runtime="onnx")
    np.testing.assert_array_equal(loaded.predict_proba(X), pipeline.predict_proba(X))


def test_networks_are_found_wherever_they_are(image_pipeline):
    vote = VotingClassifier([("a", image_pipeline), ("b", image_pipeline)])
    vote.estimators_ = [image_pipeline, make_pipeline(LogisticRegression())]
    assert list(networks_in({"of": [vote]})) == [image_pipeline[-1]]


def test_networks_are_found_in_a_calibrated_classifier(image_pipeline, images):
    """Its folds are objects without parameters."""
    calibrated = CalibratedClassifierCV(FrozenEstimator(image_pipeline), method="sigmoid")
    calibrated.fit(np.concatenate([images[0]] * 5), np.concatenate([images[1]] * 5))
    del calibrated.estimator
    assert list(networks_in(calibrated)) == [image_pipeline[-1]]


def test_threads_share_a_model(loaded, images):
    X = images[0]
    alone = loaded.predict_proba(X)
    with ThreadPoolExecutor(8) as pool:
        for together in pool.map(loaded.predict_proba, [X] * 16):
            np.testing.assert_array_equal(together, alone)


def test_what_was_loaded_pickles(loaded, images):
    again = pickle.loads(pickle.dumps(loaded))
    np.testing.assert_array_equal(again.predict_proba(images[0]), loaded.predict_proba(images[0]))


def test_what_was_loaded_is_saved_as_it_was(loaded, image_pipeline, images, tmp_path):
    save_model(loaded, tmp_path / "again.skser", onnx=True)
    assert isinstance(loaded[-1].network_, OnnxNetwork)
    again = load_model(tmp_path / "again.skser", runtime="tensorflow")
    np.testing.assert_array_equal(
        again.predict_proba(images[0]), image_pipeline.predict_proba(images[0])
    )
    load_model(tmp_path / "again.skser", runtime="onnx")


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (b"no graph", "holds a graph that cannot be opened"),
        (b"\n\x08location\x12\x0b/etc/passwd", "refers to another file"),
        (b"\x12\x0b/etc/passwd\n\x08location", "refers to another file"),
        (b"\x8a\x80\x00\x88\x00location\x12\x0b/etc/passwd", "refers to another file"),
    ],
)
def test_a_graph_that_is_none_is_refused(graph, message, file, tmp_path):
    members = unpack(file.read_bytes(), _MEMBERS)
    [name] = [name for name in members if name.startswith("graphs/")]
    path = tmp_path / "changed.skser"
    path.write_bytes(pack({**members, name: graph}, sealed=True))
    with pytest.raises(ModelFileError, match=message):
        load_model(path, runtime="onnx")


def test_an_unknown_runtime_is_named(file):
    with pytest.raises(ValueError, match="runtime='torch' must be 'tensorflow', 'onnx' or None"):
        load_model(file, runtime="torch")
