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
def ravdess_clips(ravdess):
    """Paths of 22 clips of 22 actors, one of them stereo."""
    stereo = ravdess / "Actor_01" / "03-01-02-01-01-02-01.flac"
    mono = [sorted((ravdess / f"Actor_{i:02d}").glob("*.flac"))[5 * i % 60] for i in range(2, 23)]
    return [str(path) for path in [stereo, *mono]]


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
