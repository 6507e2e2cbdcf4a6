import importlib.metadata
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from packaging.requirements import Requirement

from skser import make_emotional_speech, make_recognizer, save_model

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = Path(__file__).parents[1] / "without_tensorflow.txt"

SIZES = """
import importlib.metadata
from pathlib import Path
files = [
    Path(dist.locate_file(file))
    for dist in importlib.metadata.distributions()
    if dist.name not in ("pip", "setuptools")
    for file in dist.files
]
print(sum(file.stat().st_size for file in set(files) if file.suffix != ".pyc" and file.exists()))
"""

PREDICT = """
import sys
import numpy as np
import soundfile
import skser
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC
folder = sys.argv[1]
speech = skser.make_emotional_speech(n_speakers=2, n_per_class=2, random_state=0)
for kind in ("fast", "best"):
    model = skser.load_model(f"{folder}/{kind}.skser", runtime="onnx")
    np.save(f"{folder}/{kind}.npy", model.predict_proba(speech.data))
skser.load_model(f"{folder}/best.skser").predict(speech.data[:1])
pipeline = make_pipeline(skser.MFCC(), SVC()).fit(speech.data, speech.target)
skser.save_model(pipeline, f"{folder}/svm.skser")
skser.load_model(f"{folder}/svm.skser").predict(speech.data)
for name in skser.__all__:
    getattr(skser, name)
try:
    skser.Conv1DClassifier().fit(np.zeros((4, 3)), [0, 1, 0, 1])
except ImportError as error:
    print(error)
assert {"tensorflow", "keras", "scikeras"}.isdisjoint(sys.modules)
"""


def installed_size(requirements):
    """Bytes of what some requirements install, with all that these require."""
    waiting, found, size = [Requirement(text) for text in requirements], set(), 0
    while waiting:
        wanted = waiting.pop()
        name = wanted.name.lower().replace("_", "-")
        if name in found or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        dist = importlib.metadata.distribution(name)
        waiting += map(Requirement, dist.requires or [])
        files = [Path(dist.locate_file(file)) for file in dist.files or []]
        size += sum(f.stat().st_size for f in files if f.suffix != ".pyc" and f.exists())
    return size


@pytest.fixture
def python(tmp_path_factory):
    """The Python of an environment without TensorFlow, in which skser is installed."""
    folder = tmp_path_factory.mktemp("lean") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    executable = folder / "bin" / "python"
    install = [executable, "-m", "pip", "install", "--quiet", "--no-compile"]
    subprocess.run([*install, "-r", PACKAGES], check=True)
    subprocess.run([*install, "--no-deps", ROOT], check=True)
    return executable


@pytest.fixture
def models(tmp_path_factory):
    """Folder of the recognisers "fast" and "best", and what they say of some clips."""
    folder = tmp_path_factory.mktemp("models")
    speech = make_emotional_speech(n_speakers=2, n_per_class=2, random_state=0)
    said = {}
    for kind in ("fast", "best"):
        recognizer = make_recognizer(kind, embedding=False, random_state=0)
        if kind == "best":
            recognizer.set_params(network__classify__epochs=2)
        recognizer.fit(speech.data, speech.target)
        save_model(recognizer, folder / f"{kind}.skser", onnx=True)
        said[kind] = recognizer.predict_proba(speech.data)
    soundfile.write(folder / "clip.wav", speech.data[0].y, speech.data[0].sr)
    return folder, said


def run(*command):
    """Run a command outside the repository, and return what it prints."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd="/",
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_recognisers_predict_where_tensorflow_is_not_installed(python, models, capsys):
    # One test: the environment takes minutes to make.
    folder, said = models
    printed = run(python, "-c", PREDICT, folder)
    assert "pip install tensorflow keras scikeras" in printed
    for kind, probabilities in said.items():
        np.testing.assert_allclose(np.load(folder / f"{kind}.npy"), probabilities, atol=1e-5)
        file = folder / f"{kind}.skser"
        assert "angry" in run(python, "-m", "skser", "info", file)
        assert "clip.wav" in run(python, "-m", "skser", "predict", file, folder / "clip.wav")
    lean = int(run(python, "-c", SIZES))
    with open(ROOT / "pyproject.toml", "rb") as file:
        full = installed_size(tomllib.load(file)["project"]["dependencies"])
    with capsys.disabled():
        print(f"\nwithout TensorFlow {lean / 1e6:.0f} MB, all of skser {full / 1e6:.0f} MB")
    assert lean < full / 2
