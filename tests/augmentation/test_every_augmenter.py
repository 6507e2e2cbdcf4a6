import os
import pickle
import random
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from skser import (
    AddNoise,
    Audio,
    AudioError,
    Compose,
    Gain,
    OneOf,
    PitchShift,
    Segment,
    SpeedPerturbation,
    TimeShift,
    TimeStretch,
)
from skser.augmentation._base import with_copies

SR = 16000
LEAVES = [AddNoise(), Gain(), PitchShift(), SpeedPerturbation(), TimeShift(), TimeStretch()]
AUGMENTERS = [*LEAVES, Compose([TimeStretch(), AddNoise()]), OneOf([Gain(), TimeStretch()])]


every_augmenter = pytest.mark.parametrize("augment", AUGMENTERS, ids=lambda a: type(a).__name__)
# A lambda, as workers cannot import this file.
foreign = pytest.param(lambda samples, sample_rate: samples * random.random(), id="foreign")


@pytest.fixture
def y(rng):
    return rng.uniform(-0.5, 0.5, size=4000).astype(np.float32)


@parametrize_with_checks(AUGMENTERS)
def test_follows_scikit_learns_contract(estimator, check):
    check(estimator)


@every_augmenter
def test_call_gives_mono_float32(augment, y):
    for samples in (y, y.astype(np.float64), y.tolist(), np.stack([y, y])):
        changed = augment(samples, SR)
        assert changed.ndim == 1
        assert changed.dtype == np.float32
        assert np.isfinite(changed).all()


@every_augmenter
def test_call_leaves_its_input_alone(augment, y):
    before = y.copy()
    augment(y, SR)
    np.testing.assert_array_equal(y, before)


