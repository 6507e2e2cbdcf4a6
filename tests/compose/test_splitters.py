import inspect
import re

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer  # noqa: F401
from sklearn.feature_selection import RFECV, SelectFromModel
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, SGDClassifier
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingGridSearchCV,
    KFold,
    LeaveOneGroupOut,
    StratifiedGroupKFold,
    TunedThresholdClassifierCV,
)
from sklearn.multioutput import ClassifierChain
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import StandardScaler, TargetEncoder
from sklearn.svm import SVC
from sklearn.utils import all_estimators

from skser import AudioWarning, AugmentedClassifier, Gain, SegmentClassifier
from skser.compose._splitters import splitters_inside

STOPPING_MLP = MLPClassifier(early_stopping=True)
MLP_NAME = "MLPClassifier(early_stopping=True)"


class Network(ClassifierMixin, BaseEstimator):
    """Holds out whole groups, as the networks of this package do."""

    def __init__(self, validation_split=0.2, early_stopping=True):
        self.validation_split = validation_split
        self.early_stopping = early_stopping

    def fit(self, X, y, groups=None):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def found(estimator, *, groups=False, n_samples=100):
    return list(splitters_inside(estimator, groups=groups, n_samples=n_samples))


SPLITS = {
    "cv": 3,
    "early_stopping": True,
    "n_iter_no_change": 5,
    "oob_score": True,
    "probability": True,
}
DOES_NOT = {
    "cv": "prefit",
    "early_stopping": False,
    "n_iter_no_change": None,
    "oob_score": False,
    "probability": False,
}
NOT_A_SPLIT = {
    "min_samples_split",
    "splitter",
    "split_sign",
    "stop_probability",
    # How much is held out, if something is.
    "validation_fraction",
}
SUSPICIOUS = re.compile(
    r"cv$|stopping|no_change|validat\w+_|oob|holdout|hold_out|probability$|split"
)
REQUIRED = {"estimator": GaussianNB(), "base_estimator": GaussianNB()}


def suspicious_parameters(cls):
    names = {name for name in inspect.signature(cls).parameters if SUSPICIOUS.search(name)}
    return names - NOT_A_SPLIT


def made(cls, **parameters):
    signature = inspect.signature(cls).parameters.values()
    required = {
        p.name: REQUIRED.get(p.name, [])
        for p in signature
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    }
    return cls(**required | parameters)


of_scikit_learn = pytest.mark.parametrize(
    "cls", [cls for _, cls in all_estimators() if suspicious_parameters(cls)]
)


@pytest.mark.filterwarnings("ignore:Class .* is deprecated:FutureWarning")
class TestEveryEstimatorOfScikitLearn:
    @of_scikit_learn
    def test_its_parameters_are_known(self, cls):
        unknown = suspicious_parameters(cls) - SPLITS.keys()
        assert not unknown, (
            f"{cls.__name__} has {sorted(unknown)}: does it hold out part of its training data? "
            "Find it in splitters_inside, or add it to NOT_A_SPLIT."
        )

    @of_scikit_learn
    def test_it_is_found_where_it_splits(self, cls):
        on = {name: SPLITS[name] for name in suspicious_parameters(cls)}
        (splitter,) = found(made(cls, **on))
        assert splitter.startswith(f"{cls.__name__}(")

    @of_scikit_learn
    def test_it_is_not_found_where_it_does_not(self, cls):
        off = {name: DOES_NOT[name] for name in suspicious_parameters(cls)}
        assert not found(made(cls, **off))

    @pytest.mark.parametrize(
        "cls", [cls for _, cls in all_estimators() if "cv" in inspect.signature(cls).parameters]
    )
    def test_without_a_cv_it_cross_validates(self, cls):
        # By default, chains hand on the true labels.
        assert bool(found(made(cls, cv=None))) == (not cls.__name__.endswith("Chain"))


