import numpy as np
import pandas as pd
import pytest
from vowels import SR, harmonics, phrases, vowel, with_noise

from skser import (
    HNR,
    RMS,
    Audio,
    AudioError,
    EGeMAPS,
    Formants,
    Jitter,
    Loudness,
    Pitch,
    Shimmer,
    SpeechRhythm,
    make_audio_union,
)
from skser.analysis._egemaps import DESCRIPTORS, FUNCTIONALS

PITCH = "F0semitoneFrom27.5Hz_sma3nz"
LENGTHS = [
    "VoicedSegmentsPerSec",
    "MeanVoicedSegmentLengthSec",
    "StddevVoicedSegmentLengthSec",
    "MeanUnvoicedSegmentLength",
    "StddevUnvoicedSegmentLength",
]
OF_VOICED_FRAMES = [
    name for name in FUNCTIONALS if ("nz" in name and "UV" not in name) or "VoicedSegment" in name
]


def values_of(clip, **parameters):
    table = EGeMAPS(**parameters).set_output(transform="pandas").fit_transform([clip])
    return table.iloc[0]


def frames_of(clip):
    frames = EGeMAPS(level="frames").fit_transform([clip]).reshape(25, -1)
    return pd.DataFrame(frames.T, columns=list(DESCRIPTORS))


def semitones(f0):
    return 12 * np.log2(f0 / 27.5)


def test_values_have_the_names_that_papers_report():
    names = EGeMAPS().fit([vowel().y]).get_feature_names_out().tolist()
    assert len(names) == len(set(names)) == 88
    assert names[:2] == [f"{PITCH}_amean", f"{PITCH}_stddevNorm"]
    assert names[-1] == "equivalentSoundLevel_dBp"
    for name in [
        "loudness_sma3_meanRisingSlope",
        "F0semitoneFrom27.5Hz_sma3nz_pctlrange0-2",
        "mfcc4_sma3_stddevNorm",
        "logRelF0-H1-A3_sma3nz_amean",
        "F3amplitudeLogRelF0_sma3nz_stddevNorm",
        "slopeV0-500_sma3nz_amean",
        "mfcc1V_sma3nz_stddevNorm",
        "spectralFluxUV_sma3nz_amean",
        *LENGTHS,
    ]:
        assert name in names


@pytest.mark.parametrize("f0", [80, 120, 250, 400])
def test_pitch_of_a_steady_voice(f0):
    values = values_of(vowel(f0).y)
    for statistic in ("amean", "percentile20.0", "percentile50.0", "percentile80.0"):
        assert values[f"{PITCH}_{statistic}"] == pytest.approx(semitones(f0), abs=0.1)
    assert values[f"{PITCH}_stddevNorm"] < 0.01
    assert values[f"{PITCH}_pctlrange0-2"] < 0.1


def test_slopes_of_the_pitch_are_in_semitones_per_second():
    # Up an octave in a second, down an octave in two.
    def f0(time):
        return 110 * 2 ** np.where(time < 1, time, 1.5 - time / 2)

    values = values_of(vowel(f0, seconds=3).y)
    assert values[f"{PITCH}_meanRisingSlope"] == pytest.approx(12, rel=0.05)
    assert values[f"{PITCH}_meanFallingSlope"] == pytest.approx(6, rel=0.05)
    assert values[f"{PITCH}_stddevRisingSlope"] < 0.5


def test_difference_of_harmonics_is_first_minus_second():
    values = values_of(harmonics(200, [0.2, 0.1, 0.05, 0.02]))
    assert values["logRelF0-H1-H2_sma3nz_amean"] == pytest.approx(20 * np.log10(2), abs=0.2)


def test_formants_of_a_vowel_are_its_own():
    values = values_of(vowel(120, source="pulses").y)
    for n, frequency in enumerate((500, 1500, 2500), start=1):
        assert values[f"F{n}frequency_sma3nz_amean"] == pytest.approx(frequency, rel=0.05)
        assert values[f"F{n}bandwidth_sma3nz_amean"] < 300


def test_a_perturbed_voice_has_more_jitter_and_shimmer_and_noise_lowers_harmonicity(rng):
    steady = values_of(vowel(120).y)
    shaky = values_of(vowel(120, jitter=0.02, shimmer=0.1, rng=rng).y)
    noisy = values_of(with_noise(vowel(120).y, 10, rng))
    assert shaky["jitterLocal_sma3nz_amean"] > 5 * steady["jitterLocal_sma3nz_amean"]
    assert shaky["shimmerLocaldB_sma3nz_amean"] > 3 * steady["shimmerLocaldB_sma3nz_amean"]
    assert noisy["HNRdBACF_sma3nz_amean"] == pytest.approx(10, abs=1.5)


def test_rhythm_of_phrases():
    y, _, _ = phrases(120, n_phrases=4, voiced=0.6, pause=0.4)
    values = values_of(y)
    seconds = len(y) / SR
    assert values["VoicedSegmentsPerSec"] == pytest.approx(4 / seconds, rel=0.01)
    assert values["loudnessPeaksPerSec"] == pytest.approx(4 / seconds, rel=0.01)
    assert values["MeanVoicedSegmentLengthSec"] == pytest.approx(0.6, abs=0.02)
    assert values["MeanUnvoicedSegmentLength"] == pytest.approx(0.4, abs=0.02)


