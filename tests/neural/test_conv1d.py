import copy
import pickle
import random
import subprocess
import sys
from functools import partial

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, StratifiedKFold, check_cv
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skser import MFCC, Conv1DClassifier, make_emotional_speech
from skser.neural import _adapter
from skser.neural.architectures._registry import get_architecture


def tiny(input_shape, n_classes):
    """Build a network of the tests' own; a function of a module, so that it pickles."""
    import keras

    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Flatten(),
            keras.layers.Dense(4, activation="relu"),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )


def one_argument(input_shape):
    return tiny(input_shape, 3)


def no_network(input_shape, n_classes):
    return "a network"


def nothing_returned(input_shape, n_classes):
    tiny(input_shape, n_classes)


def no_input_given(input_shape, n_classes):
    import keras

    layers = keras.layers
    return keras.Sequential([layers.Flatten(), layers.Dense(n_classes, activation="softmax")])


def too_few_outputs(input_shape, n_classes):
    return tiny(input_shape, n_classes - 1)


def no_probabilities(input_shape, n_classes):
    import keras

    return keras.Sequential(
        [keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(n_classes)]
    )


def needs_channels(input_shape, n_classes):
    import keras

    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Permute((2, 1)),
            layers.Conv1D(4, 5),
            layers.Flatten(),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )


def always_fails(input_shape, n_classes):
    raise ValueError("wrong on purpose")


