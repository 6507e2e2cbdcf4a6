import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from skser import GeometricVotingClassifier

MEMBERS = [("regression", LogisticRegression(C=0.1)), ("bayes", GaussianNB())]


class Says(ClassifierMixin, BaseEstimator):
    """Gives the same probabilities to every sample."""

    def __init__(self, probabilities=()):
        self.probabilities = probabilities

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.tile(np.array(self.probabilities, dtype=float), (len(X), 1))


# GaussianNB warns of a class without weight, NumPy of labels that are infinite.
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@parametrize_with_checks([GeometricVotingClassifier(MEMBERS, weights=[2, 1])])
def test_it_follows_scikit_learns_contract(estimator, check):
    check(estimator)


def pooled(*probabilities, weights=None):
    members = [(f"m{i}", Says(p)) for i, p in enumerate(probabilities)]
    vote = GeometricVotingClassifier(members, weights=weights)
    labels = np.array(["a", "b", "c"])[: len(probabilities[0])]
    return vote.fit(np.zeros((len(labels), 1)), labels).predict_proba(np.zeros((1, 1)))[0]


def test_it_is_the_geometric_mean():
    # sqrt(.5 * .9) : sqrt(.5 * .1) = 3 : 1
    np.testing.assert_allclose(pooled([0.5, 0.5], [0.9, 0.1]), [0.75, 0.25])


def test_a_weight_is_a_power():
    # .8 ** 2 * .5 : .2 ** 2 * .5, to the power of 1/3: 4 ** (2 / 3) : 1
    expected = 4 ** (2 / 3) / (1 + 4 ** (2 / 3))
    assert pooled([0.8, 0.2], [0.5, 0.5], weights=[2, 1])[0] == pytest.approx(expected)


def test_nobody_rules_a_class_out():
    shares = pooled([1.0, 0.0], [1e-6, 1 - 1e-6])
    assert np.isfinite(shares).all()
    # 1 * 1e-6 : 1e-9 * 1, so 1000 : 1 before the root.
    assert shares[0] / shares[1] == pytest.approx(1000**0.5, rel=1e-5)


def test_equal_members_give_what_each_gives():
    np.testing.assert_allclose(pooled([0.2, 0.5, 0.3], [0.2, 0.5, 0.3]), [0.2, 0.5, 0.3])


def test_a_member_may_be_dropped():
    X, y = make_classification(random_state=0)
    vote = GeometricVotingClassifier([*MEMBERS, ("none", "drop")], weights=[2, 1, 9]).fit(X, y)
    both = GeometricVotingClassifier(MEMBERS, weights=[2, 1]).fit(X, y)
    np.testing.assert_array_equal(vote.predict_proba(X), both.predict_proba(X))


def test_labels_are_those_of_the_highest_probability():
    X, y = make_classification(n_classes=3, n_informative=4, random_state=0)
    y = np.array(["sad", "happy", "angry"])[y]
    vote = GeometricVotingClassifier(MEMBERS).fit(X, y)
    highest = vote.classes_[vote.predict_proba(X).argmax(axis=1)]
    np.testing.assert_array_equal(vote.predict(X), highest)
    arithmetic = VotingClassifier(MEMBERS, voting="soft").fit(X, y)
    np.testing.assert_array_equal(vote.transform(X), arithmetic.transform(X))


def test_a_classifier_without_probabilities_is_named():
    X, y = make_classification(random_state=0)
    vote = GeometricVotingClassifier([("svm", SVC())]).fit(X, y)
    with pytest.raises(AttributeError, match=r"SVC.*predict_proba"):
        vote.predict_proba(X)