def test_level_follows_the_gain_and_the_shape_of_the_voice_does_not():
    loud, soft = values_of(vowel(120).y), values_of(0.1 * vowel(120).y)
    assert loud["equivalentSoundLevel_dBp"] == pytest.approx(-20, abs=0.1)
    assert soft["equivalentSoundLevel_dBp"] == pytest.approx(-40, abs=0.1)
    assert soft["loudness_sma3_amean"] == pytest.approx(
        loud["loudness_sma3_amean"] * 0.01**0.33, rel=0.01
    )
    for name in (
        f"{PITCH}_amean",
        "F1frequency_sma3nz_amean",
        "alphaRatioV_sma3nz_amean",
        "hammarbergIndexV_sma3nz_amean",
        "slopeV0-500_sma3nz_amean",
        "logRelF0-H1-A3_sma3nz_amean",
    ):
        assert soft[name] == pytest.approx(loud[name], rel=0.01)


def test_voiced_and_unvoiced_frames_are_told_apart(rng):
    hiss = rng.normal(scale=0.01, size=SR).astype(np.float32)
    values = values_of(np.concatenate([vowel(120).y, hiss]))
    assert values["alphaRatioV_sma3nz_amean"] < -10
    assert values["alphaRatioUV_sma3nz_amean"] == pytest.approx(10 * np.log10(4000 / 950), abs=1)
    assert values["slopeUV500-1500_sma3nz_amean"] == pytest.approx(0, abs=0.002)


def test_values_agree_with_the_single_features():
    y, _, _ = phrases(lambda time: 120 + 60 * time)
    values = values_of(y)
    pitch = Pitch("semitone", pooling=["mean", "p50"]).fit_transform([y])[0]
    np.testing.assert_allclose(
        values[[f"{PITCH}_amean", f"{PITCH}_percentile50.0"]], pitch, rtol=0.01
    )
    for feature, names in (
        (Loudness(), ["loudness_sma3_amean"]),
        (Jitter(), ["jitterLocal_sma3nz_amean"]),
        (Formants(2), [f"F{n}frequency_sma3nz_amean" for n in (1, 2)]),
    ):
        single = feature.set_output(transform="pandas").fit_transform([y]).iloc[0]
        chosen = [name for name in single.index if "width" not in name and "ampl" not in name]
        np.testing.assert_allclose(values[names], single[chosen], rtol=0.03)
    np.testing.assert_allclose(
        values[["loudnessPeaksPerSec", *LENGTHS]], SpeechRhythm().fit_transform([y])[0], rtol=1e-6
    )


@pytest.mark.parametrize("scale", [0.01, 1])
def test_without_a_voiced_frame_what_is_of_voiced_frames_is_0(scale, rng):
    whisper = rng.normal(scale=0.1 * scale, size=SR)
    values = values_of(whisper)
    assert (values[OF_VOICED_FRAMES] == 0).all()
    assert values["MeanUnvoicedSegmentLength"] == pytest.approx(1.01)
    assert values["alphaRatioUV_sma3nz_amean"] != 0
    assert values["loudness_sma3_amean"] > 0


def test_a_clip_that_is_voiced_throughout_has_0_for_unvoiced_frames():
    values = values_of(vowel(120).y)
    unvoiced = [name for name in FUNCTIONALS if "UV" in name]
    assert len(unvoiced) == 5
    assert values["MeanUnvoicedSegmentLength"] == 0
    assert (values[unvoiced] == 0).all()


def test_silence_has_a_length_and_the_least_level():
    values = values_of(np.zeros(SR))
    assert values["MeanUnvoicedSegmentLength"] == pytest.approx(1.01)
    assert values["equivalentSoundLevel_dBp"] == pytest.approx(-140)
    cepstrum = [name for name in FUNCTIONALS if name.startswith("mfcc")]
    rest = values.drop(["MeanUnvoicedSegmentLength", "equivalentSoundLevel_dBp", *cepstrum])
    assert (rest == 0).all()
    np.testing.assert_allclose(values[cepstrum].astype(float), 0, atol=1e-3)


