import pickle

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skser import (
    RMS,
    Audio,
    AudioError,
    FixDuration,
    LoadAudio,
    Normalize,
    Segment,
    TrimSilence,
)

TRANSFORMERS = [LoadAudio(), LoadAudio(16000), TrimSilence(), FixDuration(0.001), Normalize()]

every_transformer = pytest.mark.parametrize("transformer", TRANSFORMERS, ids=repr)


@parametrize_with_checks(TRANSFORMERS)
def test_follows_scikit_learns_contract(estimator, check):
    check(estimator)


@pytest.fixture
def y(rng):
    return rng.uniform(-0.5, 0.5, size=22050).astype(np.float32)


@every_transformer
def test_array_stays_an_array_and_other_clips_become_audio(transformer, y, tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, y, 22050, subtype="FLOAT")
    clips = [y, str(path), path, Segment(path, 0, 0.5), Audio(np.stack([y, y]), 22050)]
    sounds = clone(transformer).fit_transform(clips)
    assert sounds.dtype == object
    assert [type(sound) for sound in sounds] == [np.ndarray, Audio, Audio, Audio, Audio]
    for samples in [sounds[0], *(sound.y for sound in sounds[1:])]:
        assert samples.ndim == 1
        assert samples.dtype == np.float32
    np.testing.assert_array_equal(sounds[1].y, sounds[2].y)
    np.testing.assert_array_equal(sounds[1].y, sounds[4].y)


@every_transformer
def test_table_stays_a_table(transformer, y):
    sounds = clone(transformer).fit_transform(np.stack([y, y]))
    assert sounds.shape == (2, sounds.shape[1])
    assert sounds.dtype == np.float32


@every_transformer
def test_kind_of_collection_does_not_matter(transformer, y):
    expected = transformer.transform([y])[0]
    for X in [(y,), pd.Series([y]), y[np.newaxis]]:
        np.testing.assert_array_equal(transformer.transform(X)[0], expected)


@every_transformer
@pytest.mark.parametrize("clip", [np.ones(1), np.zeros(2), np.zeros(5000)], ids=len)
def test_degenerate_clips_keep_samples(transformer, clip):
    sound = transformer.transform([clip])[0]
    assert len(sound) >= 1
    assert np.isfinite(sound).all()


@every_transformer
def test_needs_no_fit_and_pickles(transformer, y):
    copy = pickle.loads(pickle.dumps(transformer))
    np.testing.assert_array_equal(copy.transform([y])[0], transformer.transform([y])[0])


@every_transformer
def test_clip_that_cannot_be_read_is_named(transformer, y):
    with pytest.raises(AudioError, match=r"X\[1\] 'missing\.wav': no such file"):
        transformer.transform([y, "missing.wav"])


def test_transformers_chain_before_a_feature(y):
    clips = [Audio(y, 22050), Audio(y[:5000], 16000)]
    pipeline = make_pipeline(LoadAudio(16000), TrimSilence(), Normalize(), FixDuration(1.0), RMS())
    assert pipeline.fit_transform(clips).shape == (2, 1)
