import ast
import inspect
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from skser import (
    Audio,
    AudioError,
    ImageToSequence,
    Segment,
    SpectrogramScaler,
    as_items,
    features,
)
from skser.analysis._pooling import FUNCTIONALS, STATISTICS
from skser.features import AudioFeature, AudioImage
from skser.features._base import AudioExtractor
from skser.features._framed_extractor import FramedExtractor
from skser.features._pooled_extractor import PooledExtractor

SR = 22050
EVERY_POOLING = [*STATISTICS, "p05", "p100"]
FEATURES = [
    value
    for name in features.__all__
    if inspect.isclass(value := getattr(features, name))
    and issubclass(value, AudioExtractor)
    and not inspect.isabstract(value)
    # AudioFunction has tests of its own: it needs a function.
    and value is not features.AudioFunction
]
VECTORS = [feature for feature in FEATURES if issubclass(feature, PooledExtractor)]
IMAGES = [feature for feature in FEATURES if issubclass(feature, AudioImage)]

every_feature = pytest.mark.parametrize("feature", FEATURES)
every_vector = pytest.mark.parametrize("feature", VECTORS)
every_framed_vector = pytest.mark.parametrize(
    "feature", [feature for feature in VECTORS if issubclass(feature, AudioFeature)]
)
every_image = pytest.mark.parametrize("feature", IMAGES)


@pytest.fixture
def y(rng):
    return rng.normal(scale=0.1, size=3000).astype(np.float32)


@pytest.fixture
def path(y, tmp_path):
    path = tmp_path / "clip.wav"
    soundfile.write(path, y, SR, subtype="FLOAT")
    return str(path)


@parametrize_with_checks(
    [*(feature() for feature in FEATURES), SpectrogramScaler(), ImageToSequence()]
)
def test_follows_scikit_learns_contract(estimator, check):
    check(estimator)


@every_feature
def test_kind_of_clip_does_not_matter(feature, y, path):
    same_sound = [
        y,
        path,
        Path(path),
        Segment(path, 0, len(y) / SR),
        Audio(y, SR),
        Audio(np.stack([y, y]), SR),
        y.astype(np.float64),
    ]
    # Features of the voice have a rate of their own.
    values = feature(sr=SR).fit_transform(same_sound)
    np.testing.assert_array_equal(values, np.stack([values[0]] * len(same_sound)))


@every_feature
@pytest.mark.parametrize("container", [list, tuple, as_items, pd.Series, np.array])
def test_kind_of_collection_does_not_matter(feature, container, rng):
    rows = list(rng.normal(scale=0.1, size=(3, 3000)).astype(np.float32))
    np.testing.assert_array_equal(
        feature().fit_transform(container(rows)), feature().fit_transform(rows)
    )


@every_feature
def test_segment_equals_that_part_of_the_file(feature, y, path):
    part = feature(sr=SR).fit_transform([Segment(path, 500 / SR, 2500 / SR)])
    np.testing.assert_array_equal(part, feature(sr=SR).fit_transform([y[500:2500]]))


@every_feature
def test_stereo_is_averaged(feature, rng):
    stereo = rng.normal(scale=0.1, size=(2, 3000)).astype(np.float32)
    np.testing.assert_array_equal(
        feature().fit_transform([Audio(stereo, SR)]),
        feature().fit_transform([Audio(stereo.mean(axis=0), SR)]),
    )


@every_feature
def test_values_are_float32_and_a_row_a_clip(feature, rng):
    values = feature().fit_transform(rng.normal(scale=0.1, size=(3, 3000)))
    assert values.dtype == np.float32
    assert values.shape == (3, *values.shape[1:])


@every_feature
def test_rows_do_not_depend_on_the_other_clips(feature, rng):
    clips = rng.normal(scale=0.1, size=(3, 3000))
    fitted = feature().fit(clips)
    np.testing.assert_array_equal(fitted.transform(clips)[1:2], fitted.transform(clips[1:2]))


