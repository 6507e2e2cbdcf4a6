import librosa
import numpy as np
import pytest

from skser.analysis import Analysis, AnalysisPlan
from skser.analysis._tuning import estimate_tuning

TIME = np.arange(22050) / 22050


@pytest.mark.parametrize("cents", [-40, -13, 0, 7, 25])
def test_tone_between_two_semitones(cents):
    y = np.sin(2 * np.pi * 440 * 2 ** (cents / 1200) * TIME).astype(np.float32)
    tuning = estimate_tuning(Analysis(y, AnalysisPlan()).magnitude, 22050, 12)
    assert tuning == pytest.approx(cents / 100, abs=0.02)


@pytest.mark.parametrize("n_fft", [2, 64, 1023, 2048])
@pytest.mark.parametrize("sr", [2000, 22050, 48000])
@pytest.mark.parametrize("bins_per_octave", [12, 36])
@pytest.mark.filterwarnings("ignore:Trying to estimate tuning:UserWarning")
def test_equals_librosa_on_noise(n_fft, sr, bins_per_octave, rng):
    y = rng.normal(scale=0.1, size=9000).astype(np.float32)
    S = Analysis(y, AnalysisPlan(sr=sr, n_fft=n_fft, hop_length=512)).magnitude
    expected = librosa.estimate_tuning(S=S.T, sr=sr, bins_per_octave=bins_per_octave)
    assert estimate_tuning(S, sr, bins_per_octave) == pytest.approx(expected)


def test_silence_is_in_tune():
    assert estimate_tuning(np.zeros((5, 1025), dtype=np.float32), 22050, 12) == 0
