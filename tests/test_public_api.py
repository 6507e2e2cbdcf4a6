import ast
import subprocess
import sys
from pathlib import Path

import pytest

import skser


def run(code):
    """Run code in a fresh interpreter and return what it prints."""
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return process.stdout.strip()


def loaded_after(statement):
    return run(f"import sys; {statement}; print(' '.join(sys.modules))").split()


def test_importing_the_package_loads_nothing_heavy():
    heavy = {"numpy", "sklearn", "librosa", "tensorflow", "keras", "pandas", "matplotlib", "skops"}
    assert heavy.isdisjoint(loaded_after("import skser"))


def test_importing_a_feature_loads_no_tensorflow():
    assert {"tensorflow", "keras"}.isdisjoint(loaded_after("from skser import MFCC"))


def test_importing_the_classifier_loads_no_tensorflow():
    assert {"tensorflow", "keras"}.isdisjoint(loaded_after("from skser import Conv1DClassifier"))


def test_reading_a_card_loads_no_scikit_learn():
    heavy = {"sklearn", "pandas", "librosa", "skops"}
    assert heavy.isdisjoint(loaded_after("import skser.cli._info; from skser import read_card"))


def test_a_pipeline_without_a_network_predicts_without_tensorflow(tmp_path):
    path = tmp_path / "pipeline.pkl"
    run(
        "import pickle, numpy as np\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from sklearn.svm import SVC\n"
        "from skser import MFCC\n"
        "X = np.random.default_rng(0).normal(size=(4, 4000))\n"
        "pipe = make_pipeline(MFCC(), SVC()).fit(X, [0, 0, 1, 1])\n"
        f"pickle.dump(pipe, open({str(path)!r}, 'wb'))"
    )
    load = f"import pickle, numpy as np; pipe = pickle.load(open({str(path)!r}, 'rb'))"
    assert "tensorflow" not in loaded_after(f"{load}; pipe.predict(np.zeros((1, 4000)) + 0.1)")


def test_computing_features_loads_neither_numba_nor_searches():
    # Each process of a union would take a second longer to start.
    modules = loaded_after(
        "import numpy as np, skser\n"
        "members = [skser.MFCC(), skser.Chroma(), skser.Tonnetz(), skser.Mel(), skser.EGeMAPS()]\n"
        "members += [skser.SpectralContrast(), skser.SpectralRolloff(), skser.SpectralFlatness()]\n"
        "members += [skser.SpectralBandwidth(), skser.ZCR(), skser.RMS()]\n"
        "clip = np.random.default_rng(0).normal(scale=0.1, size=22050)\n"
        "values = [member.fit_transform([clip]) for member in [*members, skser.MelImage()]]"
    )
    assert "skser.features" in modules
    assert {"numba", "librosa", "sklearn.model_selection"}.isdisjoint(modules)


def test_every_public_name_can_be_imported():
    stub = ast.parse(Path(skser.__file__).with_suffix(".pyi").read_text())
    names = [a.name for node in stub.body for a in getattr(node, "names", [])]
    assert set(names) <= set(dir(skser))
    for name in names:
        assert getattr(getattr(skser, name), "__name__", name).split(".")[-1] == name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="NoSuchFeature"):
        skser.NoSuchFeature  # noqa: B018