@pytest.mark.parametrize("feature", [f for f in FEATURES if f not in IMAGES])
def test_clips_may_differ_in_length(feature, rng):
    clips = [rng.normal(scale=0.1, size=n) for n in (3000, 700, 5000)]
    alone = [feature().fit_transform([clip]) for clip in clips]
    np.testing.assert_array_equal(feature().fit_transform(clips), np.concatenate(alone))


@every_image
@pytest.mark.parametrize("deltas", [0, 2])
def test_images_of_clips_that_differ_in_length_are_those_of_each_clip_alone(feature, deltas, rng):
    clips = [rng.normal(scale=0.1, size=n) for n in (3000, 700, 5000)]
    images = feature(deltas=deltas).fit_transform(clips)
    assert (images.shape, images.dtype) == ((3,), object)
    for clip, image in zip(clips, images, strict=True):
        assert image.dtype == np.float32
        np.testing.assert_array_equal(image, feature(deltas=deltas).fit_transform([clip])[0])


@every_image
def test_images_of_clips_of_one_length_are_one_array_whatever_was_fitted_on(feature, y):
    fitted = feature().fit([y, y[:2500]])
    assert fitted.transform([y[:2800], y[-2800:]]).shape == (
        2,
        *feature().fit_transform([y[:2800]])[0].shape,
    )


@every_feature
def test_duration_pads_and_cuts(feature, y):
    short, long = y[:1000], np.concatenate([y, y])
    padded, cut = np.pad(short, (0, 1205)), long[:2205]
    np.testing.assert_array_equal(
        feature(sr=SR, duration=0.1).fit_transform([short, long]),
        feature(sr=SR).fit_transform([padded, cut]),
    )


@every_feature
def test_duration_max_is_that_of_the_longest_clip_in_fit(feature, y):
    fitted = feature(duration="max").fit([y[:1000], y, y[:10]])
    assert fitted.n_samples_ == len(y)
    np.testing.assert_array_equal(
        fitted.transform([np.concatenate([y, y])]), feature().fit_transform([y])
    )


@every_feature
@pytest.mark.parametrize(
    "clip",
    [[0.0], [0.3], [0.3, -0.2], [0.0, 0.0], np.zeros(3000), np.ones(3000)],
    ids=["silent sample", "sample", "two samples", "two silent samples", "silence", "constant"],
)
def test_degenerate_clips_have_finite_values(feature, clip):
    assert np.isfinite(feature().fit_transform([np.asarray(clip)])).all()


@every_vector
@pytest.mark.parametrize("n_samples", [1, 3000])
@pytest.mark.parametrize("amplitude", [0, 0.3])
def test_every_pooling_is_finite_over_one_frame_and_over_silence(feature, n_samples, amplitude):
    pooled = feature(pooling=EVERY_POOLING, deltas=2)
    assert np.isfinite(pooled.fit_transform([np.full(n_samples, float(amplitude))])).all()


@every_framed_vector
def test_without_pooling_each_coefficient_has_all_its_frames(feature, y):
    n_coefficients, n_frames = feature().fit([y]).n_coefficients_, 1 + len(y) // 512
    frames = feature(pooling=None).fit_transform([y]).reshape(n_coefficients, n_frames)
    np.testing.assert_allclose(
        frames.mean(axis=1), feature().fit_transform([y])[0], rtol=1e-5, atol=1e-5
    )
    np.testing.assert_array_equal(
        frames[:, 3], feature(pooling=lambda frames: frames[:, 3]).fit_transform([y])[0]
    )


@every_vector
def test_frames_of_clips_that_differ_in_length_are_refused(feature, y, path):
    with pytest.raises(AudioError, match=r"X\[1\] '.*clip\.wav'.*differ in length\. Set duration"):
        feature(pooling=None).fit_transform([y[:1000], path])


@every_vector
def test_deltas_are_further_coefficients(feature, y):
    plain = feature().fit_transform([y])
    with_deltas = feature(deltas=2).fit_transform([y])
    assert with_deltas.shape == (1, 3 * plain.shape[1])
    np.testing.assert_array_equal(with_deltas[:, : plain.shape[1]], plain)


