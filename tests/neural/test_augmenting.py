import numpy as np
import pytest

from skser import Conv1DClassifier, Conv2DClassifier, DenseClassifier
from skser.neural._regularisation import Regularisation


def altered(x, y=None, weight=None, **options):
    """Alter a batch as in training; return images, labels and weights."""
    import keras

    from skser.neural._augmenting import AugmentingModel

    keras.utils.set_random_seed(0)
    inputs = keras.Input(x.shape[1:])
    flat = keras.layers.Flatten()(inputs)
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(flat))
    model = AugmentingModel(model, Regularisation(**options))
    lengths = (~np.isnan(x.reshape(len(x), -1, *x.shape[-2:])[:, 0, :, 0])).sum(axis=1)
    x = keras.ops.convert_to_tensor(x, "float32")
    masked = model._masked(x, lengths.astype(np.float32))
    if y is None:
        return np.asarray(masked)
    labels = keras.ops.one_hot(y, 2)
    return tuple(
        None if part is None else np.asarray(part) for part in model._mixed(x, labels, weight)
    )


def runs(hit):
    """Count the runs of True."""
    return np.diff(np.r_[0, hit.astype(int), 0]).clip(min=0).sum()


@pytest.fixture
def batch():
    return np.ones((200, 12, 40, 1), np.float32)


def test_time_masks_are_bands_over_all_rows(batch):
    masked = altered(batch, time_mask=6)[..., 0]
    gone = (masked == 0).all(axis=1)
    np.testing.assert_array_equal(masked == 0, np.repeat(gone[:, None], 12, axis=1))
    assert max(map(runs, gone)) == 2
    assert gone.sum(axis=1).max() <= 2 * 6
    assert 2 < gone.sum(axis=1).mean() < 6


def test_every_frame_is_masked_about_as_often(batch):
    gone = (altered(np.repeat(batch, 5, axis=0), time_mask=6)[:, 0, :, 0] == 0).mean(axis=0)
    assert gone[8:-8].min() > 0.1
    assert gone[0] > 0
    assert gone[-1] > 0


def test_frequency_masks_are_bands_over_all_frames(batch):
    masked = altered(batch, frequency_mask=3)[..., 0]
    gone = (masked == 0).all(axis=2)
    np.testing.assert_array_equal(masked == 0, np.repeat(gone[:, :, None], 40, axis=2))
    assert gone.sum(axis=1).max() <= 2 * 3
    assert gone.any(axis=0).all()


def test_a_time_mask_takes_a_quarter_of_a_clip_at_most_and_no_padding(batch):
    batch[:, :, 8:] = np.nan
    masked = altered(batch, time_mask=30)
    np.testing.assert_array_equal(np.isnan(masked), np.isnan(batch))
    assert (masked[:, 0, :, 0] == 0).sum(axis=1).max() == 2 * 2


def test_sequences_lose_frames_and_channels():
    masked = altered(np.ones((100, 40, 5), np.float32), time_mask=4, frequency_mask=2)
    assert ((masked == 0).all(axis=2).sum(axis=1) <= 8).all()
    assert (masked == 0).all(axis=1).any()


def test_mixup_mixes_labels_by_as_much_as_images():
    y = np.arange(100) % 2
    x = np.zeros((100, 3, 4, 1), np.float32) + y[:, None, None, None]
    mixed, labels, _ = altered(x, y, mixup=0.4)
    np.testing.assert_allclose(mixed[:, 0, 0, 0], labels[:, 1], atol=1e-6)
    np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-6)
    assert (labels.max(axis=1) < 0.99).any()
    np.testing.assert_array_equal(labels.argmax(axis=1), y)


def test_mixup_weighs_labels_by_their_samples():
    y = np.arange(100) % 2
    x = np.zeros((100, 3, 4, 1), np.float32)
    _, labels, weight = altered(x, y, np.where(y == 0, 1.0, 0.0), mixup=0.4)
    np.testing.assert_allclose(labels[weight > 0, 0], 1)
    assert (weight[y == 1] < 0.51).all()


def test_mixup_keeps_a_clips_own_length():
    x = np.ones((50, 3, 10, 1), np.float32)
    x[::2, :, 4:] = np.nan
    mixed, _, _ = altered(x, np.arange(50) % 2, mixup=0.4)
    np.testing.assert_array_equal(np.isnan(mixed), np.isnan(x))


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    y = np.arange(24) % 2
    return rng.normal(size=(24, 8, 10)) + y[:, None, None], y


def tiny(input_shape, n_classes):
    import keras

    flat = [keras.Input(input_shape), keras.layers.Flatten()]
    return keras.Sequential([*flat, keras.layers.Dense(n_classes, activation="softmax")])


def fit(images, **options):
    X, y = images
    classifier = Conv2DClassifier(tiny, epochs=2, random_state=0, **options)
    return classifier.fit(X, y).predict_proba(X)


@pytest.mark.parametrize("option", [{"time_mask": 3}, {"frequency_mask": 3}, {"mixup": 0.2}])
def test_each_option_changes_training_and_repeats_under_a_seed(images, option):
    regularised = fit(images, **option)
    assert not np.allclose(regularised, fit(images))
    np.testing.assert_array_equal(regularised, fit(images, **option))


@pytest.mark.parametrize("network", [DenseClassifier, Conv1DClassifier])
def test_vectors_are_mixed_too(network, rng):
    X, y = rng.normal(size=(24, 10)), np.tile(["a", "b", "c"], 8)
    mixed, plain = (
        network(epochs=1, mixup=mixup, random_state=0).fit(X, y).predict_proba(X)
        for mixup in (0.3, 0.0)
    )
    assert np.isfinite(mixed).all()
    assert not np.allclose(mixed, plain)


def test_all_is_off_by_default():
    for classifier in (Conv1DClassifier(), Conv2DClassifier(), DenseClassifier()):
        assert classifier._regularisation() == Regularisation()
        assert not classifier._regularisation()


def test_validation_is_on_clips_as_they_are(images):
    X, y = images
    classifier = Conv2DClassifier(
        tiny, epochs=2, validation_split=0.25, mixup=0.5, time_mask=5, random_state=0
    ).fit(X, y)
    rows = classifier._split(y, None, classifier._split_seed)[1]
    probability = classifier.predict_proba(X[rows])[np.arange(len(rows)), y[rows]]
    assert classifier.history_["val_loss"][-1] == pytest.approx(
        -np.log(probability).mean(), rel=1e-4
    )


@pytest.mark.parametrize(
    "option", [{"time_mask": -1}, {"frequency_mask": 2.5}, {"mixup": -0.1}, {"mixup": "some"}]
)
def test_a_bad_option_is_refused(images, option):
    (name,) = option
    with pytest.raises(ValueError, match=f"The '{name}' parameter"):
        fit(images, **option)
