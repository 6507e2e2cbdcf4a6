import librosa
import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skser.datasets._corpus import COLUMNS
from skser.datasets._emotional_speech import EMOTIONS, make_emotional_speech
from skser.datasets._voice import glottal_flow, resonator_inverse, tilt_filter


@pytest.fixture(scope="module")
def speech():
    return make_emotional_speech(n_speakers=4, n_per_class=6, random_state=0)


def same_audio(some, others):
    return len(some) == len(others) and all(
        np.array_equal(a.y, b.y) and a.sr == b.sr for a, b in zip(some, others, strict=True)
    )


def level(clip):
    return 10 * np.log10(np.mean(clip.y**2))


def pitch(clip):
    """Median F0 of the louder half of the clip, in semitones."""
    f0 = librosa.yin(clip.y, fmin=60, fmax=600, sr=clip.sr)
    loudness = librosa.feature.rms(y=clip.y)[0]
    return 12 * np.log2(np.median(f0[loudness > np.median(loudness)]))


def brightness(clip):
    """Share of the power above 1 kHz, in dB."""
    power = np.abs(np.fft.rfft(clip.y)) ** 2
    frequency = np.fft.rfftfreq(len(clip.y), 1 / clip.sr)
    return 10 * np.log10(power[frequency > 1000].sum() / power.sum())


def duration(clip):
    return len(clip.y) / clip.sr


def means(speech, measure, by):
    """Mean of a measure of the clips over the cells of the columns `by`."""
    return (
        speech.frame.assign(value=[measure(clip) for clip in speech.data])
        .groupby(by)["value"]
        .mean()
    )


def test_every_speaker_says_every_emotion_equally_often(speech):
    counts = pd.crosstab(speech.groups, speech.target)
    assert counts.shape == (4, 5)
    assert (counts == 6).all(axis=None)


def test_sentences_are_crossed_with_emotions(speech):
    counts = pd.crosstab(speech.frame["sentence"], speech.frame["emotion"])
    assert counts.shape[0] > 1
    assert (counts == counts.iloc[0, 0]).all(axis=None)


def test_fields_describe_the_same_clips_in_the_same_order(speech):
    frame = speech.frame
    assert len(speech.data) == len(frame) == 120
    assert list(speech.target) == list(frame["emotion"])
    assert list(speech.groups) == list(frame["speaker"])
    assert [duration(clip) for clip in speech.data] == list(frame["duration"])


def test_the_frame_has_the_schema_of_every_corpus(speech):
    frame = speech.frame
    assert tuple(frame) == (*COLUMNS, "repetition")
    assert frame[["path", "start", "end"]].isna().all(axis=None)
    assert frame["label"].tolist() == frame["emotion"].tolist()
    assert set(frame["sample_rate"]) == {22050}


def test_data_is_a_flat_object_array_of_mono_float32_audio(speech):
    assert speech.data.dtype == object
    assert speech.data.ndim == 1
    assert {(clip.y.dtype.name, clip.y.ndim, clip.sr) for clip in speech.data} == {
        ("float32", 1, 22050)
    }


def test_labels_and_groups_are_strings(speech):
    assert speech.target.dtype.kind == speech.groups.dtype.kind == "U"
    assert list(speech.target_names) == ["angry", "fearful", "happy", "neutral", "sad"]
    assert sorted(set(speech.groups)) == ["s01", "s02", "s03", "s04"]


def test_sexes_take_turns(speech):
    sexes = speech.frame.groupby("speaker")["sex"].unique()
    assert [list(sex) for sex in sexes] == [["female"], ["male"]] * 2


def test_only_neutral_has_no_strong_clips(speech):
    strong = speech.frame.query("intensity == 'strong'").groupby("emotion").size()
    assert strong.to_dict() == {"angry": 12, "fearful": 12, "happy": 12, "sad": 12}


