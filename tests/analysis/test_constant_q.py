import librosa
import numpy as np
import pytest

from skser.analysis import Analysis, AnalysisPlan

# librosa warns of its own short frames in the low octaves.
pytestmark = pytest.mark.filterwarnings("ignore:n_fft=.* is too large:UserWarning")

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


@pytest.mark.parametrize("sr", [16000, 48000])
def test_other_sample_rates(sr, rng):
    y = rng.normal(scale=0.1, size=20000).astype(np.float32)
    expected = librosa.feature.chroma_cqt(y=y, sr=sr)
    chroma = Analysis(y, AnalysisPlan(sr=sr)).chroma_cqt
    np.testing.assert_allclose(chroma.T, expected, atol=1e-4)
