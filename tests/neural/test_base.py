"""What holds for every classifier that trains a network."""

import gc
import logging
import pickle
from collections import OrderedDict

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from skser import AudioError, Conv1DClassifier, Conv2DClassifier, DenseClassifier, as_items
from skser.neural import _adapter
from skser.neural.architectures._registry import get_architecture


class Interrupt:
    """Callbacks that end a training in the middle of it."""

    def __init__(self, epoch):
        self.epoch = epoch

    def __call__(self, *args, **kwargs):
        import keras

        def stop(epoch, logs):
            if epoch == self.epoch:
                raise KeyboardInterrupt

        return [keras.callbacks.LambdaCallback(on_epoch_end=stop)]


def dense(input_shape, n_classes):
    import keras

    layers = keras.layers
    hidden = [keras.Input(input_shape), layers.Flatten(), layers.Dense(4), layers.Dropout(0.5)]
    return keras.Sequential([*hidden, layers.Dense(n_classes, activation="softmax")])


def steep(input_shape, n_classes):
    """Build a network in which values overflow that are not very large."""
    import keras

    layers = keras.layers
    hidden = [keras.Input(input_shape), layers.Flatten(), layers.Rescaling(1e30), layers.Dense(4)]
    return keras.Sequential([*hidden, layers.Dense(n_classes, activation="softmax")])


def raises(input_shape, n_classes):
    raise RuntimeError("wrong on purpose")


@pytest.fixture
def data(rng):
    return rng.normal(size=(24, 5)).astype(np.float32), np.array(["sad", "angry"] * 12)


@pytest.fixture(params=[DenseClassifier, Conv1DClassifier, Conv2DClassifier])
def kind(request):
    return request.param


def make_it_fail(classifier, failure, monkeypatch):
    """Have the next training fail; return what it raises."""
    if failure == "the builder":
        classifier.architecture = raises
        return RuntimeError
    if failure == "the loss":
        classifier.learning_rate = 1e38
        return ValueError
    epoch = 0 if failure == "the first epoch" else 1
    monkeypatch.setattr(_adapter, "make_callbacks", Interrupt(epoch))
    return KeyboardInterrupt


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize(
    "failure", ["the builder", "the first epoch", "the second epoch", "the loss"]
)
def test_a_refit_that_fails_leaves_the_classifier_as_it_was(
    kind, data, failure, warm_start, monkeypatch
):
    X, y = data
    labels = y if warm_start else np.where(y == "sad", "calm", "happy")
    classifier = kind(dense, epochs=2, batch_size=8, random_state=0, warm_start=warm_start)
    classifier.fit(X, y)
    expected = make_it_fail(classifier, failure, monkeypatch)
    before, probabilities = vars(classifier).copy(), classifier.predict_proba(X)
    with pytest.raises(expected):
        # Another width, where that is no reason to refuse it.
        classifier.fit(X if warm_start else X[:, :2], labels)
    assert vars(classifier) == before
    np.testing.assert_array_equal(classifier.predict_proba(X), probabilities)
    assert set(classifier.predict(X)) <= {"angry", "sad"}


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@pytest.mark.parametrize("failure", ["the builder", "the first epoch", "the loss"])
def test_a_partial_fit_that_fails_leaves_the_classifier_as_it_was(data, failure, monkeypatch):
    X, y = data
    classifier = DenseClassifier(dense, batch_size=8, random_state=0).partial_fit(
        X, y, ["angry", "sad"]
    )
    expected = make_it_fail(classifier, failure, monkeypatch)
    before, probabilities = vars(classifier).copy(), classifier.predict_proba(X)
    with pytest.raises(expected):
        classifier.partial_fit(X[::-1], y)
    assert vars(classifier) == before
    np.testing.assert_array_equal(classifier.predict_proba(X), probabilities)


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_first_fit_that_fails_leaves_it_unfitted(kind, data, method):
    X, y = data
    classifier = kind(raises)
    with pytest.raises(RuntimeError, match="wrong on purpose"):
        getattr(classifier, method)(
            X, y, **{"classes": ["angry", "sad"]} if "part" in method else {}
        )
    with pytest.raises(NotFittedError):
        classifier.predict(X)
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        classifier.set_params(architecture=dense).partial_fit(X, y)


