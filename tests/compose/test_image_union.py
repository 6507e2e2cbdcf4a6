"""Images in a union: one image each, or the channels of one."""

import numpy as np
import pytest
import sklearn
import soundfile
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from skser import (
    MFCC2D,
    RMS,
    AudioError,
    AudioFeatureUnion,
    AudioWarning,
    ImageToSequence,
    LoadAudio,
    Mel2D,
    MelImage,
    SpectrogramScaler,
    TrimSilence,
    cache_info,
    make_audio_union,
)

SR = 22050
IMAGES = [Mel2D(20), MFCC2D(5, deltas=2), MelImage(8, 6)]
each_image = pytest.mark.parametrize("image", IMAGES, ids=lambda image: type(image).__name__)


@pytest.fixture
def clips(rng):
    """Clips of unequal length."""
    return [rng.normal(scale=0.1, size=3000 + 700 * i) for i in range(5)]


@pytest.fixture
def paths(clips, tmp_path):
    files = [str(tmp_path / f"{i}.wav") for i in range(len(clips))]
    for file, clip in zip(files, clips, strict=True):
        soundfile.write(file, clip, SR)
    return files


def assert_equal(images, expected):
    assert images.shape == expected.shape
    assert images.dtype == expected.dtype
    for image, wanted in zip(images, expected, strict=True):
        np.testing.assert_array_equal(image, wanted)


@parametrize_with_checks([make_audio_union(Mel2D(8)), make_audio_union(Mel2D(8), MFCC2D(8))])
def test_follows_scikit_learns_contract(estimator, check):
    check(estimator)


@each_image
@pytest.mark.parametrize("duration", [None, 0.2])
def test_a_single_image_stays_as_it_is(image, duration, clips):
    union = make_audio_union(image, duration=duration)
    assert_equal(
        union.fit_transform(clips),
        sklearn.clone(image).set_params(duration=duration).fit_transform(clips),
    )


@pytest.mark.parametrize("duration", [None, 0.2])
def test_images_become_channels(duration, clips):
    members = [Mel2D(20), MFCC2D(20, deltas=1)]
    union = make_audio_union(*members, duration=duration)
    alone = [m.set_params(duration=duration).fit_transform(clips) for m in members]
    images = union.fit_transform(clips)
    assert images.shape == ((5, 20, 9, 3) if duration else (5,))
    for image, mel, mfcc in zip(images, *alone, strict=True):
        np.testing.assert_array_equal(image[..., 0], mel)
        np.testing.assert_array_equal(image[..., 1:], mfcc)


@pytest.mark.parametrize("last", [True, False])
def test_a_member_that_leaves_clips_out_is_named(last, clips):
    other = FunctionTransformer(lambda X: np.ones((len(X) - 1, 20, 9)))
    members = [("short", other), ("mel", Mel2D(20))]
    union = AudioFeatureUnion(members[::-1] if last else members, duration=0.2)
    with pytest.raises(
        ValueError, match=r"'short' returned an array of shape \(4, 20, 9\) for 5 clips\. It must"
    ):
        union.fit_transform(clips)


def test_channels_of_pictures_lie_side_by_side(clips):
    union = make_audio_union(MelImage(8, 6), MelImage(8, 6, cmap="magma"))
    images = union.fit_transform(clips)
    assert images.shape == (5, 8, 6, 6)
    np.testing.assert_array_equal(images[..., :3], MelImage(8, 6).fit_transform(clips))


def test_weights_scale_images(clips):
    union = make_audio_union(Mel2D(20), MFCC2D(20), transformer_weights={"mel2d": 2.0})
    plain = make_audio_union(Mel2D(20), MFCC2D(20)).fit_transform(clips)
    for weighted, image in zip(union.fit_transform(clips), plain, strict=True):
        np.testing.assert_array_equal(weighted, image * np.float32([2, 1]))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([Mel2D(64), MFCC2D(40)], r"'mel2d' and 'mfcc2d' make images of 64 x 6 and 40 x 6"),
        ([Mel2D(20), MFCC2D(20, hop_length=256)], r"of 20 x 6 and 20 x 12 \(rows x frames\)"),
        ([Mel2D(20), MFCC2D(20, duration=1)], r"of 20 x 6 and 20 x 44 \(rows x frames\)"),
        ([Mel2D(20), RMS()], "Member 'mel2d' makes images and member 'rms' makes vectors"),
        ([RMS(), Mel2D(20)], "Member 'mel2d' makes images and member 'rms' makes vectors"),
    ],
)
def test_what_makes_no_image_together_is_refused_in_fit(members, message, clips):
    with pytest.raises(ValueError, match=message):
        make_audio_union(*members).fit(clips)


class OneChannel(TransformerMixin, BaseEstimator):
    """Makes of each clip an image of the given shape."""

    def __init__(self, shape=(20, 4)):
        self.shape = shape

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.ones((len(X), *self.shape), dtype=np.float32)

    def __sklearn_is_fitted__(self):
        return True


