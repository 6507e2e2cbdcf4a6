import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "PYTEST_XDIST_WORKER" in os.environ:
    # Two processes that write librosa's numba cache at once corrupt it, and every later
    # process crashes when it reads it: one folder a worker, set before librosa is imported.
    folder = tempfile.mkdtemp(prefix="skser-numba-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = folder

import hypothesis
import numpy as np
import pytest
import soundfile

from skser.datasets import make_emotional_speech

# How fast an example runs says nothing about behaviour.
hypothesis.settings.register_profile("skser", deadline=None)
hypothesis.settings.load_profile("skser")

DATA = Path(os.environ.get("SKSER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def ravdess():
    """Folder of RAVDESS: $SKSER_DATA/ravdess, or ../shared/data/ravdess beside the repository."""
    folder = DATA / "ravdess"
    if not folder.is_dir():
        pytest.skip(f"no RAVDESS in {folder}; set SKSER_DATA")
    return folder


@pytest.fixture(scope="session")
def speech_clips(tmp_path_factory):
    """Paths of 22 clips, the first one stereo: of RAVDESS, or of the built-in speech without it."""
    ravdess = DATA / "ravdess"
    if ravdess.is_dir():
        stereo = ravdess / "Actor_01" / "03-01-02-01-01-02-01.flac"
        actors = [sorted((ravdess / f"Actor_{i:02d}").glob("*.flac")) for i in range(2, 23)]
        mono = [files[5 * i % 60] for i, files in enumerate(actors, start=2)]
        return [str(path) for path in [stereo, *mono]]
    folder = tmp_path_factory.mktemp("speech")
    # As RAVDESS: 48 kHz, 16 bit.
    clips = make_emotional_speech(11, 1, emotions=["angry", "sad"], sr=48000, random_state=0).data
    samples = [clip.y for clip in clips]
    samples[0] = np.stack([samples[0], 0.5 * samples[0][::-1]], axis=1)
    paths = [str(folder / f"{i:02d}.flac") for i in range(len(clips))]
    for path, y in zip(paths, samples, strict=True):
        soundfile.write(path, y, 48000)
    return paths


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def quarter_rate_cosine():
    """A cosine at a quarter of the sample rate, exact in floating point: 1, 0, -1, 0, ..."""
    return np.tile([1.0, 0.0, -1.0, 0.0], 4096)


@pytest.fixture
def reads(monkeypatch):
    """Clips that were read: the place in X, and the sample rate."""
    from skser.extraction import _clip

    read = []
    original = _clip.load_clip

    def load(item, sr, index=None):
        read.append((index, sr))
        return original(item, sr, index)

    monkeypatch.setattr(_clip, "load_clip", load)
    return read
