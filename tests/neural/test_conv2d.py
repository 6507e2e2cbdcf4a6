import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline, make_union
from sklearn.utils.estimator_checks import parametrize_with_checks

from skser import (
    MFCC2D,
    AudioError,
    AudioWarning,
    Conv2DClassifier,
    DenseClassifier,
    Mel2D,
    MelImage,
    SpectrogramScaler,
    make_emotional_speech,
)
from skser.neural.architectures._registry import get_architecture


@dataclass(frozen=True)
class Pooled:
    """Builds a small network; a class, so that a test's name holds no address in memory."""

    filters: int = 4

    def __call__(self, input_shape, n_classes):
        import keras

        return keras.Sequential(
            [
                keras.Input(input_shape),
                keras.layers.Conv2D(self.filters, 3, padding="same", activation="relu"),
                keras.layers.GlobalAveragePooling2D(),
                keras.layers.Dense(n_classes, activation="softmax"),
            ]
        )


pooled = Pooled()


# What it shares with Conv1DClassifier, whose checks are among the fast tests, is nearly all.
@pytest.mark.slow
@parametrize_with_checks(
    [Conv2DClassifier(pooled, epochs=30, learning_rate=0.05, random_state=0)],
    expected_failed_checks=lambda _: {
        "check_sample_weight_equivalence_on_dense_data": "mini-batches are drawn at random",
    },
)
def test_it_is_a_scikit_learn_classifier(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def images():
    """Noise of 2 classes; in the second the upper rows are louder. Lengths differ."""
    rng = np.random.default_rng(0)
    X, y = np.empty(40, dtype=object), np.array(["sad", "angry"])[np.arange(40) % 2]
    for i, label in enumerate(y):
        X[i] = rng.normal(size=(16, rng.integers(6, 25))).astype(np.float32)
        X[i][8:] += 2 * (label == "angry")
    return X, y


def dense_then_ensemble(input_shape, n_classes):
    import keras
    from keras import layers

    from skser.neural.layers import EnsembleDense

    inputs = keras.Input(input_shape)
    x = layers.Dense(6, activation="relu")(layers.Flatten()(inputs))
    return keras.Model(inputs, EnsembleDense(n_classes, 2)(x))


@pytest.fixture(scope="module")
def fitted(images):
    return Conv2DClassifier(epochs=6, random_state=0).fit(*images)


def test_the_default_learns_from_images_of_any_length(fitted, images):
    X, y = images
    assert fitted.score(X, y) > 0.9
    assert fitted.predict(X[:1]).tolist() == [y[0]]


def test_a_clip_is_predicted_alone_as_beside_longer_ones(fitted, images):
    X, _ = images
    alone = np.concatenate([fitted.predict_proba([image]) for image in X])
    np.testing.assert_allclose(fitted.predict_proba(X), alone, rtol=1e-4, atol=1e-6)


def test_a_prediction_does_not_depend_on_where_in_x_a_clip_is(images):
    X, y = images
    X = np.stack([image[:, :6] for image in X])
    classifier = Conv2DClassifier(epochs=1, random_state=0).fit(X, y)
    for n_clips in (2, 7, 20):
        forwards = classifier.predict_proba(X[:n_clips])
        backwards = classifier.predict_proba(X[:n_clips][::-1])
        np.testing.assert_array_equal(forwards, backwards[::-1])


def test_a_network_of_any_length_takes_lengths_it_has_not_seen(fitted, rng):
    assert fitted.predict(rng.normal(size=(3, 16, 90))).shape == (3,)


def test_fitted_on_one_length_it_takes_others_too(images, rng):
    _, y = images
    classifier = Conv2DClassifier(epochs=1, random_state=0).fit(rng.normal(size=(40, 16, 20)), y)
    assert classifier.predict(rng.normal(size=(2, 16, 11))).shape == (2,)


@pytest.mark.slow
def test_the_default_takes_weights_of_any_scale(images):
    X, y = images
    how = {"epochs": 6, "random_state": 0}
    weighted = Conv2DClassifier(**how).fit(X, y, sample_weight=np.full(len(y), 1e-3))
    assert weighted.score(X, y) > 0.9


@pytest.mark.slow
def test_the_default_leaves_out_clips_of_no_weight(images):
    X, y = images
    right = np.arange(len(y)) % 4 < 2
    labels = np.where(right, y, np.roll(y, 1))
    classifier = Conv2DClassifier(epochs=6, batch_size=8, random_state=0)
    assert classifier.fit(X, labels, sample_weight=right.astype(float)).score(X, y) > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("mixup", [0.0, 0.2])
def test_the_default_is_told_the_mean_of_its_members_losses(images, mixup):
    """In validation what they predict together, which is below it."""
    X, y = images
    both = (np.concatenate([X, X]), np.concatenate([y, y]))
    classifier = Conv2DClassifier(
        epochs=1, learning_rate=1e-9, validation_split=0.5, mixup=mixup, random_state=0
    )
    history = classifier.fit(*both).history_
    assert history["loss"][0] > history["val_loss"][0]


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(1, 12, 1), (8, 1, 1), (16, 12, 3), (50, 12, 2)])
def test_the_default_takes_images_of_any_size(rng, shape):
    X, y = rng.normal(size=(7, *shape)), [0, 1, 0, 1, 0, 1, 1]
    classifier = Conv2DClassifier(epochs=1, batch_size=3, random_state=0).fit(X, y)
    np.testing.assert_allclose(classifier.predict_proba(X).sum(axis=1), 1, rtol=1e-5)
    assert classifier.transform(X).shape == (7, 768)