@every_image
def test_deltas_of_an_image_are_further_channels(feature, y):
    plain = feature().fit_transform([y])
    with_deltas = feature(deltas=2).fit_transform([y])
    assert with_deltas.shape == (*plain.shape, 3)
    np.testing.assert_array_equal(with_deltas[..., 0], plain)


@every_vector
@pytest.mark.parametrize(
    "pooling", ["mean", EVERY_POOLING, None, np.ravel, lambda frames: frames.max(axis=1)]
)
@pytest.mark.parametrize("deltas", [0, 2])
def test_every_column_has_a_name_of_its_own(feature, pooling, deltas, y):
    fitted = feature(pooling=pooling, deltas=deltas).fit([y])
    names = fitted.get_feature_names_out()
    assert len(set(names)) == len(names) == fitted.transform([y]).shape[1]


@pytest.mark.parametrize(
    ("extractor", "names"),
    [
        (features.RMS(pooling=None), ["rms_t000", "rms_t001"]),
        (features.RMS(pooling=["mean", "p95"]), ["rms_mean", "rms_p95"]),
        (features.RMS(deltas=2), ["rms_mean", "rms_delta_mean", "rms_delta2_mean"]),
        (features.MFCC(2), ["mfcc01_mean", "mfcc02_mean"]),
        (features.MFCC(1, pooling=np.ravel), ["mfcc_ravel01", "mfcc_ravel02"]),
        (
            features.MFCC(2, pooling=["mean", "std"]),
            ["mfcc01_mean", "mfcc02_mean", "mfcc01_std", "mfcc02_std"],
        ),
        (
            features.MFCC(2, pooling=None),
            ["mfcc01_t000", "mfcc01_t001", "mfcc02_t000", "mfcc02_t001"],
        ),
    ],
)
def test_names_tell_coefficient_and_statistic(extractor, names):
    assert extractor.fit([np.ones(600)]).get_feature_names_out().tolist() == names


def test_frame_17_is_named_t017():
    names = features.RMS(pooling=None).fit([np.zeros(512 * 20)]).get_feature_names_out()
    assert names[17] == "rms_t017"


@every_vector
def test_pandas_output_keeps_the_index_of_a_series(feature, y):
    clips = pd.Series([y, y[:2000]], index=["a", "b"])
    frame = feature().set_output(transform="pandas").fit_transform(clips)
    assert frame.index.tolist() == ["a", "b"]
    assert frame.columns.tolist() == feature().fit(clips).get_feature_names_out().tolist()


@every_feature
def test_clone_copies_parameters_and_pickle_the_fitted_state(feature, y):
    extractor = feature(sr=16000, duration=0.1)
    assert clone(extractor).get_params() == extractor.get_params()
    assert pickle.loads(pickle.dumps(extractor)).get_params() == extractor.get_params()
    values = extractor.fit_transform([y])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(extractor)).transform([y]), values)


@every_feature
@pytest.mark.parametrize(
    "X", [["missing.wav"], [np.zeros(0)], np.full((1, 3000), np.nan)], ids=["file", "0", "nan"]
)
def test_a_fit_that_fails_leaves_no_trace(feature, X, y):
    extractor = feature()
    with pytest.raises(ValueError):
        extractor.fit(X)
    with pytest.raises(NotFittedError):
        extractor.transform([y])
    before = dict(vars(extractor.fit(y[np.newaxis])))
    with pytest.raises(ValueError):
        extractor.set_params(duration=0.1).fit(X)
    assert dict(vars(extractor.set_params(duration=None))) == before


@every_feature
def test_what_a_subclass_raises_says_which_clip_it_had(feature, y):
    class Failing(feature):
        def _frames(self, analysis):
            raise KeyError("oops")

        _compute = _frames

    fitted = feature().fit([y])
    fitted.__class__ = Failing
    with pytest.raises(KeyError) as caught:
        fitted.transform([y])
    assert caught.value.__notes__ == ["Failing was computing X[0] array of shape (3000,)."]


