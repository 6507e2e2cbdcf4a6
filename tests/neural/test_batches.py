import tracemalloc

import numpy as np
import pytest

from skser import Conv1DClassifier
from skser.neural._batches import Samples, chunks_to_predict, filled, ragged_batches


def mean_of_frames(input_shape, n_classes):
    """Build a network whose every layer is cheap, whatever the length."""
    import keras

    from skser.neural.layers import AttentiveStatisticsPooling, MaskPadding

    inputs = keras.Input(input_shape)
    x = AttentiveStatisticsPooling(2)(*MaskPadding()(inputs))
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))


def clips(rng, lengths, n_channels=8):
    X = np.empty(len(lengths), dtype=object)
    for index, length in enumerate(lengths):
        X[index] = rng.normal(size=(length, n_channels)).astype(np.float32)
        X[index][0, 0] = index
    return X


@pytest.fixture
def samples(rng):
    return Samples(clips(rng, [3, 9, 1, 5, 2, 4, 7]), np.arange(7), None)


def epoch_of(batches):
    return [tuple(np.asarray(part) for part in batch) for batch in batches]


# Batches to train on


def test_a_batch_is_as_long_as_its_longest_clip(samples):
    batches = epoch_of(ragged_batches(samples, 3, (None, 8), None))
    assert [x.shape for x, _ in batches] == [(3, 9, 8), (3, 5, 8), (1, 7, 8)]
    for x, y in batches:
        for clip, index in zip(x, y, strict=True):
            own = samples.X[index]
            np.testing.assert_array_equal(clip[: len(own)], own)
            assert np.isnan(clip[len(own) :]).all()


def test_an_epoch_has_every_clip_once_in_an_order_of_its_own(samples):
    batches = ragged_batches(samples, 3, (None, 8), 0)
    orders = [np.concatenate([y for _, y in epoch_of(batches)]).tolist() for _ in range(5)]
    assert all(sorted(order) == list(range(7)) for order in orders)
    assert len({tuple(order) for order in orders}) == 5
    again = ragged_batches(samples, 3, (None, 8), 0)
    assert orders[0] == np.concatenate([y for _, y in epoch_of(again)]).tolist()


def test_batches_do_not_depend_on_lengths(rng):
    """Were clips of like length put together, a batch would be of one class where lengths are."""
    n = 64
    X = clips(rng, np.where(np.arange(n) < n // 2, 5, 50))
    batches = epoch_of(ragged_batches(Samples(X, np.arange(n), None), 8, (None, 8), 0))
    assert all(0 < (y < n // 2).mean() < 1 for _, y in batches)


def test_weights_go_with_their_clips(samples):
    weighted = Samples(samples.X, samples.y, samples.y / 10)
    batches = ragged_batches(weighted, 3, (None, 8), 0)
    for _, y, weight in epoch_of(batches):
        np.testing.assert_allclose(weight, y / 10, rtol=1e-6)


# Chunks to predict


@pytest.mark.parametrize(("max_rows", "max_values"), [(1, 1), (4, 30), (4, 10**6), (1000, 40)])
def test_chunks_hold_every_sample_once_and_keep_to_the_limits(rng, max_rows, max_values):
    sizes = rng.integers(1, 60, size=50)
    chunks = list(chunks_to_predict(sizes, max_rows, max_values))
    assert sorted(np.concatenate(chunks)) == list(range(50))
    for rows in chunks:
        assert len(rows) <= max_rows
        assert len(rows) == 1 or len(rows) * sizes[rows].max() <= max_values
    assert len(chunks[0]) > 1 or max_rows == 1


def test_samples_of_one_size_stay_in_order():
    chunks = list(chunks_to_predict(np.full(7, 5), 3, 100))
    assert [rows.tolist() for rows in chunks] == [[0, 1, 2], [3, 4, 5], [6]]


def test_full_chunks_are_of_a_number_that_vectors_divide():
    chunks = list(chunks_to_predict(np.full(50, 5), 1000, 101))
    assert [len(rows) for rows in chunks] == [16, 16, 18]


@pytest.mark.parametrize(
    ("n_rows", "max_values", "n_filled"), [(1, 100, 1), (3, 100, 8), (9, 100, 16), (9, 79, 9)]
)
def test_a_chunk_is_filled_up_with_its_own_samples(n_rows, max_values, n_filled):
    rows = np.arange(10, 10 + n_rows)
    whole = filled(rows, np.full(30, 5), max_values)
    assert len(whole) == n_filled
    assert whole[:n_rows].tolist() == rows.tolist()
    assert set(whole) == set(rows)


# The classifier


@pytest.mark.parametrize("long_one", [0, 57])
def test_one_long_clip_does_not_pad_the_others(rng, long_one):
    lengths = np.full(100, 10)
    lengths[long_one] = 6000
    X, y = clips(rng, lengths), np.arange(100) % 2
    classifier = Conv1DClassifier(mean_of_frames, epochs=1, batch_size=4, validation_split=0.25)
    classifier.fit(X, y)
    padded_to_the_longest = 100 * 6000 * 8 * 4
    for run in (lambda: classifier.fit(X, y), lambda: classifier.predict(X)):
        tracemalloc.start()
        run()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < padded_to_the_longest / 4


def test_predictions_stay_in_the_order_of_the_clips(rng):
    X, y = clips(rng, rng.integers(1, 3000, size=60)), np.arange(60) % 2
    classifier = Conv1DClassifier(mean_of_frames, epochs=1, random_state=0).fit(X, y)
    alone = np.concatenate([classifier.predict_proba([clip]) for clip in X])
    np.testing.assert_allclose(classifier.predict_proba(X), alone, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("options", [{}, {"mixup": 0.2, "time_mask": 3}], ids=["plain", "masked"])
def test_training_on_clips_of_any_length_repeats_under_a_seed(rng, options):
    X, y = clips(rng, rng.integers(1, 30, size=24)), np.arange(24) % 2
    weight = np.ones(24)
    one, two = (
        Conv1DClassifier(mean_of_frames, epochs=3, batch_size=5, random_state=0, **options)
        .fit(X, y, sample_weight=weight)
        .predict_proba(X)
        for _ in range(2)
    )
    np.testing.assert_array_equal(one, two)


def test_a_training_step_is_traced_once_for_all_lengths(rng):
    import keras

    traces = []

    class Traced(keras.Model):
        def train_step(self, data):
            traces.append(data)
            return super().train_step(data)

    def build(input_shape, n_classes):
        model = mean_of_frames(input_shape, n_classes)
        return Traced(model.inputs, model.outputs)

    for longest in (10, 20, 30):
        X = clips(rng, rng.integers(1, longest, size=12))
        Conv1DClassifier(build, epochs=2, batch_size=4).fit(X, [0, 1] * 6)
    assert len(traces) == 1
