import numpy as np
import pytest
from scipy.fft import dct
from scipy.stats import gmean

from skser.neural.architectures._registry import get_architecture

N_MEMBERS = 3


@pytest.fixture(scope="module")
def layers():
    from skser.neural import layers

    return layers


def heads(layers, n_units=4, n_classes=2):
    head = layers.EnsembleDense(n_classes, N_MEMBERS)
    head.build((None, N_MEMBERS * n_units))
    rng = np.random.default_rng(0)
    head.set_weights([rng.normal(size=weight.shape) for weight in head.get_weights()])
    return head


def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


def of_member(head, k, embeddings):
    kernel, bias = head.get_weights()[2 * k : 2 * k + 2]
    return softmax(embeddings[:, 4 * k : 4 * k + 4] @ kernel + bias)


def test_members_agree_on_the_geometric_mean(layers, rng):
    head, embeddings = heads(layers), rng.normal(size=(5, 12)).astype(np.float32)
    mean = gmean([of_member(head, k, embeddings) for k in range(N_MEMBERS)], axis=0)
    np.testing.assert_allclose(head(embeddings, training=True), mean, rtol=1e-5)
    normalised = mean / mean.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(head(embeddings, training=False), normalised, rtol=1e-5)


@pytest.mark.parametrize("shares", [False, True])
def test_the_loss_of_a_clip_is_the_mean_of_the_members_own(layers, rng, shares):
    head, embeddings = heads(layers), rng.normal(size=(5, 12)).astype(np.float32)
    labels = np.array([0, 1, 1, 0, 1])
    wanted = np.eye(2)[labels]
    if shares:
        labels = wanted = rng.dirichlet([1, 1], size=5)
    own = [-(wanted * np.log(of_member(head, k, embeddings))).sum(axis=1) for k in range(N_MEMBERS)]
    loss = layers.pooled_crossentropy(labels, head(embeddings, training=True))
    np.testing.assert_allclose(loss, np.mean(own, axis=0), rtol=1e-4)


def test_of_probabilities_it_is_the_cross_entropy(layers, rng):
    probabilities = rng.dirichlet([1, 1, 1], size=6).astype(np.float32)
    labels = np.array([0, 1, 2, 0, 1, 2])
    wanted = -np.log(probabilities[np.arange(6), labels])
    np.testing.assert_allclose(layers.pooled_crossentropy(labels, probabilities), wanted, rtol=1e-5)


def test_a_probability_of_0_costs_no_infinity(layers):
    loss = layers.pooled_crossentropy(np.array([0]), np.array([[0, 1]], np.float32))
    assert np.isfinite(np.asarray(loss)).all()


@pytest.mark.parametrize("n_coefficients", [3, 8, 20])
def test_the_cosine_transform_is_that_of_scipy(layers, rng, n_coefficients):
    image = rng.normal(size=(2, 8, 5, 1)).astype(np.float32)
    got = layers.CosineTransform(n_coefficients)(image)
    wanted = dct(image, axis=1, norm="ortho")[:, :n_coefficients]
    np.testing.assert_allclose(got, wanted, atol=1e-5)


@pytest.mark.parametrize("weight", [[1, 1, 1, 1, 1], [2, 0, 0.5, 1, 0.1]])
def test_a_member_learns_as_if_alone(layers, rng, weight):
    """What another member says has no part in its gradient."""
    import tensorflow as tf

    embeddings = rng.normal(size=(5, 12)).astype(np.float32)
    labels = np.array([0, 1, 1, 0, 1])

    def gradient(change):
        head = heads(layers)
        head.heads[2].kernel.assign_add(np.full((4, 2), [change, -change]))
        with tf.GradientTape() as tape:
            each = layers.pooled_crossentropy(labels, head(embeddings, training=True))
            loss = tf.reduce_mean(each * np.array(weight, np.float32))
        return tape.gradient(loss, head.heads[0].kernel)

    assert np.any(gradient(0.0))
    np.testing.assert_allclose(gradient(0.0), gradient(2.0), atol=1e-6)


@pytest.mark.parametrize("name", ["residual1d", "residual2d", "residual2d-views"])
def test_networks_of_these_layers_are_saved_and_loaded_by_keras(layers, rng, tmp_path, name):
    import keras

    shape = (None, 16) if name == "residual1d" else (16, None, 1)
    model = get_architecture(name)(shape, 3)
    clips = rng.normal(size=[5, *[size or 9 for size in shape]]).astype(np.float32)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(clips), model(clips), atol=1e-6)


def test_moving_statistics_follow_within_a_few_steps(layers, rng):
    """And leave padding out, as the statistics of a step do."""
    frames, mask = rng.normal(5, 2, size=(8, 30, 3)).astype(np.float32), np.ones((8, 30))
    frames[:, 20:] = mask[:, 20:] = 0
    normalisation = layers.MaskedBatchNormalization()
    for _ in range(30):
        normalisation(frames, mask, training=True)
    own = frames[:, :20].reshape(-1, 3)
    np.testing.assert_allclose(normalisation.moving_mean, own.mean(axis=0), rtol=0.05)
    np.testing.assert_allclose(normalisation.moving_variance, own.var(axis=0), rtol=0.05)


def test_the_level_is_the_mean_over_own_frames_and_rows(layers):
    image = np.array([[1, 3, 5, 0], [3, 5, 1, 0]], np.float32).reshape(1, 2, 4, 1)
    mask = np.array([[1, 1, 1, 0]], np.float32)
    rows = np.asarray(layers.WithoutLevel()(image, mask))[0, :, :, 0]
    np.testing.assert_array_equal(rows, [[-2, 0, 2, 0], [0, 2, -2, 0]])
    both = np.asarray(layers.WithoutLevel()(np.concatenate([image, image + 5], axis=-1), mask))
    np.testing.assert_array_equal(both[0, :, :, 1], rows)