@pytest.mark.parametrize(
    ("estimator", "splitters"),
    [
        (GradientBoostingClassifier(), []),
        (GradientBoostingClassifier(n_iter_no_change=5), ["n_iter_no_change=5"]),
        (HistGradientBoostingClassifier(early_stopping=True), ["early_stopping=True"]),
        (HistGradientBoostingClassifier(early_stopping=True, validation_fraction=None), []),
        (RandomForestClassifier(oob_score=True), ["oob_score=True"]),
        (ClassifierChain(GaussianNB(), cv=3), ["cv=3"]),
        (TunedThresholdClassifierCV(GaussianNB(), cv=0.2), ["cv=0.2"]),
        (SVC(), []),
    ],
    ids=repr,
)
def test_a_parameter_counts_where_it_is_in_force(estimator, splitters):
    assert found(estimator) == [f"{type(estimator).__name__}({s})" for s in splitters]


def test_histogram_boosting_stops_early_by_itself_on_many_samples():
    assert not found(HistGradientBoostingClassifier(), n_samples=10_000)
    assert found(HistGradientBoostingClassifier(), n_samples=10_001)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda inner: inner,
        lambda inner: make_pipeline(StandardScaler(), inner),
        lambda inner: make_pipeline(make_pipeline("passthrough", inner)),
        lambda inner: make_pipeline(SelectFromModel(inner), GaussianNB()),
        lambda inner: make_pipeline(make_union(StandardScaler(), SelectFromModel(inner)), SVC()),
        lambda inner: VotingClassifier([("a", GaussianNB()), ("b", inner), ("c", "drop")]),
        lambda inner: StackingClassifier([("a", GaussianNB())], inner, cv="prefit"),
        lambda inner: BaggingClassifier(make_pipeline(StandardScaler(), inner)),
        lambda inner: GridSearchCV(inner, {"alpha": [1]}, cv=GroupKFold(3)),
        lambda inner: GridSearchCV(Pipeline([("a", SVC())]), {"a": [inner]}, cv=GroupKFold(3)),
        lambda inner: AugmentedClassifier(SegmentClassifier(inner), Gain()),
    ],
    ids=[
        "alone",
        "last step",
        "step of a step",
        "first step",
        "member of a union",
        "member of a vote",
        "final estimator",
        "in a bag",
        "in a search",
        "candidate of a search",
        "in our own",
    ],
)
def test_it_is_found_at_any_depth(wrap):
    assert found(wrap(STOPPING_MLP)) == [MLP_NAME]


@pytest.mark.parametrize(
    "estimator",
    [
        FrozenEstimator(STOPPING_MLP),
        make_pipeline(FrozenEstimator(STOPPING_MLP), GaussianNB()),
        make_pipeline(SelectFromModel(STOPPING_MLP, prefit=True), GaussianNB()),
        StackingClassifier([("a", STOPPING_MLP)], GaussianNB(), cv="prefit"),
        CalibratedClassifierCV(FrozenEstimator(GaussianNB())),
        StackingClassifier([("a", FrozenEstimator(STOPPING_MLP))], GaussianNB()),
        BaggingClassifier(MLPClassifier),
    ],
    ids=repr,
)
def test_what_is_not_fitted_splits_nothing(estimator):
    assert not found(estimator)


def test_all_are_named():
    vote = VotingClassifier(
        [("a", STOPPING_MLP), ("b", make_pipeline(TargetEncoder(), LogisticRegressionCV()))]
    )
    assert found(vote) == [MLP_NAME, "TargetEncoder(cv=5)", "LogisticRegressionCV(cv=None)"]