def test_a_prediction_that_is_interrupted_does_not_spoil_the_next(data, monkeypatch):
    X, y = data
    one, two = (DenseClassifier(dense, epochs=1, random_state=i).fit(X, y) for i in range(2))
    expected = two.predict_proba(X)
    network = _adapter._networks[one.network_.key]

    def interrupted(weights):
        set_weights([np.zeros_like(values) for values in weights])
        raise KeyboardInterrupt

    set_weights = network.model.set_weights
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(network.model, "set_weights", interrupted)
        one.predict(X)
    np.testing.assert_array_equal(two.predict_proba(X), expected)


# Numbers that overflow


@pytest.mark.parametrize("method", ["predict", "predict_proba", "transform"])
def test_a_sample_that_overflows_in_the_network_is_named(kind, data, method):
    X, y = data
    classifier = kind(steep, epochs=1, random_state=0).fit(1e-30 * X, y)
    X = 1e-30 * X
    X[3] = X[7] = 1e20
    with pytest.raises(AudioError, match=r"X\[3\]: its .* not finite, nor .* 1 other.* Scale X"):
        getattr(classifier, method)(X)


def test_weights_that_overflow_in_the_last_step_are_an_error(rng):
    X, y = np.sign(rng.normal(size=(8, 5))), [0, 1] * 4
    with pytest.raises(ValueError, match=r"Training diverged: the weights .* Lower learning_rate"):
        DenseClassifier(dense, optimizer="sgd", learning_rate=3e38, epochs=1).fit(100 * X, y)


def test_a_validation_loss_that_is_lost_is_an_error(rng, monkeypatch):
    X, y = rng.normal(size=(12, 5)), np.array([0, 1] * 6)
    X *= 1e-30
    X[0] = 1e20
    classifier = DenseClassifier(steep, epochs=2, validation_split=0.5)
    monkeypatch.setattr(
        classifier, "_split", lambda *_: (np.arange(6, 12), np.arange(6)), raising=True
    )
    with pytest.raises(ValueError, match="Training diverged: the validation loss became"):
        classifier.fit(X, y)


def test_nested_lists_of_clips_of_any_length_are_named(rng):
    X = [rng.normal(size=(n, 3)).astype(np.float32) for n in (16, 20)]
    classifier = Conv1DClassifier("residual1d", epochs=1).fit(X, [0, 1])
    with pytest.raises(AudioError, match=r"X\[1\] is a list of shape \(20, 3\).*pass each as an"):
        classifier.predict([clip.tolist() for clip in X])


def test_one_class_is_refused_in_the_first_part_as_in_fit(data):
    X, y = data
    with pytest.raises(ValueError, match=r"classes holds only one class \('sad'\), but a classif"):
        DenseClassifier(dense).partial_fit(X[y == "sad"], y[y == "sad"], classes=["sad"])


# Going on


def losses(classifier, X, y, n=3):
    return [classifier.partial_fit(X, y, classes=np.unique(y)).history_["loss"] for _ in range(n)]


@pytest.fixture
def seeds(monkeypatch):
    """Seeds that trainings got."""
    seen = []
    original = _adapter.train

    def train(build, n_classes, samples, validation, training, **kwargs):
        seen.append(training.seed)
        return original(build, n_classes, samples, validation, training, **kwargs)

    monkeypatch.setattr(_adapter, "train", train)
    return seen