@every_feature
def test_parameters_are_checked(feature, y):
    with pytest.raises(ValueError, match=f"'duration' parameter of {feature.__name__} must be"):
        feature(duration=0).fit([y])


@pytest.mark.parametrize("feature", [f for f in FEATURES if issubclass(f, FramedExtractor)])
def test_parameters_of_frames_are_checked(feature, y):
    with pytest.raises(ValueError, match=f"'n_fft' parameter of {feature.__name__} must be"):
        feature(n_fft=0).fit([y])


@every_vector
def test_unknown_pooling_is_refused(feature, y):
    with pytest.raises(ValueError, match=r"pooling='average' is unknown\. Choose from mean, std"):
        feature(pooling="average").fit([y])


@every_vector
def test_pooling_that_returns_a_table_is_refused(feature, y):
    with pytest.raises(
        ValueError, match="must return a 1-D array of numbers, but returned an array"
    ):
        feature(pooling=lambda frames: frames).fit([y])


@pytest.mark.parametrize("feature", [f for f in FEATURES if f not in [features.RMS, features.ZCR]])
def test_clip_too_loud_to_analyse_is_refused(feature):
    loud = [np.array([0.3, -0.2] * 50), np.array([3e38, -3e38] * 50)]
    with pytest.raises(AudioError, match=r"X\[1\].*Scale the clip to \[-1, 1\]"):
        feature().fit_transform(loud)


@every_feature
def test_leaf_leaves_fit_and_transform_to_its_base(feature):
    final = {"fit", "fit_transform", "transform", "_settle"}
    assert all(hasattr(AudioExtractor, name) for name in final)
    overridden = final & set(vars(feature))
    assert not overridden, (
        f"{feature.__name__} overrides {sorted(overridden)}: write _frames(analysis) instead, "
        "and let the base class read clips and pool frames."
    )


@every_feature
def test_leaf_has_at_most_30_lines_of_code(feature):
    source = inspect.getsource(feature)
    tree = ast.parse(source)
    docstrings = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
        for line in range(node.body[0].lineno, node.body[0].end_lineno + 1)
    }
    code = [
        line
        for number, line in enumerate(source.splitlines(), start=1)
        if number not in docstrings and line.strip() and not line.strip().startswith("#")
    ]
    assert len(code) <= 30


def test_audio_error_survives_pickling():
    with pytest.raises(AudioError) as caught:
        features.RMS().fit_transform(["missing.wav"])
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is AudioError
    assert str(copy) == str(caught.value)


@pytest.mark.parametrize(
    "feature", [features.RMS, features.Pitch], ids=["spectral", "of the voice"]
)
def test_functionals_are_ten_statistics_by_one_name(feature, y):
    ten = feature(pooling="functionals", deltas=1).fit([y])
    named = feature(pooling=list(FUNCTIONALS), deltas=1).fit([y])
    np.testing.assert_array_equal(ten.transform([y]), named.transform([y]))
    names = ten.get_feature_names_out().tolist()
    assert names == named.get_feature_names_out().tolist()
    assert len(names) == 20 and names[-1].endswith("_delta_p95")


@pytest.mark.parametrize(
    ("pooling", "match"),
    [
        ([], "is empty"),
        (["mean", "mean"], r"names 'mean' twice\. Leave"),
        (["p01", "functionals", "p95"], r"names 'p95' twice; 'functionals' includes it"),
        (["mean", np.max], "is not the name"),
        ([["mean"]], r"\['mean'\] is not the name"),
    ],
    ids=["none", "twice", "ten and one of them", "callable", "list"],
)
def test_a_list_of_poolings_names_statistics_once_each(pooling, match):
    with pytest.raises(ValueError, match=match):
        features.RMS(pooling=pooling).fit([np.ones(600)])


def test_a_pooling_that_gives_nan_is_named(rng):
    with pytest.raises(AudioError, match=r"RMS .*NaN or infinity\. Check what pooling="):
        features.RMS(pooling=lambda frames: frames[:, 0] * np.nan).fit_transform(
            [rng.normal(size=4000)]
        )