@every_augmenter
def test_same_random_state_gives_the_same_samples(augment, y):
    first, again, other = (clone(augment).set_params(random_state=s)(y, SR) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or (first != other).any()


@every_augmenter
def test_without_random_state_each_call_differs(augment, y):
    np.random.seed(0)  # noqa: NPY002
    first, second = augment(y, SR), augment(y, SR)
    assert first.shape != second.shape or (first != second).any()


@every_augmenter
def test_applying_is_not_random(augment, y, rng):
    parameters = augment._draw(rng, len(y), SR)
    np.testing.assert_array_equal(
        augment._apply(y, SR, parameters), augment._apply(y.copy(), SR, parameters)
    )


@every_augmenter
def test_probability_is_the_share_of_clips_that_change(augment, rng):
    y = rng.normal(size=50).astype(np.float32)
    rare = clone(augment).set_params(p=0.25)
    unchanged = [np.array_equal(rare._augment(y, SR, rng), y) for _ in range(200)]
    assert 0.6 < np.mean(unchanged) < 0.9
    assert clone(augment).set_params(p=0)._augment(y, SR, rng) is y


@every_augmenter
@pytest.mark.parametrize("p", [-0.1, 1.1, np.nan, "often"])
def test_probability_outside_0_to_1_is_refused(augment, p, y):
    with pytest.raises(ValueError, match=r"'p' parameter of .* must be a float in the range"):
        clone(augment).set_params(p=p)(y, SR)


@every_augmenter
@pytest.mark.parametrize("clip", [[0.3], [0.3, -0.2], [0.0], np.zeros(3000)], ids=len)
def test_degenerate_clips_keep_samples(augment, clip):
    changed = augment(np.asarray(clip), SR)
    assert len(changed) >= 1
    assert np.isfinite(changed).all()


@every_augmenter
def test_pickle_and_clone_keep_the_parameters(augment, y):
    seeded = clone(augment).set_params(random_state=0)
    copy = pickle.loads(pickle.dumps(seeded))
    np.testing.assert_array_equal(copy(y, SR), seeded(y, SR))
    np.testing.assert_array_equal(clone(seeded)(y, SR), seeded(y, SR))


@every_augmenter
def test_resampling_puts_a_copy_of_each_clip_behind_the_clips(augment, y, tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, y, SR, subtype="FLOAT")
    clips = [str(path), Segment(path, 0, 0.1), Audio(y, SR), y]
    X, labels = augment.fit_resample(clips, ["a", "b", "c", "d"])
    assert all(kept is clip for kept, clip in zip(X[:4], clips, strict=True))
    assert all(isinstance(copy, Audio) for copy in X[4:7])
    assert isinstance(X[7], np.ndarray)
    assert [copy.sr for copy in X[4:7]] == [SR] * 3
    assert labels.tolist() == ["a", "b", "c", "d"] * 2


@every_augmenter
def test_resampling_takes_every_collection(augment, y):
    seeded = clone(augment).set_params(random_state=0)
    expected, _ = seeded.fit_resample([y, y[::-1]], [0, 1])
    for X in ((y, y[::-1]), pd.Series([y, y[::-1]]), np.stack([y, y[::-1]])):
        clips, labels = seeded.fit_resample(X, pd.Series([0, 1], index=[7, 8]))
        assert labels.tolist() == [0, 1, 0, 1]
        for clip, wanted in zip(clips, expected, strict=True):
            np.testing.assert_array_equal(clip, wanted)


def test_table_stays_a_table_while_lengths_stay(y):
    rows = np.stack([y, y])
    assert Gain().fit_resample(rows, [0, 1])[0].shape == (4, len(y))
    assert TimeStretch(1.2).fit_resample(rows, [0, 1])[0].shape == (4,)


def test_rows_of_integers_are_scaled_like_other_clips():
    X, _ = Gain(0).fit_resample(np.array([[0, 2**14]], dtype=np.int16), [0])
    np.testing.assert_allclose(X, [[0, 0.5], [0, 0.5]])


@every_augmenter
def test_resampling_names_the_clip_that_cannot_be_read(augment, y):
    with pytest.raises(AudioError, match=r"X\[1\] 'missing\.wav': no such file"):
        augment.fit_resample([y, "missing.wav"], [0, 1])


def test_as_many_labels_as_clips_are_needed(y):
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        Gain().fit_resample([y, y], [0])


@pytest.mark.parametrize("augment", [Compose([OneOf(LEAVES), AddNoise()]), foreign])
def test_copy_depends_on_seed_clip_and_number_alone(augment, y):
    clips = [Audio(y + shift, SR) for shift in (0, 0.1, 0.2)]
    serial, parallel = (with_copies(clips, augment, n_copies=2, seed=5, n_jobs=n) for n in (1, 2))
    for one, other in zip(serial, parallel, strict=True):
        np.testing.assert_array_equal(one.y, other.y)
    fewer = with_copies(clips[:2], augment, n_copies=1, seed=5)
    np.testing.assert_array_equal(fewer[2].y, serial[3].y)
    np.testing.assert_array_equal(fewer[3].y, serial[4].y)


@every_augmenter
def test_copies_of_a_clip_differ(augment, y):
    _, first, second = with_copies([y], augment, n_copies=2, seed=0)
    assert len(first) != len(second) or (first != second).any()


@every_augmenter
def test_equal_clips_get_different_copies(augment, y):
    *_, first, second = with_copies([y, y], augment, n_copies=1, seed=0)
    assert len(first) != len(second) or (first != second).any()


def test_none_compiles_anything(tmp_path):
    # Processes that compile librosa's functions at once can damage the cache that they share.
    code = (
        "import sys, numpy as np, skser\n"
        f"for name in {[type(leaf).__name__ for leaf in LEAVES]}:\n"
        "    augment = getattr(skser, name)(random_state=0)\n"
        "    augment.fit_resample([np.linspace(-0.5, 0.5, 4000)], [0])\n"
        "    assert 'numba' not in sys.modules, name\n"
    )
    cache = tmp_path / "numba"
    cache.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert not list(cache.iterdir())


@pytest.mark.parametrize("leaf", [type(leaf) for leaf in LEAVES] + [Compose, OneOf])
def test_leaf_leaves_calling_to_its_base(leaf):
    overridden = {"__call__", "fit", "fit_resample", "_augment"} & set(vars(leaf))
    assert not overridden, (
        f"{leaf.__name__} overrides {sorted(overridden)}: write _draw(rng, n_samples, sr) and "
        "_apply(y, sr, parameters) instead, and let the base class read and check clips."
    )


def test_pipeline_of_imbalanced_learn_augments_in_training_only(y):
    pipeline = pytest.importorskip("imblearn.pipeline")
    from sklearn.dummy import DummyClassifier
    from sklearn.preprocessing import FunctionTransformer

    pipe = pipeline.make_pipeline(Gain(), FunctionTransformer(), DummyClassifier())
    pipe.fit(np.stack([y, y]), [0, 1])
    assert len(pipe.predict(np.stack([y, y]))) == 2
