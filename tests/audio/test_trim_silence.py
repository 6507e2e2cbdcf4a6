import librosa
import numpy as np
import pytest

from skser import Audio, TrimSilence

SILENCE = np.zeros(8192)


def test_both_ends_are_cut():
    y = np.concatenate([SILENCE, np.ones(8192), SILENCE])
    trimmed = TrimSilence().transform([Audio(y, 16000)])[0].y
    # A frame that touches the sound is kept: up to a frame less a hop on either side.
    assert trimmed.sum() == 8192
    assert len(trimmed) <= 8192 + 2 * 2048


def test_equals_librosa(rng):
    y = rng.normal(size=20000).astype(np.float32) * np.hanning(20000).astype(np.float32)
    np.testing.assert_array_equal(
        TrimSilence(top_db=20).transform([y])[0], librosa.effects.trim(y, top_db=20)[0]
    )


@pytest.mark.parametrize("n_samples", [1, 2, 10000])
def test_silent_clip_stays_as_it_is(n_samples):
    assert len(TrimSilence().transform([np.zeros(n_samples)])[0]) == n_samples


def test_pause_stays():
    y = np.concatenate([np.ones(4096), SILENCE, np.ones(4096)])
    assert len(TrimSilence().transform([y])[0]) == len(y)


def test_rows_trimmed_to_different_lengths_become_objects():
    rows = np.zeros((2, 8192))
    rows[0, :2048] = rows[1] = 1
    trimmed = TrimSilence().transform(rows)
    assert trimmed.dtype == object
    assert len(trimmed[0]) < len(trimmed[1]) == 8192