@parametrize_with_checks(
    [Conv1DClassifier(epochs=12, learning_rate=0.02, random_state=0)],
    expected_failed_checks=lambda _: {
        "check_sample_weight_equivalence_on_dense_data": "mini-batches are drawn at random",
    },
)
def test_it_is_a_scikit_learn_classifier(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def data():
    X, y = make_classification(
        150, 20, n_informative=10, n_classes=3, class_sep=2.0, random_state=0
    )
    return X.astype(np.float32), np.array(["angry", "happy", "sad"])[y]


@pytest.fixture(scope="module")
def fitted(data):
    return Conv1DClassifier(epochs=15, random_state=0).fit(*data)


def test_it_learns(fitted, data):
    assert fitted.score(*data) > 0.9


def test_labels_keep_their_type(fitted, data):
    X, y = data
    assert fitted.predict(X[:3]).dtype == y.dtype
    assert fitted.classes_.tolist() == ["angry", "happy", "sad"]


def test_probabilities_add_up_to_one(fitted, data):
    np.testing.assert_allclose(fitted.predict_proba(data[0]).sum(axis=1), 1, rtol=1e-12)


def test_one_sample_is_predicted_as_among_many(fitted, data):
    X, _ = data
    np.testing.assert_allclose(fitted.predict_proba(X[:1]), fitted.predict_proba(X)[:1], rtol=1e-5)


def test_the_history_has_an_entry_an_epoch(fitted):
    assert set(fitted.history_) == {"loss", "accuracy"}
    assert len(fitted.history_["loss"]) == fitted.n_epochs_ == 15


def test_the_embedding_is_what_enters_the_last_layer(data):
    X, y = data
    classifier = Conv1DClassifier(tiny, epochs=1, random_state=0).fit(X, y)
    embedding = classifier.transform(X)
    assert embedding.shape == (150, 4)
    assert classifier.get_feature_names_out().tolist() == [f"conv1dclassifier{i}" for i in range(4)]
    kernel, bias = classifier.network_.weights[-2:]
    logits = embedding @ kernel + bias
    np.testing.assert_array_equal(classifier.classes_[logits.argmax(axis=1)], classifier.predict(X))


@pytest.mark.parametrize("architecture", ["small", "compact", "wide", "pyramid3", tiny])
def test_every_architecture_trains_and_survives_pickling(architecture):
    X, y = make_classification(30, 60, random_state=0)
    classifier = Conv1DClassifier(architecture, epochs=1, random_state=0).fit(X, y)
    loaded = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(loaded.predict_proba(X), classifier.predict_proba(X))


def test_frame_sequences_have_channels():
    X = np.random.default_rng(0).normal(size=(12, 30, 5))
    classifier = Conv1DClassifier(epochs=1).fit(X, [0, 1] * 6)
    assert classifier.predict(X).shape == (12,)


def test_the_smallest_input_is_a_single_value():
    X = np.repeat([[0.0], [1.0]], 20, axis=0)
    classifier = Conv1DClassifier(epochs=40, learning_rate=0.02, random_state=0)
    assert classifier.fit(X, X[:, 0] > 0).score(X, X[:, 0] > 0) == 1


@pytest.mark.parametrize("n_values", [1, 7, 180, 2000])
def test_the_default_network_stays_small(n_values):
    X = np.random.default_rng(0).normal(size=(8, n_values))
    classifier = Conv1DClassifier(epochs=1).fit(X, np.arange(8) % 4)
    assert classifier.n_parameters_ < 50_000


# Pickling, copying, other processes


def test_its_keras_model_is_a_copy(data, fitted):
    X, _ = data
    expected = fitted.predict_proba(X[:5])
    model = fitted.keras_model()
    inputs = X[:5, :, np.newaxis].astype(np.float32)
    np.testing.assert_allclose(model(inputs).numpy(), expected, atol=1e-6)
    model.set_weights([np.zeros_like(values) for values in model.get_weights()])
    np.testing.assert_array_equal(fitted.predict_proba(X[:5]), expected)


def test_before_fit_there_is_no_keras_model():
    with pytest.raises(NotFittedError):
        Conv1DClassifier().keras_model()


@pytest.fixture(scope="module")
def pipeline():
    speech = make_emotional_speech(n_speakers=2, n_per_class=2, sr=8000, random_state=0)
    pipe = make_pipeline(
        MFCC(sr=8000), StandardScaler(), LinearDiscriminantAnalysis(), Conv1DClassifier(epochs=3)
    )
    return pipe.fit(speech.data, speech.target), speech.data


def test_a_pipeline_predicts_the_same_in_a_fresh_process(pipeline, tmp_path):
    pipe, clips = pipeline
    joblib.dump((pipe, clips, pipe.predict_proba(clips)), tmp_path / "pipe.joblib")
    (tmp_path / "pipe.pkl").write_bytes(pickle.dumps(pipe))
    code = (
        "import joblib, pickle, sys, numpy as np\n"
        f"pipe, clips, expected = joblib.load({str(tmp_path / 'pipe.joblib')!r})\n"
        f"pickled = pickle.load(open({str(tmp_path / 'pipe.pkl')!r}, 'rb'))\n"
        "for p in (pipe, pickled):\n"
        "    np.testing.assert_allclose(p.predict_proba(clips), expected, rtol=1e-6)\n"
        "print('same')"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "same"


def test_a_deep_copy_predicts_the_same(pipeline):
    pipe, clips = pipeline
    np.testing.assert_array_equal(
        copy.deepcopy(pipe).predict_proba(clips), pipe.predict_proba(clips)
    )


def test_a_fit_leaves_an_older_copy_as_it_was(data):
    X, y = data
    first = Conv1DClassifier(epochs=2, random_state=0).fit(X, y)
    before = first.predict_proba(X)
    Conv1DClassifier(epochs=2, random_state=1).fit(X, y)
    np.testing.assert_array_equal(first.predict_proba(X), before)


@pytest.mark.slow
def test_it_is_searched_in_processes(data):
    X, y = data
    search = GridSearchCV(
        Conv1DClassifier(epochs=2, random_state=0), {"batch_size": [32, 64]}, cv=2, n_jobs=2
    ).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_scikit_learn_takes_it_for_a_classifier(data):
    assert isinstance(check_cv(3, data[1], classifier=True), StratifiedKFold)
    voting = VotingClassifier([("a", Conv1DClassifier(epochs=1))], voting="soft").fit(*data)
    assert voting.predict_proba(data[0]).shape == (150, 3)


# Repetition


def test_two_fits_of_one_seed_are_equal_to_the_bit(data):
    X, y = data
    one, two = (Conv1DClassifier(epochs=3, random_state=5).fit(X, y) for _ in range(2))
    np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))


def test_a_fit_is_repeated_after_another_network_and_another_seed(data):
    X, y = data
    one = Conv1DClassifier(epochs=2, random_state=5).fit(X, y)
    Conv1DClassifier(epochs=2, random_state=6, optimizer="sgd", learning_rate=0.3).fit(X, y)
    Conv1DClassifier(tiny, epochs=1).fit(X, y)
    Conv1DClassifier(epochs=2, random_state=7, learning_rate=0.3).fit(X, y)
    two = Conv1DClassifier(epochs=2, random_state=5).fit(X, y)
    np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))


def test_unseeded_fits_differ(data):
    X, y = data
    one, two = (Conv1DClassifier(epochs=1).fit(X, y).predict_proba(X) for _ in range(2))
    assert not np.array_equal(one, two)


def test_a_seeded_fit_leaves_the_callers_generators_alone(data):
    random.seed(3)
    np.random.seed(3)  # noqa: NPY002
    expected = random.random(), np.random.rand()  # noqa: NPY002
    random.seed(3)
    np.random.seed(3)  # noqa: NPY002
    Conv1DClassifier(tiny, epochs=1, random_state=0).fit(*data)
    assert (random.random(), np.random.rand()) == expected  # noqa: NPY002


