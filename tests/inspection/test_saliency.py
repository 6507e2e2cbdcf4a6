import numpy as np
import pytest
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skser import (
    MFCC,
    MFCC2D,
    AddNoise,
    AugmentedClassifier,
    Conv1DClassifier,
    Conv2DClassifier,
    ImageToSequence,
    Mel2D,
    SpectrogramScaler,
    make_audio_union,
    saliency,
)

SR = 16000


def sees_a_corner(input_shape, n_classes):
    """See the lowest 4 rows, and the last 10 frames, of an image of 16 rows."""
    import keras

    n_frames = input_shape[1]
    layers = [
        keras.Input(input_shape),
        keras.layers.Cropping2D(((0, 12), (n_frames - 10, 0))),
        keras.layers.Flatten(),
        keras.layers.Dense(4, "tanh"),
        keras.layers.Dense(n_classes, "softmax"),
    ]
    return keras.Sequential(layers)


def over_frames(input_shape, n_classes):
    import keras

    layers = [
        keras.Input(input_shape),
        keras.layers.Conv1D(4, 3, activation="tanh"),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(n_classes, "softmax"),
    ]
    return keras.Sequential(layers)


def network(kind=Conv2DClassifier, architecture=sees_a_corner):
    return kind(architecture, epochs=2, random_state=0)


@pytest.fixture(scope="module")
def pipeline(noises):
    fitted = make_pipeline(Mel2D(16, sr=SR), SpectrogramScaler(), network())
    return fitted.fit(noises.data, noises.target)


@pytest.fixture(scope="module")
def by_frame(noises):
    union = make_audio_union(Mel2D(16, deltas=1), sr=SR)
    sequences = [SpectrogramScaler(), ImageToSequence()]
    fitted = make_pipeline(union, *sequences, network(Conv1DClassifier, over_frames))
    return fitted.fit(noises.data, noises.target)


def probability(pipeline, images, label):
    return pipeline.predict_proba(images)[:, pipeline.classes_.tolist().index(label)]


def test_only_what_the_network_sees_has_any(pipeline, noises):
    relevance = saliency(pipeline, noises.data[0])
    assert relevance.values.shape == (16, 32)
    assert np.abs(relevance.values[:4, -10:]).min() > 0
    np.testing.assert_array_equal(relevance.values[4:], 0)
    np.testing.assert_array_equal(relevance.values[:, :-10], 0)


@pytest.mark.parametrize("label", ["loud", "quiet"])
@pytest.mark.parametrize("which", ["pipeline", "by_frame"])
def test_pixels_add_up_to_what_the_mean_image_lacks(which, label, noises, request):
    fitted = request.getfixturevalue(which)
    relevance = saliency(fitted, noises.data[0], label=label, n_steps=64)
    image = fitted[0].transform(noises.data[:1])
    mean = np.broadcast_to(fitted[1].mean_[:, np.newaxis], image.shape)
    gained = probability(fitted[1:], image, label) - probability(fitted[1:], mean, label)
    assert relevance.values.sum() == pytest.approx(gained.item(), abs=2e-3)
    assert relevance.score == pytest.approx(probability(fitted[1:], image, label).item())
    assert relevance.score - relevance.baseline_score == pytest.approx(gained.item(), abs=1e-6)


def test_axes_are_those_of_the_image(pipeline, noises):
    relevance = saliency(pipeline, noises.data[0])
    assert relevance.domain == "image"
    assert relevance.method == "saliency"
    assert relevance.windows.shape == (32, 2)
    np.testing.assert_allclose(relevance.windows[1:, 0], relevance.windows[:-1, 1])
    assert relevance.windows[1, 1] - relevance.windows[1, 0] == pytest.approx(512 / SR)
    assert (np.diff(relevance.bands, axis=1) > 0).all()


def test_rows_that_are_no_bands_are_added_up(noises):
    pipeline = make_pipeline(MFCC2D(16, sr=SR), network()).fit(noises.data, noises.target)
    assert saliency(pipeline, noises.data[0], n_steps=2).values.shape == (1, 32)


def test_a_network_trained_on_copies_is_looked_into(noises):
    inner = make_pipeline(Mel2D(16, sr=SR), SpectrogramScaler(), network())
    model = AugmentedClassifier(inner, AddNoise(), random_state=0).fit(noises.data, noises.target)
    assert np.isfinite(saliency(model, noises.data[0], n_steps=2).values).all()


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(MFCC(5, sr=SR), LogisticRegression()),
        VotingClassifier(
            [("one", make_pipeline(MFCC(5, sr=SR), LogisticRegression()))], voting="soft"
        ),
        make_pipeline(
            Mel2D(8, sr=SR), FunctionTransformer(lambda x: x[:, :, 0]), LogisticRegression()
        ),
    ],
    ids=["vectors", "vote", "other step"],
)
def test_what_has_no_gradients_is_refused(model, noises):
    model.fit(noises.data, noises.target)
    with pytest.raises(
        ValueError, match=f"{type(model).__name__} is not a pipeline .*Use occlusion"
    ):
        saliency(model, noises.data[0])


def test_an_unknown_label_is_refused(pipeline, noises):
    with pytest.raises(ValueError, match=r"label='sad' is not a class"):
        saliency(pipeline, noises.data[0], label="sad")


def test_no_steps_are_refused(pipeline, noises):
    with pytest.raises(ValueError, match="'n_steps' parameter"):
        saliency(pipeline, noises.data[0], n_steps=0)