@pytest.mark.parametrize(
    "clip",
    [
        np.full(SR, 0.5),
        0.5 * np.sin(2 * np.pi * 10 * np.arange(SR) / SR),
        np.eye(1, SR, SR // 2)[0],
        np.ones(50),
    ],
    ids=["DC", "hum of 10 Hz", "click", "shorter than a frame"],
)
def test_what_is_no_voice_has_no_pitch(clip):
    values = values_of(clip)
    assert np.isfinite(values).all()
    assert (values[OF_VOICED_FRAMES] == 0).all()


@pytest.mark.parametrize("level", ["functionals", "frames"])
@pytest.mark.parametrize("sr", [8000, 16000, 44100])
@pytest.mark.parametrize(
    "clip",
    [
        np.where(np.arange(SR) % 133 < 66, 32767, -32768).astype(np.int16),
        np.clip(20 * vowel().y, -1, 1),
        vowel().y + 0.5,
        1e-9 * vowel().y,
        vowel().y[:100],
        vowel().y[:1],
    ],
    ids=["int16", "clipped", "voice and DC", "soft", "shorter than a frame", "sample"],
)
def test_difficult_clips_have_finite_values(level, sr, clip):
    assert np.isfinite(EGeMAPS(level=level, sr=sr).fit_transform([clip])).all()


def test_an_offset_leaves_pitch_formants_and_harmonics_as_they_are():
    plain, shifted = values_of(vowel(120).y), values_of(vowel(120).y + 0.3)
    for name, distance in (
        (f"{PITCH}_amean", 0.05),
        ("F1frequency_sma3nz_amean", 10),
        ("F2frequency_sma3nz_amean", 10),
        ("logRelF0-H1-H2_sma3nz_amean", 0.2),
    ):
        assert shifted[name] == pytest.approx(plain[name], abs=distance)


def test_rate_below_8000_hz_is_refused():
    with pytest.raises(ValueError, match=r"'sr' parameter of EGeMAPS must be .*\[8000"):
        EGeMAPS(sr=7000).fit([vowel().y])


def test_unknown_level_is_refused():
    with pytest.raises(ValueError, match="'level' parameter of EGeMAPS must be a str among"):
        EGeMAPS(level="words").fit([vowel().y])


def test_frames_are_the_contours_of_the_descriptors():
    y, _, mask = phrases(150)
    frames = frames_of(y)
    assert frames.shape == (1 + len(y) // 160, 25)
    voiced = frames[PITCH] > 0
    truth = mask[np.minimum(np.arange(len(frames)) * 160, len(y) - 1)]
    assert (voiced == truth).mean() > 0.97
    np.testing.assert_allclose(frames[PITCH][voiced], semitones(150), atol=0.2)
    of_voice = [name for name in DESCRIPTORS if name.endswith("nz")]
    assert len(of_voice) == 15
    assert (frames.loc[~voiced, of_voice] == 0).all(axis=None)
    assert frames["Loudness_sma3"].idxmax() in np.flatnonzero(truth)


def test_means_of_frames_are_the_values():
    y, _, _ = phrases(150)
    frames, values = frames_of(y), values_of(y)
    voiced = frames[PITCH] > 0
    assert frames["Loudness_sma3"].mean() == pytest.approx(values["loudness_sma3_amean"], rel=1e-4)
    for name in ("HNRdBACF_sma3nz", "F1frequency_sma3nz", "logRelF0-H1-H2_sma3nz"):
        assert frames.loc[voiced, name].mean() == pytest.approx(values[f"{name}_amean"], rel=1e-4)


def test_frames_have_names_and_need_one_length():
    fitted = EGeMAPS(level="frames", duration=0.5).fit([vowel().y])
    names = fitted.get_feature_names_out()
    assert names[[0, 17, -1]].tolist() == [
        "Loudness_sma3_t000",
        "Loudness_sma3_t017",
        "F3amplitudeLogRelF0_sma3nz_t050",
    ]
    assert fitted.transform([vowel().y, vowel().y[:4000]]).shape == (2, 25 * 51) == (2, len(names))
    with pytest.raises(AudioError, match=r"X\[1\].*differ in length\. Set duration"):
        EGeMAPS(level="frames").fit_transform([vowel().y, vowel().y[:4000]])


def test_in_a_union_with_memory_processes_and_a_broken_file(tmp_path):
    clips = [Audio(vowel(120).y, SR), "missing.wav", Audio(vowel(240).y, SR)]
    union = make_audio_union(
        RMS(), EGeMAPS(), Pitch(), memory=tmp_path / "store", n_jobs=2, on_error="nan"
    )
    with pytest.warns(UserWarning, match="missing.wav"):
        values = union.fit_transform(clips)
    assert values.shape == (3, 90)
    assert np.isnan(values[1]).all()
    names = union.get_feature_names_out().tolist()
    assert names[1:3] == [f"egemaps__{PITCH}_amean", f"egemaps__{PITCH}_stddevNorm"]
    alone = EGeMAPS().fit_transform([clips[0], clips[2]])
    # Other threads of BLAS round otherwise.
    np.testing.assert_allclose(values[[0, 2], 1:89], alone, rtol=1e-3, atol=1e-6)
    with pytest.warns(UserWarning, match="missing.wav"):
        np.testing.assert_array_equal(union.transform(clips), values)


@pytest.mark.parametrize("offset", [0.001, 0.1])
def test_an_offset_changes_nothing_about_the_voice(offset):
    y = 0.1 * vowel().y
    voice = make_audio_union(Pitch(), HNR(), Jitter(), Shimmer())
    values = voice.fit_transform([y, y + np.float32(offset)])
    np.testing.assert_allclose(values[1], values[0], rtol=1e-2, atol=5e-3)
