import librosa
import numpy as np
import pytest

from skser.analysis import Analysis, AnalysisPlan, _constant_q
from skser.analysis._constant_q import (
    _C1,
    _octave_filters,
    _octave_spectra,
    _response_of_bins,
    _response_of_frames,
)

# librosa warns of its own short frames in the low octaves, and of clips too short to tune.
pytestmark = [
    pytest.mark.filterwarnings("ignore:n_fft=.* is too large:UserWarning"),
    pytest.mark.filterwarnings("ignore:Trying to estimate tuning:UserWarning"),
]

TIME = np.arange(22050) / 22050


@pytest.fixture(params=["after silence", "after a whisper"])
def late_chord(request, rng):
    chord = sum(0.2 * np.sin(2 * np.pi * f * TIME) for f in (261.6, 329.6, 392.0))
    before = 0 if request.param == "after silence" else rng.normal(scale=1e-6, size=22050)
    return np.concatenate([np.zeros(22050) + before, chord]).astype(np.float32)


def test_what_is_loud_does_not_drown_what_is_soft(late_chord):
    # The low octaves' frames are seconds long: those of the quiet second reach into the chord.
    expected = librosa.feature.chroma_cqt(y=late_chord, sr=22050)
    chroma = Analysis(late_chord, AnalysisPlan()).chroma_cqt
    np.testing.assert_allclose(chroma.T, expected, atol=1e-4)


@pytest.mark.parametrize("hop_length", [512, 160, 300])
def test_hops_that_cannot_be_halved_for_every_octave(hop_length, rng):
    y = rng.normal(scale=0.1, size=9000).astype(np.float32)
    expected = librosa.feature.chroma_cqt(y=y, sr=22050, hop_length=hop_length)
    chroma = Analysis(y, AnalysisPlan(hop_length=hop_length)).chroma_cqt
    np.testing.assert_allclose(chroma.T, expected, atol=1e-4)


@pytest.mark.parametrize(
    ("sr", "hop_length", "n_samples"),
    [
        (44100, 441, 9000),
        (22050, 221, 9000),
        (16000, 161, 9000),
        (48000, 480, 20000),
        (22050, 5, 200),
        (22050, 1, 20),
        (22050, 221, 2),
    ],
)
def test_hops_that_are_short_beside_the_filters(sr, hop_length, n_samples, rng):
    y = rng.normal(scale=0.1, size=n_samples).astype(np.float32)
    expected = librosa.feature.chroma_cqt(y=y, sr=sr, hop_length=hop_length)
    chroma = Analysis(y, AnalysisPlan(sr=sr, hop_length=hop_length)).chroma_cqt
    np.testing.assert_allclose(chroma.T, expected, atol=1e-4)


def test_what_is_loud_does_not_drown_what_is_soft_at_an_odd_hop(late_chord):
    expected = librosa.feature.chroma_cqt(y=late_chord, sr=22050, hop_length=441)
    chroma = Analysis(late_chord, AnalysisPlan(hop_length=441)).chroma_cqt
    np.testing.assert_allclose(chroma.T, expected, atol=1e-4)


def test_silence_beyond_the_reach_of_sound_stays_silent_at_an_odd_hop():
    y = np.zeros(3 * 22050, dtype=np.float32)
    y[:1000] = 0.9
    chroma = Analysis(y, AnalysisPlan(hop_length=441)).chroma_cqt
    # The longest filters are applied to frames of 65536 samples.
    first_silent = (1000 + 65536 // 2) // 441 + 1
    assert chroma[:first_silent].any(axis=1).all()
    assert not chroma[first_silent:].any()


@pytest.mark.parametrize("hop_length", [33, 441, 512])
def test_shared_transforms_equal_filters_that_are_multiplied_with_each_frame(hop_length, rng):
    y = rng.normal(scale=0.1, size=20000).astype(np.float32)
    lowest = 8 * _C1 / 22050
    spectra, n_fft = _octave_spectra(lowest)
    each = _response_of_frames(y, _octave_filters(lowest), hop_length)
    shared = _response_of_bins(y, spectra, n_fft, hop_length)
    np.testing.assert_allclose(shared, each, rtol=1e-4, atol=1e-5 * each.max())


def test_long_filters_are_not_multiplied_with_each_frame(rng, monkeypatch):
    lengths = []

    def recorded(lowest):
        filters = _octave_filters(lowest)
        lengths.append(len(filters))
        return filters

    monkeypatch.setattr(_constant_q, "_octave_filters", recorded)
    y = rng.normal(scale=0.1, size=9000).astype(np.float32)
    assert Analysis(y, AnalysisPlan(sr=44100, hop_length=441)).chroma_cqt.shape == (21, 12)
    # Seven octaves of 2048 to 131072 samples.
    assert lengths == [2048, 4096]


@pytest.mark.parametrize("sr", [16000, 48000])
def test_other_sample_rates(sr, rng):
    y = rng.normal(scale=0.1, size=20000).astype(np.float32)
    expected = librosa.feature.chroma_cqt(y=y, sr=sr)
    chroma = Analysis(y, AnalysisPlan(sr=sr)).chroma_cqt
    np.testing.assert_allclose(chroma.T, expected, atol=1e-4)