@pytest.mark.parametrize("random_state", [0, np.random.RandomState(0)], ids=["int", "generator"])
def test_each_part_gets_a_seed_of_its_own(data, seeds, random_state):
    losses(DenseClassifier(dense, random_state=random_state), *data)
    assert len(set(seeds)) == 3


def test_each_warm_start_gets_a_seed_of_its_own_but_a_fit_anew_the_first(data, seeds):
    classifier = DenseClassifier(dense, epochs=1, warm_start=True, random_state=0)
    for _ in range(3):
        classifier.fit(*data)
    classifier.set_params(warm_start=False).fit(*data)
    assert len(set(seeds)) == 3
    assert seeds[3] == seeds[0]


def test_dropout_differs_from_part_to_part(data, monkeypatch):
    """With a learning rate of next to nothing only what is dropped can change the loss."""
    classifier = DenseClassifier(dense, learning_rate=1e-12, batch_size=24, random_state=0)
    assert len(set(losses(classifier, *data)[-1])) == 3


def test_two_classifiers_that_are_used_alike_are_equal(data):
    one, two = (losses(DenseClassifier(dense, random_state=0), *data) for _ in range(2))
    assert one == two


@pytest.mark.parametrize("random_state", [0, np.random.RandomState(0)], ids=["int", "generator"])
def test_a_pickled_classifier_goes_on_as_the_original(data, random_state):
    X, y = data
    one = DenseClassifier(dense, random_state=random_state).partial_fit(X, y, ["angry", "sad"])
    two = pickle.loads(pickle.dumps(one))
    assert losses(one, X, y) == losses(two, X, y)
    np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))


def wide(input_shape, n_classes):
    import keras

    layers = keras.layers
    hidden = [keras.Input(input_shape), layers.Flatten(), layers.Dense(8), layers.Dropout(0.5)]
    return keras.Sequential([*hidden, layers.Dense(n_classes, activation="softmax")])


def bent(input_shape, n_classes):
    """Build a network whose weights have the shapes of those of `dense`."""
    import keras

    layers = keras.layers
    hidden = [layers.Flatten(), layers.Dense(4, activation="relu"), layers.Dropout(0.5)]
    softmax = layers.Dense(n_classes, activation="softmax")
    return keras.Sequential([keras.Input(input_shape), *hidden, softmax])


def same_as_dense(input_shape, n_classes):
    return dense(input_shape, n_classes)


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adamw"])
def test_another_optimizer_begins_with_a_state_of_its_own(data, method, optimizer):
    """As after a training whose optimizer's state was not kept. That of adamw is like adam's."""
    one, other = (
        DenseClassifier(dense, epochs=1, warm_start=kept, random_state=0).fit(*data)
        for kept in (True, False)
    )
    for classifier in (one, other):
        getattr(classifier.set_params(optimizer=optimizer, warm_start=True), method)(*data)
    np.testing.assert_array_equal(one.predict_proba(data[0]), other.predict_proba(data[0]))
    assert one.n_epochs_ == 2


def test_an_optimizer_whose_learning_rate_alone_is_changed_keeps_its_state(data):
    import keras

    classifier = DenseClassifier(dense, keras.optimizers.Adam(0.01), epochs=1, warm_start=True)
    steps = classifier.fit(*data).network_.optimizer_state[0]
    classifier.set_params(optimizer=keras.optimizers.Adam(0.001)).fit(*data)
    assert classifier.network_.optimizer_state[0] == 2 * steps
    schedule = keras.optimizers.schedules.CosineDecay(0.01, 100)
    classifier.set_params(optimizer=keras.optimizers.Adam(schedule)).fit(*data)
    assert classifier.network_.optimizer_state[0] == steps