class TestGroups:
    @pytest.mark.parametrize(
        "cv", [GroupKFold(2), StratifiedGroupKFold(2), LeaveOneGroupOut()], ids=repr
    )
    @pytest.mark.parametrize("search", [GridSearchCV, HalvingGridSearchCV])
    def test_a_splitter_that_takes_them_keeps_clips_whole(self, search, cv):
        assert not found(search(SVC(), {}, cv=cv), groups=True)
        assert not found(make_pipeline(RFECV(SVC(), cv=cv), SVC()))

    @pytest.mark.parametrize("cv", [None, 3, KFold(3), [([0], [1])]], ids=repr)
    def test_a_splitter_that_does_not_tears_them(self, cv):
        assert found(GridSearchCV(SVC(), {}, cv=cv), groups=True)

    def test_an_estimator_that_gets_them_holds_out_whole_ones(self):
        assert not found(make_pipeline(StandardScaler(), Network()), groups=True)
        assert not found(AugmentedClassifier(SegmentClassifier(Network()), Gain()), groups=True)

    @pytest.mark.parametrize(
        "estimator",
        [
            BaggingClassifier(Network()),
            make_pipeline(SelectFromModel(Network()), SVC()),
            VotingClassifier([("a", Network())]),
        ],
        ids=repr,
    )
    def test_one_that_does_not_get_them_does_not(self, estimator):
        assert found(estimator) == ["Network(validation_split=0.2)"]

    def test_a_search_hands_them_to_its_splitter_only(self):
        assert found(GridSearchCV(Network(), {}, cv=GroupKFold(2)), groups=True)

    def test_an_estimator_without_validation_holds_out_nothing(self):
        assert not found(BaggingClassifier(Network(validation_split=0)))

    def test_they_reach_what_requests_them_where_routing_is_enabled(self):
        with config_context(enable_metadata_routing=True):
            asking = Network().set_fit_request(groups=True)
            assert not found(make_pipeline(StandardScaler(), asking), groups=True)
            assert not found(GridSearchCV(asking, {}, cv=GroupKFold(2)), groups=True)
            silent = make_pipeline(SelectFromModel(asking), Network())
            assert found(silent, groups=True) == ["Network(validation_split=0.2)"]


class FirstSamples(BaseEstimator):
    """Makes vectors of clips of any length."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.stack([clip[:10] for clip in X])

    def __sklearn_is_fitted__(self):
        return True


class TestWarning:
    @pytest.fixture
    def X(self, rng):
        return rng.normal(size=(40, 400))

    @pytest.fixture
    def y(self):
        return np.arange(40) % 2

    @staticmethod
    def around(inner, kind, **parameters):
        inner = make_pipeline(FirstSamples(), inner)
        if kind == "copies":
            return AugmentedClassifier(inner, Gain(1), **parameters)
        return SegmentClassifier(inner, **{"window": 100, "hop": 100, "sr": 1} | parameters)

    # scikit-learn says so of the search below.
    @pytest.mark.filterwarnings("ignore:The groups parameter is ignored:UserWarning")
    @pytest.mark.parametrize("kind", ["copies", "segments"])
    @pytest.mark.parametrize(
        ("inner", "name"),
        [
            (
                StackingClassifier([("a", GaussianNB())], GaussianNB(), cv=2),
                "StackingClassifier(cv=2)",
            ),
            (GradientBoostingClassifier(n_iter_no_change=1), "GradientBoostingClassifier(n_iter"),
            (VotingClassifier([("a", SGDClassifier(early_stopping=True))]), "SGDClassifier(early"),
            (GridSearchCV(LogisticRegression(), {"C": [1]}, cv=3), "GridSearchCV(cv=3)"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_it_names_the_splitter_and_the_line_of_the_caller(self, inner, name, kind, X, y):
        classifier = self.around(inner, kind, **{"vote": "majority"} if kind == "segments" else {})
        match = rf"{re.escape(name)}.* splits its training data, .* Put it around"
        with pytest.warns(AudioWarning, match=match) as caught:
            classifier.fit(X, y)
        assert [w.filename for w in caught if w.category is AudioWarning] == [__file__]

    @pytest.mark.parametrize(
        ("kind", "parameters"), [("copies", {"n_copies": 0}), ("segments", {"window": 400})]
    )
    def test_there_is_none_where_clips_stay_single(self, kind, parameters, X, y):
        stopping = GradientBoostingClassifier(n_iter_no_change=1)
        self.around(stopping, kind, **parameters).fit(X, y)

    @pytest.mark.parametrize("kind", ["copies", "segments"])
    def test_there_is_none_where_groups_keep_clips_whole(self, kind, X, y):
        cv = StratifiedGroupKFold(3)
        search = GridSearchCV(LogisticRegression(), {"C": [1]}, cv=cv)
        self.around(search, kind).fit(X, y)
