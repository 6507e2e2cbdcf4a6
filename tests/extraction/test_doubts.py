"""Clips in which there is nothing to hear are named, for whatever they hold gets a label."""

import warnings

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skser import (
    MFCC,
    RMS,
    Audio,
    AudioWarning,
    LiveRecognizer,
    SegmentClassifier,
    make_audio_union,
    prefetch,
)
from skser.audio._transient import as_transient

SR = 16000
SILENT = Audio(np.zeros(SR), SR)
CLICK = Audio(np.full(10, 0.5), SR)
MEANINGLESS = r"values of 2 of 4 clips mean nothing.* first is X\[1\] .*, which is silent"


@pytest.fixture
def sound(rng):
    return Audio(rng.normal(scale=0.1, size=SR), SR)


@pytest.mark.parametrize("extractor", [MFCC(), make_audio_union(MFCC(), RMS())])
def test_one_warning_counts_them_and_names_the_first(extractor, sound):
    extractor.fit([sound])
    with pytest.warns(AudioWarning, match=MEANINGLESS) as caught:
        extractor.transform([sound, SILENT, CLICK, sound])
    assert len(caught) == 1
    with pytest.warns(AudioWarning, match=r"1 of 1 clips .* lasts 0\.0006"):
        extractor.transform([CLICK])


def test_workers_tell_of_theirs(sound):
    union = make_audio_union(RMS(), n_jobs=2).fit([sound])
    with parallel_config("threading"), pytest.warns(AudioWarning, match="3 of 40 clips"):
        union.transform([SILENT] * 2 + [sound] * 37 + [SILENT])


@pytest.mark.parametrize("extractor", [MFCC(), make_audio_union(MFCC(), RMS())])
def test_training_does_not_repeat_it_in_every_fold(extractor, sound):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        extractor.fit_transform([sound, SILENT, CLICK])


def test_sound_that_was_hidden_on_purpose_is_not_in_doubt(sound):
    rms = RMS().fit([sound])
    rms.transform([Audio(as_transient(np.zeros(SR)), SR)])
    with pytest.warns(AudioWarning, match="is silent"):
        rms.transform([SILENT])


def test_pauses_of_a_clip_are_not_in_doubt(sound):
    clip = Audio(np.concatenate([sound.y, np.zeros(SR)]), SR)
    machine = make_pipeline(RMS(), LogisticRegression())
    segments = SegmentClassifier(machine, window=0.5, hop=0.5, short="keep")
    segments.fit([clip, sound], ["a", "b"])
    assert len(segments.predict([clip])) == 1
    with pytest.warns(
        AudioWarning, match=r"of 2 of 4 clips .* first is X\[1\] .* silent"
    ) as caught:
        segments.predict([clip, SILENT, sound, CLICK])
    assert [warning.filename for warning in caught] == [__file__]


def test_short_pieces_of_a_longer_clip_are_not_in_doubt(sound):
    machine = make_pipeline(RMS(), LogisticRegression())
    segments = SegmentClassifier(machine, window=0.05, hop=0.5).fit([sound, sound], ["a", "b"])
    assert len(segments.predict_proba([sound])) == 1


def test_windows_of_a_stream_are_not_in_doubt(sound):
    machine = make_pipeline(RMS(), LogisticRegression()).fit([sound, sound], ["a", "b"])
    [event] = LiveRecognizer(machine, 1.0, min_level=None).push(np.zeros(SR), SR)
    assert event.level == -np.inf and event.label in ("a", "b")


@pytest.mark.parametrize(
    "fit", [MFCC().fit, make_audio_union(RMS()).fit, make_audio_union(RMS()).fit_transform]
)
def test_the_warning_points_at_the_line_that_fits(fit, rng):
    with pytest.warns(AudioWarning, match="look like features") as caught:
        fit(rng.normal(size=(5, 40)))
    assert caught[0].filename == __file__


def test_prefetching_does_not_repeat_it_for_every_candidate(rng, tmp_path):
    machine = make_pipeline(make_audio_union(RMS(), memory=tmp_path), LogisticRegression())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        prefetch(machine, rng.normal(size=(5, 40)))


@pytest.mark.parametrize("extractor", [MFCC(n_fft=1024), make_audio_union(MFCC(), n_fft=1024)])
class TestRowsOfTables:
    def test_those_shorter_than_a_frame_look_like_features(self, extractor, rng):
        match = rf"rows of X have 40 values.*1024 samples.*{type(extractor).__name__} takes sound"
        with pytest.warns(AudioWarning, match=match) as caught:
            extractor.fit_transform(rng.normal(size=(5, 40)))
        assert len(caught) == 1

    def test_those_of_a_tenth_of_a_second_are_sound(self, extractor, rng):
        clips = rng.normal(size=(5, 2205))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            clone(extractor).set_params(n_fft=4096).fit(clips).transform(clips)

    def test_those_of_a_frame_are_in_doubt_if_they_are_short(self, extractor, rng):
        clips = rng.normal(size=(5, 2000))
        with pytest.warns(AudioWarning, match=r"5 of 5 clips .* lasts 0\.091 s"):
            extractor.fit(clips).transform(clips)

    def test_those_of_a_frame_or_more_are_sound(self, extractor, rng):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            extractor.fit(rng.normal(size=(5, 1024)))
            extractor.fit([rng.normal(size=40)])