@pytest.mark.parametrize("pickled", [False, True])
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize("architecture", [wide, bent])
def test_another_architecture_is_refused_where_training_goes_on(
    data, method, architecture, pickled
):
    classifier = DenseClassifier(dense, epochs=1, warm_start=True, random_state=0).fit(*data)
    if pickled:
        classifier = pickle.loads(pickle.dumps(classifier))
    before = classifier.predict_proba(data[0])
    named = f"architecture='{architecture.__name__}' is not the network of architecture='dense'"
    with pytest.raises(ValueError, match=f"{named} .* or fit again with warm_start=False"):
        getattr(classifier.set_params(architecture=architecture), method)(*data)
    np.testing.assert_array_equal(classifier.predict_proba(data[0]), before)
    classifier.set_params(architecture=same_as_dense).partial_fit(*data)


def test_a_network_of_one_length_is_refused_where_one_of_any_length_goes_on(rng):
    X, y = rng.normal(size=(8, 16, 3)).astype(np.float32), [0, 1] * 4
    classifier = Conv1DClassifier("residual1d", epochs=1, warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match=r"='small' is not the network of .*residual1d"):
        classifier.set_params(architecture="small").fit(X, y)


def attentive(input_shape, n_classes):
    return get_architecture("residual1d")(input_shape, n_classes)


def test_a_network_that_has_taken_any_length_still_does_after_a_part_of_one_length(rng):
    X = as_items([rng.normal(size=(n, 3)).astype(np.float32) for n in (16, 20, 24, 28)])
    classifier = Conv1DClassifier(attentive, epochs=1, random_state=0).fit(X, [0, 1, 0, 1])
    classifier.partial_fit(np.stack([X[0], X[0]]), [0, 1])
    assert classifier.predict(X).shape == (4,)


def test_a_warm_start_validates_on_what_it_has_never_trained_on(data, monkeypatch):
    classifier = DenseClassifier(
        dense,
        epochs=1,
        warm_start=True,
        validation_split=0.25,
        random_state=np.random.RandomState(0),
    )
    held_out = []
    original = classifier._split

    def split(*args):
        training, validation = original(*args)
        held_out.append(validation.tolist())
        return training, validation

    monkeypatch.setattr(classifier, "_split", split)
    classifier.fit(*data).fit(*data)
    assert held_out[0] == held_out[1]


def test_balanced_weights_are_refused_by_partial_fit(kind, data):
    X, y = data
    classifier = kind(dense, class_weight="balanced")
    with pytest.raises(
        ValueError, match="class_weight 'balanced' is not supported for partial_fit"
    ):
        classifier.partial_fit(X, y, classes=["angry", "sad"])
    classifier.set_params(class_weight={"angry": 1.0, "sad": 2.0})
    classifier.partial_fit(X[y == "sad"], y[y == "sad"], classes=["angry", "sad"])


# Many networks in one process


@pytest.mark.slow
def test_many_networks_in_a_row_are_no_reason_to_warn(rng, caplog):
    logger = logging.getLogger("tensorflow")
    filters = list(logger.filters)
    logger.addHandler(caplog.handler)
    try:
        for width in range(3, 11):
            DenseClassifier(dense, epochs=1).fit(rng.normal(size=(8, width)), [0, 1] * 4)
    finally:
        logger.removeHandler(caplog.handler)
    assert not caplog.messages
    assert logger.filters == filters


@pytest.mark.slow
def test_a_network_that_is_let_go_leaves_no_graph_behind(rng, monkeypatch):
    from tensorflow.python.framework.func_graph import FuncGraph

    def graphs():
        gc.collect()
        # isinstance asks a weak proxy for the class of what it stands for, which may be gone.
        found = [thing for thing in gc.get_objects() if issubclass(type(thing), FuncGraph)]
        return sum(graph.name == "one_step_on_data" for graph in found)

    monkeypatch.setattr(_adapter, "_networks", OrderedDict())
    monkeypatch.setattr(_adapter, "_KEPT", 1)
    before = graphs()
    for width in range(3, 7):
        DenseClassifier(dense, epochs=1).fit(rng.normal(size=(8, width)), [0, 1] * 4)
    assert graphs() <= before + 1