def test_another_transformer_may_give_a_channel(clips):
    union = make_audio_union(Mel2D(20, duration=0.2), OneChannel((20, 9)))
    images = union.fit_transform(clips)
    assert images.shape == (5, 20, 9, 2)
    assert (images[..., 1] == 1).all()


def test_channels_that_do_not_fit_name_the_clip(clips):
    with pytest.raises(AudioError, match=r"X\[0\]: images that differ .*'mel2d' \(20, 6\)"):
        make_audio_union(Mel2D(20), OneChannel()).fit_transform(clips)
    with pytest.raises(ValueError, match="Member 'onechannel' returned 3 dimensions"):
        make_audio_union(RMS(), OneChannel()).fit_transform(clips)


@pytest.mark.parametrize("duration", [None, 0.2])
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_processes_and_store_do_not_change_images(duration, n_jobs, paths, tmp_path, reads):
    members = [Mel2D(20), MFCC2D(20)]
    expected = make_audio_union(*members, duration=duration).fit_transform(paths)
    union = make_audio_union(*members, duration=duration, n_jobs=n_jobs, memory=tmp_path / "store")
    assert_equal(union.fit_transform(paths), expected)
    assert cache_info(tmp_path / "store")["n_values"] == 10
    reads.clear()
    assert_equal(union.transform(paths), expected)
    assert_equal(union.transform(paths[1:2])[0][np.newaxis], expected[1][np.newaxis])
    assert reads == []


def test_an_image_of_another_kind_is_not_taken_from_the_store(paths, tmp_path):
    plain = make_audio_union(Mel2D(20), memory=tmp_path).fit_transform(paths)
    deltas = make_audio_union(Mel2D(20, deltas=1), memory=tmp_path).fit_transform(paths)
    assert (*plain[0].shape, 2) == deltas[0].shape


def test_of_a_clip_that_cannot_be_used_the_image_is_nan(clips):
    bad = [*clips, "missing.wav"]
    with pytest.warns(AudioWarning, match="1 of 6 clips cannot be used"):
        fixed = make_audio_union(Mel2D(20), MFCC2D(20), duration=0.2, on_error="nan").fit_transform(
            bad
        )
    assert np.isnan(fixed[5]).all()
    assert np.isfinite(fixed[:5]).all()
    with pytest.warns(AudioWarning, match="1 of 6 clips cannot be used"):
        ragged = make_audio_union(Mel2D(20), MFCC2D(20), on_error="nan").fit_transform(bad)
    assert ragged[5].shape == (20, 1, 2)
    assert np.isnan(ragged[5]).all()


def test_a_bar_counts_images(clips, capsys):
    make_audio_union(Mel2D(20), progress=True).fit_transform(clips)
    assert "5/5" in capsys.readouterr().err


# Tables


@pytest.mark.parametrize(
    "transformer",
    [Mel2D(8), MelImage(8, 6), TrimSilence(), SpectrogramScaler(), make_audio_union(Mel2D(8))],
    ids=lambda transformer: type(transformer).__name__,
)
def test_a_container_that_scikit_learn_does_not_know_is_refused(transformer):
    message = r"output config must be in \['default', 'pandas', 'polars'\], got bogus"
    with pytest.raises(ValueError, match=message):
        transformer.set_output(transform="bogus")


@pytest.mark.parametrize("configured", ["set_output", "config"])
def test_images_stay_arrays_where_tables_are_asked_for(configured, clips):
    pipeline = make_pipeline(
        TrimSilence(),
        LoadAudio(16000),
        make_audio_union(Mel2D(20), MFCC2D(20)),
        SpectrogramScaler(),
        ImageToSequence(),
    )
    expected = pipeline.fit_transform(clips)
    if configured == "set_output":
        pipeline.set_output(transform="pandas")
        for _ in range(2):
            assert_equal(pipeline.fit_transform(clips), expected)
            pipeline.set_output(transform="pandas")
    with sklearn.config_context(transform_output="pandas"):
        assert_equal(pipeline.fit_transform(clips), expected)


@each_image
def test_images_alone_stay_arrays_too(image, clips):
    assert_equal(
        sklearn.clone(image).set_output(transform="pandas").fit_transform(clips),
        image.fit_transform(clips),
    )


def test_rows_of_one_frame_are_a_table(rng):
    rows = rng.normal(size=(4, 3))
    frame = SpectrogramScaler().set_output(transform="pandas").fit_transform(rows)
    assert frame.columns.tolist() == ["x0", "x1", "x2"]
    scaler = SpectrogramScaler().fit(rows[:, :, np.newaxis])
    assert not hasattr(scaler, "get_feature_names_out")


def test_images_have_no_names(clips):
    union = AudioFeatureUnion([("mel", Mel2D(20))]).fit(clips)
    assert not hasattr(union, "get_feature_names_out")
    assert hasattr(make_audio_union(RMS()), "get_feature_names_out")
