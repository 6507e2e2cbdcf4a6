import numpy as np
import pytest
from scipy.fft import dct

N_MEMBERS = 3


@pytest.fixture(scope="module")
def layers():
    from skser.neural import layers

    return layers


@pytest.mark.parametrize("n", [1, 2, 3, 6, 7, 8])
def test_a_training_batch_is_dealt_out_evenly(layers, n):
    clips = np.arange(n, dtype=np.float32)[:, None]
    parts = [np.ravel(part) for part in layers.SplitBatch(N_MEMBERS)(clips, training=True)]
    dealt = np.ravel(np.stack(parts, axis=1))
    np.testing.assert_array_equal(dealt[:n], clips[:, 0])
    assert {len(part) for part in parts} == {-(-n // N_MEMBERS)}
    np.testing.assert_array_equal(dealt[n:], np.resize(clips[:, 0], len(dealt) - n))


def test_when_predicting_every_member_gets_every_clip(layers):
    clips = np.arange(4, dtype=np.float32)[:, None]
    for part in layers.SplitBatch(N_MEMBERS)(clips, training=False):
        np.testing.assert_array_equal(part, clips)


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


def test_members_are_averaged_when_predicting(layers, rng):
    head, embeddings = heads(layers), rng.normal(size=(5, 12)).astype(np.float32)
    wanted = np.mean([of_member(head, k, embeddings) for k in range(N_MEMBERS)], axis=0)
    np.testing.assert_allclose(head(embeddings, embeddings, training=False), wanted, rtol=1e-5)


@pytest.mark.parametrize("n", [1, 4, 6])
def test_a_training_clip_is_answered_by_the_member_it_was_dealt_to(layers, rng, n):
    head = heads(layers)
    clips = rng.normal(size=(n, 4)).astype(np.float32)
    parts = layers.SplitBatch(N_MEMBERS)(clips, training=True)
    answered = np.asarray(head(np.concatenate(parts, axis=1), clips, training=True))
    for i in range(n):
        own = of_member(head, i % N_MEMBERS, np.tile(clips, N_MEMBERS))
        np.testing.assert_allclose(answered[i], own[i], rtol=1e-5)


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


def test_each_member_of_an_ensemble_learns_from_its_own_clips(layers, rng):
    """The loss of a clip has no gradient in a member that the clip was not dealt to."""
    import tensorflow as tf

    from skser.neural.architectures import get_architecture

    model = get_architecture("residual2d-views")((16, None, 1), 2)
    batch = rng.normal(size=(6, 16, 9, 1)).astype(np.float32)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(batch, training=True)[1::N_MEMBERS, 0])
    last = model.layers[-1]
    gradients = tape.gradient(loss, [head.kernel for head in last.heads])
    assert [bool(np.any(gradient)) for gradient in gradients] == [False, True, False]