def test_no_two_rows_are_the_same_take():
    frame = make_emotional_speech(1, 14, emotions=["sad", "neutral"], random_state=0).frame
    assert not frame.drop(columns="duration").duplicated().any()
    assert frame["repetition"].max() > 1


def test_description_says_it_is_not_speech_data(speech):
    assert "synthetic" in speech.DESCR.lower()
    assert "NOT speech data" in speech.DESCR
    assert "do not draw conclusions" in speech.DESCR


@pytest.mark.parametrize("sr", [8000, 22050, 44100])
def test_audio_is_sound(sr):
    speech = make_emotional_speech(2, 2, emotions=list(EMOTIONS), sr=sr, random_state=3)
    for clip in speech.data:
        assert np.isfinite(clip.y).all()
        assert 0.001 < np.abs(clip.y).max() < 1
        assert abs(clip.y.mean()) < 1e-5
        assert 1 <= len(clip.y) / sr <= 2.5


def test_one_seed_gives_bit_identical_clips(speech):
    again = make_emotional_speech(n_speakers=4, n_per_class=6, random_state=0)
    assert same_audio(speech.data, again.data)
    pd.testing.assert_frame_equal(speech.frame, again.frame)


def test_another_seed_gives_other_clips():
    one, other = (make_emotional_speech(1, 1, random_state=seed) for seed in (0, 1))
    assert not any(same_audio([a], [b]) for a, b in zip(one.data, other.data, strict=True))


def test_no_seed_gives_other_clips_each_time():
    one, other = (make_emotional_speech(1, 1, emotions=["sad"]) for _ in range(2))
    assert not same_audio(one.data, other.data)


def test_random_state_instance_is_advanced():
    random_state = np.random.RandomState(0)
    one, other = (make_emotional_speech(1, 1, random_state=random_state) for _ in range(2))
    assert same_audio(one.data, make_emotional_speech(1, 1, random_state=0).data)
    assert not same_audio(one.data, other.data)


@pytest.mark.parametrize(
    "fewer",
    [{"n_speakers": 2}, {"n_per_class": 2}, {"emotions": ["sad"]}, {"emotions": ["sad", "angry"]}],
)
def test_clips_do_not_depend_on_how_many_others_are_made(speech, fewer):
    part = make_emotional_speech(**{"n_speakers": 4, "n_per_class": 6, **fewer}, random_state=0)
    kept = (
        (speech.frame["speaker"] <= f"s{fewer.get('n_speakers', 4):02d}")
        & (speech.frame.groupby(["speaker", "emotion"]).cumcount() < fewer.get("n_per_class", 6))
        & speech.frame["emotion"].isin(fewer.get("emotions", speech.target_names))
    )
    for emotion in part.target_names:
        whole = speech.data[(kept & (speech.frame["emotion"] == emotion)).to_numpy()]
        assert same_audio(part.data[part.target == emotion], whole)


def test_sample_rate_does_not_change_what_is_said():
    low, high = (make_emotional_speech(2, 2, sr=sr, random_state=0).frame for sr in (8000, 32000))
    np.testing.assert_allclose(low["duration"], high["duration"], rtol=0.01)


@pytest.mark.parametrize("high", ["angry", "happy", "fearful"])
def test_pitch_rises_above_that_of_the_same_speaker_sad(speech, high):
    value = means(speech, pitch, ["emotion", "speaker"])
    assert (value[high] > value["sad"] + 1).all()


@pytest.mark.parametrize(
    ("measure", "order"),
    [
        (level, ["sad", "neutral", "happy", "angry"]),
        (brightness, ["sad", "neutral", "angry"]),
        (duration, ["fearful", "neutral", "sad"]),
    ],
    ids=["loudness", "brightness", "slowness"],
)
def test_emotions_are_ordered_on_average(speech, measure, order):
    value = means(speech, measure, "emotion")[order]
    assert value.is_monotonic_increasing


def test_strong_clips_go_further_than_normal_ones(speech):
    value = means(speech, level, ["emotion", "intensity"])
    assert value["angry", "strong"] > value["angry", "normal"]
    assert value["sad", "strong"] < value["sad", "normal"]