def test_fits_of_one_structure_share_a_compiled_network(data):
    X, y = data
    Conv1DClassifier(tiny, epochs=1).fit(X, y)
    before = len(_adapter._networks)
    Conv1DClassifier(tiny, epochs=2, learning_rate=0.1).fit(X[::-1], y[::-1])
    assert len(_adapter._networks) == before


def activated(activation):
    """Return a builder whose layer is named after its activation."""

    def build(input_shape, n_classes):
        import keras

        return keras.Sequential(
            [
                keras.Input(input_shape),
                keras.layers.Flatten(),
                keras.layers.Dense(8),
                keras.layers.Activation(activation, name=activation),
                keras.layers.Dense(n_classes, activation="softmax"),
            ]
        )

    return build


def scaled(factor):
    """Return a builder whose layer holds a function that its config does not tell."""

    def build(input_shape, n_classes):
        import keras

        def scale(x):
            return factor * x

        return keras.Sequential(
            [
                keras.Input(input_shape),
                keras.layers.Flatten(),
                keras.layers.Dense(8, activation=scale),
                keras.layers.Dense(n_classes, activation="softmax"),
            ]
        )

    return build


@pytest.mark.parametrize(
    ("one", "other"), [(activated("relu"), activated("tanh")), (scaled(1.0), scaled(0.0))]
)
def test_networks_that_look_alike_are_not_taken_for_each_other(data, one, other):
    X, y = data
    first, second = (
        Conv1DClassifier(build, epochs=2, random_state=0).fit(X, y).predict_proba(X)
        for build in (one, other)
    )
    assert not np.allclose(first, second)


# Training


def test_a_held_out_part_is_watched(data):
    classifier = Conv1DClassifier(epochs=2, validation_split=0.2, random_state=0).fit(*data)
    assert {"val_loss", "val_accuracy"} <= set(classifier.history_)


def test_training_stops_early(data):
    classifier = Conv1DClassifier(
        epochs=60, learning_rate=0.05, validation_split=0.3, early_stopping=1, random_state=0
    ).fit(*data)
    assert classifier.n_epochs_ < 60


def test_the_best_weights_are_restored(data):
    X, y = data
    classifier = Conv1DClassifier(
        tiny, epochs=60, learning_rate=0.5, validation_split=0.3, early_stopping=3, random_state=0
    )
    captured = {}
    original = classifier._split

    def split(*args):
        captured["rows"] = original(*args)
        return captured["rows"]

    classifier._split = split
    classifier.fit(X, y)
    _, held_out = captured["rows"]
    probabilities = classifier.predict_proba(X[held_out])
    true = np.searchsorted(classifier.classes_, y[held_out])
    loss = -np.log(probabilities[np.arange(len(true)), true]).mean()
    assert loss == pytest.approx(min(classifier.history_["val_loss"]), rel=1e-4)


def test_the_learning_rate_is_reduced_on_a_plateau(data):
    X, y = data
    classifier = Conv1DClassifier(
        tiny, epochs=12, learning_rate=1.0, reduce_lr=(0.1, 1), random_state=0
    ).fit(X, y)
    assert min(classifier.history_["learning_rate"]) < 0.5


def test_the_learning_rate_follows_a_cosine(data):
    classifier = Conv1DClassifier(tiny, epochs=4, learning_rate=0.1, reduce_lr="cosine")
    rates = classifier.fit(*data).history_["learning_rate"]
    np.testing.assert_allclose(rates, 0.05 * (1 + np.cos(np.pi * np.arange(4) / 4)), rtol=1e-5)


def test_sequences_may_have_other_lengths_where_the_network_takes_any(rng):
    X = rng.normal(size=(12, 30, 5))
    classifier = Conv1DClassifier("residual1d", epochs=1, random_state=0).fit(X, [0, 1] * 6)
    assert classifier.predict([X[0], X[1, :7]]).shape == (2,)
    alone = classifier.predict_proba(X[1:2, :7])
    beside = classifier.predict_proba([X[0], X[1, :7]])[1:]
    np.testing.assert_allclose(beside, alone, rtol=1e-4)


def test_with_groups_whole_speakers_are_held_out(data):
    _, y = data
    groups = np.repeat(np.arange(10), 15)
    training, held_out = Conv1DClassifier(validation_split=0.2)._split(
        np.searchsorted(np.unique(y), y), groups, seed=0
    )
    assert set(groups[training]).isdisjoint(groups[held_out])
    assert len(training) + len(held_out) == len(y)


