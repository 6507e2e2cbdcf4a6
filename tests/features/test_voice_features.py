"""What holds for every feature of the voice."""

import numpy as np
import pytest
from vowels import SR, vowel

import skser.analysis._analysis
from skser import Analysis, AnalysisPlan, VoiceAnalysis, features, make_audio_union
from skser.analysis._pooling import STATISTICS, with_deltas
from skser.features._pooled_extractor import PooledExtractor
from skser.features._voice_feature import SpeechFeature, VoiceExtractor, VoiceFeature

EXTRACTORS = [
    value
    for value in (getattr(features, name) for name in features.__all__)
    if issubclass(value, VoiceExtractor)
]
VOICE = [feature for feature in EXTRACTORS if issubclass(feature, PooledExtractor)]
SPEECH = [feature for feature in VOICE if issubclass(feature, SpeechFeature)]
VOICED_ONLY = [feature for feature in VOICE if feature not in SPEECH]
EVERY_POOLING = [*STATISTICS, "p20"]

every_extractor = pytest.mark.parametrize("feature", EXTRACTORS)
every_speech_feature = pytest.mark.parametrize("feature", SPEECH)
voiced_only = pytest.mark.parametrize("feature", VOICED_ONLY)


@pytest.fixture
def whisper(rng):
    return rng.normal(scale=0.1, size=SR)


@pytest.fixture
def count_analyses(monkeypatch):
    made = []

    class Counted(VoiceAnalysis):
        def __init__(self, y, sr):
            super().__init__(y, sr)
            made.append(self)

    monkeypatch.setattr(skser.analysis._analysis, "VoiceAnalysis", Counted)
    return made


def test_members_of_a_union_share_one_analysis(count_analyses):
    union = make_audio_union(*(feature() for feature in EXTRACTORS)).fit([vowel().y])
    count_analyses.clear()
    union.transform([vowel(100).y, vowel(200).y, vowel(300).y])
    assert len(count_analyses) == 3


def test_analysis_computes_a_measure_once(monkeypatch):
    from skser.analysis import _voice

    calls = []
    for name in ("track_pitch", "harmonics_to_noise", "jitter_and_shimmer"):
        function = getattr(_voice, name)
        monkeypatch.setattr(_voice, name, lambda *a, f=function, n=name: calls.append(n) or f(*a))
    union = make_audio_union(*(feature() for feature in EXTRACTORS)).fit([vowel().y])
    calls.clear()
    union.transform([vowel().y])
    assert sorted(calls) == ["harmonics_to_noise", "jitter_and_shimmer", "track_pitch"]


def test_what_is_not_asked_for_is_not_computed(monkeypatch):
    def fail(*args):
        raise AssertionError

    monkeypatch.setattr("skser.analysis._voice.track_pitch", fail)
    monkeypatch.setattr("skser.analysis._voice.jitter_and_shimmer", fail)
    for feature in SPEECH:
        feature().fit_transform([vowel().y])


def test_values_are_kept_in_memory(count_analyses, tmp_path):
    clips = [vowel(100).y, vowel(200).y]

    def transform():
        members = (feature() for feature in EXTRACTORS)
        union = make_audio_union(*members, memory=tmp_path).fit(clips)
        count_analyses.clear()
        return union.transform(clips)

    values = transform()
    assert count_analyses
    np.testing.assert_array_equal(transform(), values)
    assert not count_analyses


@every_extractor
def test_frames_and_rate_of_a_union_do_not_count(feature):
    clip = skser.Audio(vowel().y, SR)
    union = make_audio_union(feature(), sr=8000, n_fft=512, hop_length=128)
    np.testing.assert_array_equal(union.fit_transform([clip]), feature().fit_transform([clip]))


@every_extractor
def test_rate_below_8000_hz_is_refused(feature):
    with pytest.raises(ValueError, match=rf"'sr' parameter of {feature.__name__} .*\[8000"):
        feature(sr=7999).fit([vowel().y])


def test_analysis_at_a_rate_below_8000_hz_is_refused():
    with pytest.raises(ValueError, match=r"sr=4000 Hz is too low .* at least 8000 Hz"):
        _ = Analysis(vowel().y, AnalysisPlan(sr=4000)).voice


@voiced_only
def test_without_a_voiced_frame_every_statistic_is_0(feature, whisper):
    assert not feature(pooling=EVERY_POOLING, deltas=2).fit_transform([whisper]).any()
    assert not feature(pooling=None).fit_transform([whisper]).any()
    assert not feature(pooling=lambda frames: frames.max(axis=1)).fit_transform([whisper]).any()


@every_speech_feature
def test_without_a_voiced_frame_voiced_frames_are_0_and_unvoiced_ones_all(feature, whisper):
    values = {
        frames: feature(frames=frames, pooling=EVERY_POOLING).fit_transform([whisper])
        for frames in ("all", "voiced", "unvoiced")
    }
    assert not values["voiced"].any()
    np.testing.assert_array_equal(values["unvoiced"], values["all"])


