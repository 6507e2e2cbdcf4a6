import pytest

from skser.features import _clip


@pytest.fixture
def reads(monkeypatch):
    """Clips that were read: the place in X, and the sample rate."""
    read = []
    original = _clip.load_clip

    def load(item, sr, index=None):
        read.append((index, sr))
        return original(item, sr, index)

    monkeypatch.setattr(_clip, "load_clip", load)
    return read