def test_rare_classes_are_weighed_up():
    rng = np.random.default_rng(0)
    y = np.r_[np.zeros(180, int), np.ones(20, int)]
    X = rng.normal(size=(200, 5)) + 0.8 * y[:, None]
    recalls = [
        Conv1DClassifier(tiny, epochs=15, class_weight=weight, random_state=0)
        .fit(X, y)
        .predict(X)[y == 1]
        .mean()
        for weight in (None, "balanced")
    ]
    assert recalls[1] > recalls[0] + 0.2


def test_a_sample_of_no_weight_does_not_count(data):
    X, y = data
    weight = (y != "sad").astype(float)
    classifier = Conv1DClassifier(tiny, epochs=15, random_state=0, learning_rate=0.02)
    predicted = classifier.fit(X, y, sample_weight=weight).predict(X)
    assert (predicted == "sad").mean() < 0.1
    np.testing.assert_array_equal(weight, (y != "sad").astype(float))


def test_an_optimizer_object_is_not_shared_between_clones(data):
    import keras

    optimizer = keras.optimizers.SGD(0.01, momentum=0.9)
    classifier = Conv1DClassifier(tiny, optimizer=optimizer, epochs=2, random_state=0)
    one, two = classifier.fit(*data), clone(classifier).fit(*data)
    np.testing.assert_array_equal(one.predict_proba(data[0]), two.predict_proba(data[0]))
    assert not optimizer.built


def test_a_progress_bar_is_shown(data, capsys):
    Conv1DClassifier(tiny, epochs=2, verbose=1).fit(*data)
    assert "Epoch 2/2" in capsys.readouterr().out


# Bad input


def test_an_input_too_small_names_the_smallest(data):
    X, y = data
    with pytest.raises(ValueError, match=r"\(20, 1\) is too small .*'compact'.* \(49, 1\)"):
        Conv1DClassifier("compact").fit(X, y)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"architecture": "compakt"}, "architecture='compakt' is unknown. Similar names: compact"),
        ({"architecture": one_argument}, r"'one_argument' has the parameters \(input_shape\), but"),
        ({"architecture": no_network}, "returned str, but must return a keras.Model"),
        ({"architecture": nothing_returned}, "returned NoneType, but must return a keras.Model"),
        ({"architecture": no_input_given}, r"'no_input_given' must return a functional .*\(None, "),
        ({"architecture": "conv7x7"}, "'conv7x7' is a network for Conv2DC.* takes 'compact'"),
        ({"architecture": too_few_outputs}, "probabilities of 3 classes"),
        ({"architecture": no_probabilities}, "'no_probabilities' returns .*not probabilities"),
        ({"architecture": needs_channels}, "need a larger one along another axis"),
        ({"architecture": partial(get_architecture("compact"))}, "too small for architecture"),
        ({"architecture": always_fails}, "wrong on purpose"),
        ({"optimizer": "adamm"}, "optimizer='adamm' is unknown. Choose from adadelta"),
        ({"optimizer": "lossscaleoptimizer"}, "is unknown. Choose from (?!.*lossscale).*adam"),
        ({"optimizer": 3}, "optimizer=3 must be a name or"),
        ({"learning_rate": -1}, "'learning_rate' parameter"),
        ({"epochs": 0}, "'epochs' parameter"),
        ({"validation_split": 1.0}, "'validation_split' parameter"),
        ({"reduce_lr": (2, 3)}, r"reduce_lr=\(2, 3\) must be"),
        ({"class_weight": "rare"}, "'class_weight' parameter"),
    ],
)
def test_a_bad_parameter_is_refused(data, parameters, message):
    with pytest.raises((ValueError, TypeError), match=message):
        Conv1DClassifier(**{"epochs": 1, **parameters}).fit(*data)


def test_labels_of_one_class_are_refused(data):
    with pytest.raises(ValueError, match="y holds only one class \\('sad'\\)"):
        Conv1DClassifier().fit(data[0], ["sad"] * len(data[0]))


def test_a_class_too_rare_to_hold_out_is_refused(data):
    X, y = data
    y = y.copy()
    y[0] = "rare"
    with pytest.raises(ValueError, match=r"validation_split=0\.1 cannot be held out"):
        Conv1DClassifier(validation_split=0.1).fit(X, y)