@every_speech_feature
def test_frames_choose_voiced_or_unvoiced_ones(feature, whisper):
    clip = np.concatenate([vowel().y, 0.01 * whisper]).astype(np.float32)
    voiced = Analysis(clip, AnalysisPlan(sr=SR)).voice.voiced
    frames = feature(pooling=None).fit_transform([clip]).reshape(-1, len(voiced))
    assert 80 < voiced.sum() < 120
    for name, mask in (("voiced", voiced), ("unvoiced", ~voiced)):
        np.testing.assert_allclose(
            feature(frames=name).fit_transform([clip])[0],
            frames[:, mask].mean(axis=1),
            rtol=1e-5,
        )
        chosen = feature(frames=name, pooling=None).fit_transform([clip]).reshape(frames.shape)
        np.testing.assert_array_equal(chosen, np.where(mask, frames, 0))


@every_speech_feature
def test_unknown_frames_are_refused(feature):
    with pytest.raises(ValueError, match=f"'frames' parameter of {feature.__name__} must be a str"):
        feature(frames="loud").fit([vowel().y])


class Given(VoiceFeature):
    """Coefficients that are given, in which some are missing."""

    def _frames(self, analysis):
        nan = np.nan
        return np.array([[1, 2, nan, nan, 5, 9], [nan, 1, 1, nan, 2, 4]], dtype=np.float32)


def pooled(**parameters):
    return Given(**parameters).fit_transform([np.ones(SR)])[0]


def test_missing_values_are_left_out_coefficient_by_coefficient():
    np.testing.assert_allclose(pooled(), [17 / 4, 2])
    np.testing.assert_allclose(pooled(pooling=["min", "max"]), [1, 1, 9, 4])


def test_slope_is_that_over_the_time_of_the_frames():
    expected = [np.polyfit([0, 1, 4, 5], [1, 2, 5, 9], 1)[0]]
    np.testing.assert_allclose(pooled(pooling="slope")[:1], expected, rtol=1e-6)


def test_frames_hold_0_for_missing_values():
    assert pooled(pooling=None).tolist() == [1, 2, 0, 0, 5, 9, 0, 1, 1, 0, 2, 4]


def test_callable_gets_the_frames_that_are_whole():
    assert pooled(pooling=np.ravel).tolist() == [2, 5, 9, 1, 2, 4]


def test_derivatives_do_not_cross_a_gap():
    frames = pooled(pooling=None, deltas=1).reshape(4, 6)
    for row, run in [(0, slice(0, 2)), (0, slice(4, 6)), (1, slice(1, 3)), (1, slice(4, 6))]:
        expected = with_deltas(frames[row : row + 1, run], 1)[1]
        np.testing.assert_array_equal(frames[row + 2, run], expected)
    missing = np.isnan(Given()._frames(None))
    assert not frames[2:][missing].any()


@every_extractor
@pytest.mark.parametrize("sr", [8000, 16000, 44100])
@pytest.mark.parametrize(
    "clip",
    [
        np.where(np.arange(SR) % 133 < 66, 32767, -32768).astype(np.int16),
        np.where(np.arange(SR) % 133 < 66, 32767.0, -32768.0),
        np.where(np.arange(SR) % 133 < 66, 1e12, -1e12),
        vowel().y + 0.5,
        np.full(SR, 0.5),
        0.5 * np.sin(2 * np.pi * 10 * np.arange(SR) / SR),
        np.clip(20 * vowel().y, -1, 1),
        np.eye(1, SR, SR // 2)[0],
        1e-9 * vowel().y,
        vowel().y[:100],
    ],
    ids=[
        "int16",
        "int16 as float",
        "loudest",
        "voice and DC",
        "DC",
        "hum of 10 Hz",
        "clipped",
        "click",
        "soft",
        "shorter than a frame",
    ],
)
def test_difficult_clips_have_finite_values(feature, sr, clip):
    assert np.isfinite(feature(sr=sr).fit_transform([clip])).all()


@pytest.mark.parametrize(
    "clip",
    [np.full(SR, 0.5), 0.5 * np.sin(2 * np.pi * 10 * np.arange(SR) / SR), np.zeros(1)],
    ids=["DC", "hum of 10 Hz", "silent sample"],
)
@voiced_only
def test_what_is_no_voice_has_no_voiced_frame(feature, clip):
    assert not feature().fit_transform([clip]).any()


def test_spectra_of_a_long_clip_are_not_kept(monkeypatch):
    y = np.concatenate([vowel(120).y, vowel(200).y])
    union = make_audio_union(*(feature() for feature in EXTRACTORS)).fit([y])
    values = union.transform([y])
    monkeypatch.setattr("skser.analysis._voice._KEPT", 10)
    monkeypatch.setattr("skser.analysis._long_spectra._KEPT", 10)
    # Blocks of other sizes are summed in another order on some processors.
    np.testing.assert_allclose(union.transform([y]), values, rtol=1e-5)
