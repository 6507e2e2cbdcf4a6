import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.utils.estimator_checks import parametrize_with_checks

from skser import DenseClassifier


# What it shares with Conv1DClassifier, whose checks are among the fast tests, is nearly all.
@pytest.mark.slow
@parametrize_with_checks(
    [DenseClassifier(epochs=20, learning_rate=0.02, metrics=["auc"], random_state=0)],
    expected_failed_checks=lambda _: {
        "check_sample_weight_equivalence_on_dense_data": "mini-batches are drawn at random",
    },
)
def test_it_is_a_scikit_learn_classifier(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def data():
    return make_classification(120, 10, n_informative=6, class_sep=2.0, random_state=0)


def test_it_learns(data):
    assert DenseClassifier(epochs=30, random_state=0).fit(*data).score(*data) > 0.9


def test_images_are_refused():
    with pytest.raises(ValueError, match=r"shape \(4, 3, 3\), but DenseClassifier takes vectors"):
        DenseClassifier().fit(np.zeros((4, 3, 3)), [0, 1, 0, 1])


# Going on


def test_a_warm_start_goes_on_where_the_fit_before_ended(data):
    classifier = DenseClassifier(epochs=5, warm_start=True, random_state=0).fit(*data)
    first = classifier.history_["loss"]
    classifier.fit(*data)
    assert classifier.n_epochs_ == 10
    assert classifier.history_["loss"][:5] == first
    assert classifier.history_["loss"][5] < first[-1]


def test_without_a_warm_start_a_fit_begins_anew(data):
    classifier = DenseClassifier(epochs=5, random_state=0).fit(*data)
    first = classifier.history_
    assert classifier.fit(*data).history_ == first


def test_a_warm_start_keeps_the_optimizers_state(data):
    warm = DenseClassifier(epochs=3, warm_start=True, random_state=0).fit(*data)
    steps = warm.network_.optimizer_state[0]
    assert warm.fit(*data).network_.optimizer_state[0] == 2 * steps


def test_a_finished_network_carries_no_optimizer(data):
    assert DenseClassifier(epochs=1).fit(*data).network_.optimizer_state is None


def test_a_warm_start_on_other_vectors_is_refused(data):
    X, y = data
    classifier = DenseClassifier(epochs=1, warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match=r"was fitted on shape \(10,\)\.$"):
        classifier.fit(X[:, :4], y)


def test_a_convolutional_network_is_refused(data):
    with pytest.raises(ValueError, match="'small' is a network for Conv1DClassifier, but Dense"):
        DenseClassifier("small").fit(*data)


def test_a_warm_start_on_other_classes_is_refused(data):
    X, y = data
    classifier = DenseClassifier(epochs=1, warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match=r"classes \[0, 1\], but y holds \[1, 2\]"):
        classifier.fit(X, y + 1)


def test_partial_fit_learns_an_epoch_a_call(data):
    X, y = data
    classifier = DenseClassifier(learning_rate=0.02, batch_size=4, random_state=0)
    for _ in range(4):
        for part in np.array_split(np.arange(len(X)), 3):
            classifier.partial_fit(X[part], y[part], classes=[0, 1])
    assert classifier.n_epochs_ == 12
    assert classifier.score(X, y) > 0.9


def test_partial_fit_goes_on_after_fit_and_in_another_process(data):
    import pickle

    X, y = data
    classifier = DenseClassifier(epochs=2, random_state=0).fit(X, y)
    loaded = pickle.loads(pickle.dumps(classifier.partial_fit(X, y)))
    assert loaded.partial_fit(X, y).n_epochs_ == 4


def test_partial_fit_may_lack_a_class_that_it_knows(data):
    X, y = data
    classifier = DenseClassifier().partial_fit(X[y == 0], y[y == 0], classes=[0, 1])
    assert classifier.predict_proba(X).shape == (len(X), 2)


def test_partial_fit_needs_the_classes_first(data):
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        DenseClassifier().partial_fit(*data)


def test_partial_fit_refuses_a_class_it_does_not_know(data):
    X, y = data
    classifier = DenseClassifier().partial_fit(X, y, classes=[0, 1])
    with pytest.raises(
        ValueError, match=r"y holds \[2\], which are not among the classes \[0, 1\]"
    ):
        classifier.partial_fit(X, np.where(y == 1, 2, y))


def test_histories_with_and_without_validation_are_joined(data):
    classifier = DenseClassifier(epochs=2, validation_split=0.2, random_state=0).fit(*data)
    history = classifier.partial_fit(*data).history_
    assert np.isfinite(history["loss"]).all()
    assert np.isnan(history["val_loss"]).tolist() == [False, False, True]
