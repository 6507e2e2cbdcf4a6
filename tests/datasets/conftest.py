import numpy as np
import pytest
import soundfile


@pytest.fixture
def write_clip():
    """Write noise to a file, of any format, making the folders above it; no two are alike."""
    noise = np.random.default_rng(0)

    def write(path, seconds=0.1, sr=8000, y=None):
        path.parent.mkdir(parents=True, exist_ok=True)
        if y is None:
            y = noise.uniform(-0.5, 0.5, round(seconds * sr))
        soundfile.write(path, y, sr, format=path.suffix[1:].upper())
        return str(path)

    return write