def test_a_class_of_one_speaker_who_is_held_out_is_refused(data):
    X, y = data
    groups = (y == "sad").astype(int)
    with pytest.raises(ValueError, match=r"leaves no sample of \['sad'\]|leaves no sample of"):
        Conv1DClassifier(validation_split=0.5, random_state=0).fit(X, y, groups=groups)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_input_that_is_not_finite_is_refused(data, value):
    X, y = data
    X = X.copy()
    X[3, 4] = value
    with pytest.raises(ValueError, match=r"X\[3\] contains NaN or infinity"):
        Conv1DClassifier().fit(X, y)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "transform"])
def test_input_that_is_not_finite_is_named_after_fit(data, method):
    X, y = data
    classifier = Conv1DClassifier(tiny, epochs=1).fit(X, y)
    X = X.copy()
    X[3, 4] = np.nan
    with pytest.raises(ValueError, match=r"X\[3\] contains NaN or infinity"):
        getattr(classifier, method)(X)


def test_a_fit_that_is_refused_leaves_what_was_fitted(data):
    X, y = data
    classifier = Conv1DClassifier(tiny, epochs=1, random_state=0).fit(X, y)
    before = classifier.predict_proba(X)
    with pytest.raises(ValueError, match=r"X\[0\] contains NaN or infinity"):
        classifier.fit(np.full((len(X), 3), np.nan), y)
    np.testing.assert_array_equal(classifier.predict_proba(X), before)


def test_sequences_that_are_not_finite_are_named():
    X = np.zeros((12, 30, 5))
    X[7, 29, 4] = np.nan
    with pytest.raises(ValueError, match=r"X\[7\] contains NaN or infinity"):
        Conv1DClassifier().fit(X, [0, 1] * 6)


def test_images_are_refused():
    with pytest.raises(ValueError, match=r"takes vectors .* or sequences"):
        Conv1DClassifier().fit(np.zeros((4, 8, 8, 1)), [0, 1, 0, 1])


def test_sequences_of_another_length_are_refused():
    X = np.random.default_rng(0).normal(size=(12, 30, 5))
    classifier = Conv1DClassifier(epochs=1).fit(X, [0, 1] * 6)
    with pytest.raises(ValueError, match=r"shape \(29, 5\), but Conv1DClassifier was fitted"):
        classifier.predict(X[:, :29])
    with pytest.raises(ValueError, match="X has 4 features, but Conv1DClassifier is expecting 5"):
        classifier.predict(X[..., :4])


def test_predicting_before_fitting_is_refused(data):
    with pytest.raises(NotFittedError):
        Conv1DClassifier().predict(data[0])


def test_an_architecture_that_changed_since_the_fit_is_noticed(data):
    X, y = data
    classifier = pickle.loads(pickle.dumps(Conv1DClassifier(tiny, epochs=1).fit(X, y)))
    object.__setattr__(classifier.network_, "build", no_probabilities)
    with pytest.raises(ValueError, match="builds a different network now"):
        classifier.predict(X)


def test_training_that_diverges_is_an_error(data):
    X, y = data
    with pytest.raises(ValueError, match=r"diverged: the loss became nan in epoch .* Lower"):
        Conv1DClassifier(epochs=3).fit(X * 1e30, y)


@pytest.mark.parametrize(("share", "n_held_out"), [(0.1, 30), (0.5, 75), (0.8, 120)])
def test_few_speakers_are_shared_out_as_well_as_they_can_be(data, share, n_held_out):
    _, y = data
    groups = np.repeat(np.arange(5), 30)
    _, held_out = Conv1DClassifier(validation_split=share)._split(
        np.searchsorted(np.unique(y), y), groups, seed=0
    )
    assert len(held_out) == pytest.approx(n_held_out, abs=30)


def test_an_optimizer_with_a_schedule_takes_no_learning_rate(data):
    import keras

    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9))
    Conv1DClassifier(tiny, optimizer=optimizer, epochs=1).fit(*data)
    with pytest.raises(ValueError, match=r"learning_rate=0\.1 cannot replace the schedule"):
        Conv1DClassifier(tiny, optimizer=optimizer, learning_rate=0.1, epochs=1).fit(*data)


def test_a_training_step_is_traced_once(rng):
    """Metrics that are made in the first step would have Keras trace it again."""
    import keras
    from keras import layers

    traces = []

    class Traced(keras.Model):
        def train_step(self, data):
            traces.append(data)
            return super().train_step(data)

    def build(input_shape, n_classes):
        inputs = keras.Input(input_shape)
        x = layers.Dense(n_classes, activation="softmax")(layers.Flatten()(inputs))
        return Traced(inputs, x)

    Conv1DClassifier(build, epochs=2, batch_size=4).fit(rng.normal(size=(8, 5)), [0, 1] * 4)
    assert len(traces) == 1
