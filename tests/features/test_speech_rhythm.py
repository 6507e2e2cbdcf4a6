import numpy as np
import pytest
from vowels import SR, phrases

from skser import SpeechRhythm


def rhythm(clip):
    extractor = SpeechRhythm().fit([clip])
    return dict(zip(extractor.get_feature_names_out(), extractor.transform([clip])[0], strict=True))


def test_phrases_have_their_rhythm():
    y, _, _ = phrases(120, n_phrases=4, voiced=0.6, pause=0.4)
    found = rhythm(y)
    seconds = len(y) / SR
    assert found["speechrhythm_loudness_peaks_per_second"] == pytest.approx(4 / seconds, rel=0.01)
    assert found["speechrhythm_voiced_per_second"] == pytest.approx(4 / seconds, rel=0.01)
    assert found["speechrhythm_voiced_mean"] == pytest.approx(0.6, abs=0.02)
    assert found["speechrhythm_unvoiced_mean"] == pytest.approx(0.4, abs=0.02)
    assert found["speechrhythm_voiced_std"] < 0.01
    assert found["speechrhythm_unvoiced_std"] < 0.01


@pytest.mark.filterwarnings("ignore:The values of 1 of 1 clips:UserWarning")
def test_silence_is_one_unvoiced_segment():
    found = rhythm(np.zeros(SR))
    length = found.pop("speechrhythm_unvoiced_mean")
    assert length == pytest.approx(1.01)
    assert set(found.values()) == {0}
