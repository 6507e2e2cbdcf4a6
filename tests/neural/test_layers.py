import numpy as np
import pytest
from scipy.fft import dct
from scipy.stats import gmean

N_MEMBERS = 3


@pytest.fixture(scope="module")
def layers():
    from skser.neural import layers

    return layers


def test_each_member_works_on_its_own_channels(layers, rng):
    import keras

    convolutions = [keras.layers.Conv1D(4, 3, padding="same") for _ in range(N_MEMBERS)]
    frames = rng.normal(size=(2, 7, N_MEMBERS * 5)).astype(np.float32)
    got = layers.PerMember(convolutions)(frames)
    shares = np.split(frames, N_MEMBERS, axis=-1)
    wanted = [one(share) for one, share in zip(convolutions, shares, strict=True)]
    np.testing.assert_allclose(got, np.concatenate(wanted, axis=-1), rtol=1e-5)


def test_members_get_what_else_the_layers_take(layers, rng):
    pools = [layers.AttentiveStatisticsPooling(3) for _ in range(N_MEMBERS)]
    frames = rng.normal(size=(2, 7, N_MEMBERS * 5)).astype(np.float32)
    mask = np.arange(7) < np.array([[7], [4]])
    pooled = layers.PerMember(pools)(frames, mask.astype(np.float32))
    assert pooled.shape == (2, N_MEMBERS * 10)
    own = pools[1](frames[1:, :4, 5:10], np.ones((1, 4), np.float32))
    np.testing.assert_allclose(pooled[1:, 10:20], own, rtol=1e-4)


def heads(layers, n_units=4, n_classes=2):
    head = layers.EnsembleDense(n_classes, N_MEMBERS)
    head.build((None, N_MEMBERS * n_units))
    rng = np.random.default_rng(0)
    head.set_weights([rng.normal(size=weight.shape) for weight in head.get_weights()])
    return head


def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


def cross_entropy(labels, probabilities):
    return -np.log(np.asarray(probabilities)[np.arange(len(labels)), labels]).mean()


def of_member(head, k, embeddings):
    kernel, bias = head.get_weights()[2 * k : 2 * k + 2]
    return softmax(embeddings[:, 4 * k : 4 * k + 4] @ kernel + bias)


@pytest.mark.parametrize("training", [False, True])
def test_members_agree_on_the_geometric_mean(layers, rng, training):
    head, embeddings = heads(layers), rng.normal(size=(5, 12)).astype(np.float32)
    wanted = gmean([of_member(head, k, embeddings) for k in range(N_MEMBERS)], axis=0)
    wanted /= wanted.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(head(embeddings, training=training), wanted, rtol=1e-5)


def test_in_training_the_loss_is_the_mean_of_the_members_own(layers, rng):
    head, embeddings = heads(layers), rng.normal(size=(5, 12)).astype(np.float32)
    labels = np.array([0, 1, 1, 0, 1])
    own = [cross_entropy(labels, of_member(head, k, embeddings)) for k in range(N_MEMBERS)]
    ensemble = cross_entropy(labels, head(embeddings, training=True))
    assert ensemble + float(head.losses[0]) == pytest.approx(np.mean(own), rel=1e-5)
    assert ensemble < np.mean(own)


def test_when_predicting_nothing_is_added_to_the_loss(layers, rng):
    head = heads(layers)
    head(rng.normal(size=(5, 12)).astype(np.float32), training=False)
    assert not head.losses


def test_deviation_is_from_the_mean_over_own_frames(layers):
    image = np.array([1, 3, 5, 0], np.float32).reshape(1, 1, 4, 1)
    mask = np.array([[1, 1, 1, 0]], np.float32)
    rows = np.asarray(layers.WithDeviation()(image, mask))[0, :, :, 0]
    np.testing.assert_array_equal(rows, [[1, 3, 5, 0], [-2, 0, 2, 0]])


@pytest.mark.parametrize("n_coefficients", [3, 8, 20])
def test_the_cosine_transform_is_that_of_scipy(layers, rng, n_coefficients):
    image = rng.normal(size=(2, 8, 5, 1)).astype(np.float32)
    got = layers.CosineTransform(n_coefficients)(image)
    wanted = dct(image, axis=1, norm="ortho")[:, :n_coefficients]
    np.testing.assert_allclose(got, wanted, atol=1e-5)


def test_a_member_learns_as_if_alone(layers, rng):
    """What another member says has no part in its gradient."""
    import keras
    import tensorflow as tf

    embeddings = rng.normal(size=(5, 12)).astype(np.float32)
    labels = np.array([0, 1, 1, 0, 1])

    def gradient(change):
        head = heads(layers)
        head.heads[2].kernel.assign_add(np.full((4, 2), [change, -change]))
        with tf.GradientTape() as tape:
            probabilities = head(embeddings, training=True)
            each = keras.losses.sparse_categorical_crossentropy(labels, probabilities)
            loss = tf.reduce_mean(each) + head.losses[0]
        return tape.gradient(loss, head.heads[0].kernel)

    assert np.any(gradient(0.0))
    np.testing.assert_allclose(gradient(0.0), gradient(2.0), atol=1e-6)


def test_the_level_is_the_mean_over_own_frames_and_rows(layers):
    image = np.array([[1, 3, 5, 0], [3, 5, 1, 0]], np.float32).reshape(1, 2, 4, 1)
    mask = np.array([[1, 1, 1, 0]], np.float32)
    rows = np.asarray(layers.WithoutLevel()(image, mask))[0, :, :, 0]
    np.testing.assert_array_equal(rows, [[-2, 0, 2, 0], [0, 2, -2, 0]])