def test_an_ensemble_may_follow_a_dense_layer(rng):
    X, y = rng.normal(size=(8, 6, 5, 1)), [0, 1] * 4
    classifier = Conv2DClassifier(dense_then_ensemble, epochs=1).fit(X, y)
    assert classifier.transform(X).shape == (8, 6)


def test_it_pickles_with_images_of_any_length(fitted, images):
    X, _ = images
    loaded = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(loaded.predict_proba(X), fitted.predict_proba(X))


def test_vectors_are_taken_for_images_with_a_warning(rng):
    one_class = ["sad"] * 6
    with (
        pytest.warns(AudioWarning, match=r"one band with 40 values.* use Conv1DClassifier or"),
        pytest.raises(ValueError, match="class"),
    ):
        Conv2DClassifier().fit(rng.normal(size=(6, 40)), one_class)


def test_images_have_one_channel_or_several(rng):
    y = [0, 1] * 5
    one = rng.normal(size=(10, 8, 9))
    plain = Conv2DClassifier(pooled, epochs=1, random_state=0).fit(one, y)
    same = Conv2DClassifier(pooled, epochs=1, random_state=0).fit(one[..., np.newaxis], y)
    np.testing.assert_array_equal(
        plain.predict_proba(one), same.predict_proba(one[..., np.newaxis])
    )
    three = rng.normal(size=(10, 8, 9, 3))
    assert Conv2DClassifier(pooled, epochs=1).fit(three, y).predict(three).shape == (10,)


def test_the_embedding_has_names(fitted, images):
    embedding = fitted.transform(images[0])
    names = fitted.get_feature_names_out()
    assert embedding.shape == (40, len(names))
    assert names[0] == "conv2dclassifier0"


@pytest.fixture(scope="module")
def speech():
    return make_emotional_speech(n_per_class=4, random_state=0)


def test_it_is_scored_on_speakers_apart(speech):
    pipeline = make_pipeline(
        Mel2D(16, duration=1.0), SpectrogramScaler(), Conv2DClassifier(pooled, epochs=1)
    )
    scores = cross_val_score(
        pipeline, speech.data, speech.target, groups=speech.groups, cv=StratifiedGroupKFold(2)
    )
    assert np.isfinite(scores).all()


def test_pictures_go_into_a_published_network(speech):
    pipeline = make_pipeline(MelImage(), Conv2DClassifier("image-three-dense", epochs=1))
    pipeline.fit(speech.data, speech.target)
    assert pipeline.predict(speech.data[:2]).shape == (2,)


def test_networks_on_two_images_are_fused(speech):
    branches = [
        make_pipeline(image, SpectrogramScaler(), Conv2DClassifier(pooled, epochs=1))
        for image in (Mel2D(16, duration=1.0), MFCC2D(8, duration=1.0))
    ]
    fusion = make_pipeline(make_union(*branches), DenseClassifier(epochs=1))
    fusion.fit(speech.data, speech.target)
    assert fusion[:-1].transform(speech.data[:3]).shape == (3, 4 + 4)
    assert fusion.predict(speech.data[:3]).shape == (3,)


def test_networks_are_stacked_on_speakers_apart(speech):
    branches = [
        (name, make_pipeline(image, SpectrogramScaler(), Conv2DClassifier(pooled, epochs=1)))
        for name, image in {"mel": Mel2D(16, duration=1.0), "mfcc": MFCC2D(8, duration=1.0)}.items()
    ]
    splits = list(StratifiedGroupKFold(2).split(speech.data, speech.target, speech.groups))
    stack = StackingClassifier(branches, LogisticRegression(), cv=splits)
    assert stack.fit(speech.data, speech.target).predict(speech.data[:3]).shape == (3,)


