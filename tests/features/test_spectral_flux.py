import numpy as np
from vowels import SR

from skser import SpectralFlux


def flux(y):
    return SpectralFlux(pooling=None).fit_transform([y])[0]


def test_steady_tone_has_none():
    # 1 kHz repeats from frame to frame.
    y = np.sin(2 * np.pi * 1000 * np.arange(SR) / SR)
    np.testing.assert_allclose(flux(y)[2:-2], 0, atol=1e-4)


def test_is_largest_where_a_tone_begins():
    y = np.sin(2 * np.pi * 1000 * np.arange(SR) / SR) * (np.arange(SR) >= 8000)
    assert flux(y).argmax() in (50, 51)


def test_blocks_of_frames_join_without_a_seam():
    # A block has 64 frames.
    y = np.sin(2 * np.pi * 1000 * np.arange(4 * SR) / SR)
    np.testing.assert_allclose(flux(y)[2:-2], 0, atol=1e-4)