def test_classes_overlap_in_every_single_cue(speech):
    for measure in (pitch, level, brightness, duration):
        value = np.array([measure(clip) for clip in speech.data])
        angry, happy = value[speech.target == "angry"], value[speech.target == "happy"]
        assert angry.min() < happy.max()
        assert happy.min() < angry.max()


def pooled_features(clip):
    spectrum = np.abs(librosa.stft(clip.y, n_fft=1024, hop_length=512))
    mel = librosa.feature.melspectrogram(S=spectrum**2, sr=clip.sr)
    features = [
        librosa.feature.zero_crossing_rate(clip.y),
        librosa.feature.rms(y=clip.y),
        librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=20),
        librosa.feature.spectral_contrast(S=spectrum, sr=clip.sr),
    ]
    return np.concatenate([feature.mean(axis=1) for feature in features])


@pytest.mark.slow
def test_known_speakers_are_easier_than_unseen_ones():
    scores = []
    for seed in range(3):
        speech = make_emotional_speech(sr=16000, random_state=seed)
        X = np.array([pooled_features(clip) for clip in speech.data])
        model = make_pipeline(StandardScaler(), SVC(C=10))
        for cv, groups in ((StratifiedKFold, None), (StratifiedGroupKFold, speech.groups)):
            splits = cv(4, shuffle=True, random_state=seed)
            score = cross_val_score(
                model, X, speech.target, groups=groups, cv=splits, scoring="balanced_accuracy"
            )
            scores.append(score.mean())
    known, unseen = np.reshape(scores, (3, 2)).mean(axis=0)
    chance = 1 / 5
    assert known > unseen + 0.08
    assert unseen > chance + 0.2


def test_unknown_emotion_raises_with_the_known_ones():
    with pytest.raises(ValueError, match=r"bored.*known ones are \['angry', .*'surprised'\]"):
        make_emotional_speech(emotions=["sad", "bored"])


@pytest.mark.parametrize("emotions", [[], ["sad", "sad"]])
def test_no_or_repeated_emotions_raise(emotions):
    with pytest.raises(ValueError, match="non-empty list without repetitions"):
        make_emotional_speech(emotions=emotions)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_speakers", 0),
        ("n_speakers", 2.5),
        ("n_per_class", -1),
        ("emotions", "sad"),
        ("sr", 4000),
        ("sr", 16000.0),
        ("random_state", "seed"),
    ],
)
def test_bad_parameters_raise(name, value):
    with pytest.raises(
        ValueError, match=f"The '{name}' parameter of make_emotional_speech must be"
    ):
        make_emotional_speech(**{name: value})


@pytest.mark.parametrize("open_quotient", [0.4, 0.8])
def test_glottis_opens_fully_then_closes(open_quotient):
    phase = np.linspace(0, 1, 10001)[:-1]
    flow = glottal_flow(phase, open_quotient)
    assert flow.max() == pytest.approx(1)
    assert (flow[phase >= open_quotient] == 0).all()


@pytest.mark.parametrize("decibels", [1.0, 10.0, 24.0])
def test_tilt_filter_takes_away_what_it_says_at_3_khz(decibels):
    (gain,), (one, pole) = tilt_filter(decibels, 16000)
    response = gain / (one + pole * np.exp(-2j * np.pi * 3000 / 16000))
    assert 20 * np.log10(abs(response)) == pytest.approx(-decibels)


def test_resonator_peaks_at_its_frequency_and_passes_dc_unchanged():
    grid = np.arange(0, 8000, 5.0)
    frequency, bandwidth = np.array([[1500.0]]), np.array([[80.0]])
    response = 1 / np.abs(resonator_inverse(frequency, bandwidth, grid, 16000)[0])
    assert response[0] == pytest.approx(1, abs=1e-3)
    assert grid[response.argmax()] == pytest.approx(1500, abs=10)