def test_networks_of_several_seeds_are_averaged(images):
    X, y = images
    X = np.stack([image[:, :6] for image in X])
    networks = [(f"seed{i}", Conv2DClassifier(pooled, epochs=1, random_state=i)) for i in range(2)]
    vote = VotingClassifier(networks, voting="soft").fit(X, y)
    own = [network.predict_proba(X) for network in vote.estimators_]
    np.testing.assert_allclose(vote.predict_proba(X), np.mean(own, axis=0))
    assert not np.array_equal(*own)


# Bad input


def test_images_too_small_name_the_smallest(rng):
    X = rng.normal(size=(4, 6, 8))
    with pytest.raises(ValueError, match=r"\(6, 8, 1\) is too small .*'three-block'.* \(18, 18\b"):
        Conv2DClassifier("three-block").fit(X, [0, 1, 0, 1])


def test_lengths_that_differ_are_refused_by_a_network_of_one_length(images):
    with pytest.raises(
        ValueError, match=r"'bn4x10' needs clips of one length\. Set duration .*residual2d"
    ):
        Conv2DClassifier("bn4x10").fit(*images)


def test_a_builder_that_knows_no_padding_is_told_so(images):
    with pytest.raises(ValueError, match=r"NaN as padding.*Pooled.* must be .*MaskPadding"):
        Conv2DClassifier(pooled, epochs=1).fit(*images)


def test_images_of_another_size_are_refused(rng):
    classifier = Conv2DClassifier("three-block", epochs=1)
    classifier.fit(rng.normal(size=(4, 20, 24)), [0, 1, 0, 1])
    with pytest.raises(
        ValueError, match=r"X\[0\] has shape \(20, 30, 1\).*fitted on shape \(20, 24"
    ):
        classifier.predict(rng.normal(size=(2, 20, 30)))
    with pytest.raises(ValueError, match="X has 21 features, but Conv2DClassifier is expecting 20"):
        classifier.predict(rng.normal(size=(2, 21, 24)))


def test_images_of_other_heights_are_refused(images):
    X, y = images
    X = X.copy()
    X[7] = X[7][:-1]
    with pytest.raises(ValueError, match=r"X\[7\] has shape \(15, "):
        Conv2DClassifier().fit(X, y)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_an_image_that_is_not_finite_is_named(rng, value):
    X = rng.normal(size=(4, 20, 24))
    X[2, 3, 4] = value
    with pytest.raises(ValueError, match=r"X\[2\] contains NaN or infinity"):
        Conv2DClassifier().fit(X, [0, 1, 0, 1])


def test_a_builder_that_returns_nothing_is_told_so_alone(images):
    with pytest.raises(TypeError, match="returned NoneType, but must return") as told:
        Conv2DClassifier(lambda input_shape, n_classes: None).fit(*images)
    assert not hasattr(told.value, "__notes__")


def test_a_network_over_sequences_is_refused(images):
    with pytest.raises(ValueError, match=r"'residual1d' is a network for Conv1D.* takes 'alexn"):
        Conv2DClassifier("residual1d").fit(*images)
    with pytest.raises(ValueError, match=r"'residual1d' is a network for Conv1D.* takes 'alexn"):
        Conv2DClassifier(get_architecture("residual1d")).fit(*images)


def test_nan_in_one_of_many_images_is_found(images):
    X, y = images
    X = X.copy()
    X[5] = np.full_like(X[5], np.nan)
    with pytest.raises(ValueError, match=r"X\[5\] contains NaN"):
        Conv2DClassifier().fit(X, y)


def test_images_that_overflow_in_the_default_network_are_named(fitted, images):
    X, _ = images
    X = X[:4].copy()
    X[2] = np.full_like(X[2], 1e20)
    with pytest.raises(AudioError, match=r"X\[2\]: its probabilities are not .* up to 1e\+20"):
        fitted.predict(X)


def test_as_many_labels_as_images(images):
    X, y = images
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        Conv2DClassifier().fit(X, y[:-1])


def test_videos_are_refused(rng):
    with pytest.raises(ValueError, match=r"takes images \(n_samples, n_rows"):
        Conv2DClassifier().fit(rng.normal(size=(4, 3, 3, 3, 3)), [0, 1, 0, 1])
