"""Metrics and callbacks of Keras, and parameters of a builder, in every network classifier."""

import pickle
from copy import deepcopy
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV

from skser import DenseClassifier
from skser.neural import _adapter
from skser.neural._building import builder_key, quoted_name

N_EPOCHS = 2


def net(input_shape, n_classes, units=4):
    import keras

    layers = [keras.Input(input_shape), keras.layers.Dense(units)]
    return keras.Sequential([*layers, keras.layers.Dense(n_classes, activation="softmax")])


class Net(BaseEstimator):
    def __init__(self, units=4):
        self.units = units

    def __call__(self, input_shape, n_classes):
        return net(input_shape, n_classes, self.units)


def n_parameters(units):
    return 5 * units + units + 3 * units + 3


def share(y_true, y_pred):
    """Return the probability of each sample's class."""
    from keras import ops

    return ops.sum(y_true * y_pred, axis=-1)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(30, 5)).astype(np.float32), np.array(["sad", "angry", "happy"] * 10)


@pytest.fixture(scope="module")
def seen():
    """What a callback has told of each epoch."""
    return []


@pytest.fixture(scope="module")
def fitted(data, seen):
    import keras

    def tell(epoch, logs):
        seen.append(logs)
        logs |= {"n_seen": len(seen), "note": ["not", "a number"]}

    # It has to know by itself that the AUC should rise.
    stop = keras.callbacks.EarlyStopping("val_auc", patience=9)
    classifier = DenseClassifier(
        net,
        epochs=N_EPOCHS,
        validation_split=0.2,
        metrics=["accuracy", "auc", keras.metrics.F1Score(average="macro", name="f1"), share],
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=tell), stop],
        random_state=0,
    )
    return classifier.fit(*data)


def test_the_history_reports_metrics(fitted):
    names = {"loss", "accuracy", "auc", "f1", "share"}
    assert set(fitted.history_) == names | {f"val_{name}" for name in names} | {"n_seen"}
    assert {len(values) for values in fitted.history_.values()} == {N_EPOCHS}


def test_the_history_holds_the_numbers_that_a_callback_adds(fitted):
    assert fitted.history_["n_seen"] == [1, 2]


def test_callbacks_are_called_and_stay_as_they_were(fitted, seen):
    assert [logs["val_auc"] for logs in seen[:N_EPOCHS]] == fitted.history_["val_auc"]
    assert fitted.callbacks[0].model is None


@pytest.mark.slow
def test_metrics_change_nothing_else(fitted, data):
    plain = clone(fitted).set_params(metrics=None, callbacks=None).fit(*data)
    np.testing.assert_array_equal(plain.predict_proba(data[0]), fitted.predict_proba(data[0]))
    assert plain.history_["val_loss"] == fitted.history_["val_loss"]


@pytest.mark.slow
def test_clones_share_a_compiled_network(fitted, data):
    before = len(_adapter._networks)
    clone(fitted).fit(*data)
    assert len(_adapter._networks) == before


def test_a_callback_may_end_the_training(data):
    import keras

    class Stop(keras.callbacks.Callback):
        n_calls = 0

        def on_epoch_end(self, epoch, logs=None):
            self.n_calls += 1
            self.model.stop_training = True

    stop = Stop()
    classifier = DenseClassifier(net, epochs=9, callbacks=[stop]).fit(*data)
    assert classifier.n_epochs_ == 1
    assert stop.n_calls == 0


def test_what_a_callback_does_to_the_network_ends_with_its_fit(data):
    import keras

    class Freeze(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.layers[0].trainable = False

    def first_bias(callbacks):
        classifier = DenseClassifier(net, epochs=1, callbacks=callbacks, random_state=0)
        return classifier.fit(*data).network_.weights[1]

    assert not first_bias([Freeze()]).any()
    assert first_bias(None).all()


def test_a_checkpoint_with_metrics_can_be_loaded():
    import keras

    from skser.neural._metrics import make_metrics

    metrics = ["auc", keras.metrics.F1Score(average="macro")]
    for metric in make_metrics(metrics, 3)[0]:
        again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
        assert (type(again.metric), again.name) == (type(metric.metric), metric.name)


@pytest.mark.parametrize("form", ["numbers", "rows", "mixed"])
def test_a_metric_gets_rows_of_0_and_1(form):
    import keras

    from skser.neural._metrics import make_metrics

    true, predicted = np.array([0, 1, 2, 2, 1]), np.eye(3)[[0, 1, 2, 1, 1]]
    rows = np.eye(3)[true]
    labels = {"numbers": true, "rows": rows, "mixed": 0.7 * rows + 0.3 * rows[::-1]}[form]
    metrics = [keras.metrics.F1Score(average="macro"), "sparse_categorical_accuracy"]
    f1, accuracy = make_metrics(metrics, 3)[0]
    f1.update_state(labels, predicted)
    accuracy.update_state(labels, predicted)
    expected = f1_score(true, predicted.argmax(axis=1), average="macro")
    assert float(f1.result()) == pytest.approx(expected)
    assert float(accuracy.result()) == pytest.approx(0.8)


def test_what_is_no_metric_is_refused(data):
    import keras

    for metrics, message in [
        (["ark"], r"metrics\[0\]='ark' is unknown to Keras"),
        (["auc", 3], r"metrics\[1\]=3 must be a name"),
        (["mean_io_u"], r"metrics\[0\]='mean_io_u' is unknown to Keras, or needs arguments"),
        (["auc", "auc"], r"metrics\[1\]='auc' has the name 'auc', which another value of"),
        ([keras.metrics.F1Score()], r"'f1_score' gives 3 values.*average='macro'"),
        ("auc", "'metrics' parameter"),
    ]:
        with pytest.raises((TypeError, ValueError), match=message):
            DenseClassifier(net, epochs=1, metrics=metrics).fit(*data)


def test_what_is_no_callback_is_refused(data):
    import keras

    class Held(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.file = open(__file__)

    held = Held()
    for callback, message in [
        (Held, r"callbacks\[0\]=<class .* not a class"),
        (held, r"callbacks\[0\], a Held, cannot be copied.*on_train_begin"),
    ]:
        with pytest.raises((TypeError, ValueError), match=message):
            DenseClassifier(net, epochs=1, callbacks=[callback]).fit(*data)
    held.file.close()


# Parameters of a builder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("architecture", "grid"),
    [
        (net, {"architecture": [partial(net, units=2), partial(net, units=3)]}),
        (Net(), {"architecture__units": [2, 3]}),
    ],
    ids=["partial", "class"],
)
def test_a_search_varies_a_builders_parameters(data, architecture, grid):
    classifier = DenseClassifier(architecture, epochs=1, random_state=0)
    split = [(np.arange(20), np.arange(20, 30))]
    search = GridSearchCV(classifier, grid, cv=split).fit(*data)
    best = [2, 3][search.best_index_]
    assert search.best_estimator_.n_parameters_ == n_parameters(best)


@pytest.mark.slow
def test_a_fitted_network_keeps_the_parameters_it_was_built_with(data):
    classifier = DenseClassifier(Net(2), epochs=1).fit(*data)
    expected = classifier.predict_proba(data[0])
    again = pickle.loads(pickle.dumps(classifier.set_params(architecture__units=7)))
    np.testing.assert_array_equal(again.predict_proba(data[0]), expected)
    assert again.fit(*data).n_parameters_ == n_parameters(7)


@pytest.mark.parametrize(
    "builder", [net, partial(net, units=2), partial(net, units=[2, 3]), Net(2), Net([2, 3])]
)
def test_a_copy_of_a_builder_is_known_as_the_same(builder):
    assert builder_key(clone(builder, safe=False)) == builder_key(builder)
    assert hash(builder_key(builder)) == hash(builder_key(builder))


def test_builders_with_other_parameters_are_told_apart():
    builders = [net, partial(net), partial(net, units=2), partial(net, units=3), Net(2), Net(3)]
    assert len({builder_key(builder) for builder in builders}) == len(builders)


def test_arguments_that_are_equal_but_of_another_type_are_told_apart():
    arguments = [1, 1.0, True, [1], (1,), {"a": 1}, {"a": 2}, [[1]]]
    assert len({builder_key(partial(net, units=argument)) for argument in arguments}) == 8


def test_a_builder_is_known_anew_once_its_list_has_changed():
    units = [2, {"last": 3}]
    before = builder_key(partial(net, units=units))
    assert builder_key(partial(net, units=[2, {"last": 3}])) == before
    units[1]["last"] = 4
    assert builder_key(partial(net, units=units)) != before


@dataclass
class Equal:
    """Equal to others, and therefore without a hash."""

    units: int = 4

    def __call__(self, input_shape, n_classes):
        return net(input_shape, n_classes, self.units)


@pytest.mark.parametrize("builder", [partial(net, units=np.arange(2)), Equal()])
def test_a_builder_without_a_hash_is_known_as_itself(builder):
    assert builder_key(builder) == builder_key(builder)
    assert hash(builder_key(builder)) == hash(builder_key(builder))
    assert builder_key(builder) != builder_key(deepcopy(builder))


def test_a_message_names_a_partial_without_its_address():
    assert quoted_name(partial(net, units=2)) == "functools.partial(<function net>, units=2)"
