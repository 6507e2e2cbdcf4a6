import numpy as np
import pytest
import sklearn
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from skser import SequentialGroupSelector, nested_score

N_MEMBERS = 12


def column(X, number):
    return X[:, [number]]


def selector(n_members=2, **parameters):
    members = [
        (f"m{i:02d}", FunctionTransformer(column, kw_args={"number": i})) for i in range(n_members)
    ]
    pipe = Pipeline([("features", FeatureUnion(members)), ("fit", LinearDiscriminantAnalysis())])
    return SequentialGroupSelector(pipe, **({"cv": GroupKFold(2), "max_groups": 1} | parameters))


@pytest.fixture(scope="module")
def noise():
    """Columns that know nothing of the label: a choice among them finds nothing but luck."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(96, N_MEMBERS)), np.arange(96) % 2, np.repeat(np.arange(8), 12)


@pytest.fixture(scope="module")
def table(noise):
    X, y, groups = noise
    return nested_score(selector(N_MEMBERS), X, y, groups=groups, cv=4)


def test_of_noise_the_choice_believes_more_than_it_is_worth(table):
    assert table["selection_score"].mean() > 0.57
    assert table["score"].mean() == pytest.approx(0.5, abs=0.08)


def test_speakers_put_aside_had_no_part_in_the_choice(noise):
    X, y, groups = noise
    seen = []

    class Splitter(GroupKFold):
        def split(self, X, y=None, groups=None):
            seen.append(set(groups))
            return super().split(X, y, groups)

    outer = list(GroupKFold(2).split(X, y, groups))
    nested_score(selector(cv=Splitter(2)), X, y, groups=groups, cv=outer)
    tested = [set(groups[test]) for _, test in outer]
    assert len({frozenset(speakers) for speakers in seen}) == 2
    assert all(any(not (of_choice & test) for test in tested) for of_choice in seen)


def test_each_fold_tells_what_it_chose(table):
    assert all(len(members) == 1 for members in table["chosen"])
    assert table["n_train"].tolist() == [72] * 4
    assert table["n_test"].sum() == 96
    assert table.index.name == "fold"


def test_a_grid_search_tells_its_parameters(noise):
    X, y, groups = noise
    search = GridSearchCV(selector().estimator, {"fit__solver": ["svd", "lsqr"]}, cv=GroupKFold(2))
    table = nested_score(search, X, y, groups=groups, cv=2)
    assert set(table["chosen"][0]) == {"fit__solver"}


def test_speakers_reach_both_splitters_where_metadata_is_routed(noise):
    X, y, groups = noise
    plain = nested_score(selector(), X, y, groups=groups, cv=2)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = nested_score(selector(), X, y, groups=groups, cv=2)
    assert routed.equals(plain)


def test_speakers_that_nothing_requests_are_not_routed(noise):
    X, y, groups = noise
    folds = list(GroupKFold(2).split(X, y, groups))
    search = GridSearchCV(selector().estimator, {"fit__solver": ["svd", "lsqr"]}, cv=2)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = nested_score(search, X, y, groups=groups, cv=folds)
    assert routed.equals(nested_score(search, X, y, cv=folds))


def test_metadata_routing_can_rename_the_speakers_of_each_splitter(noise):
    X, y, groups = noise
    plain = nested_score(selector(), X, y, groups=groups, cv=GroupKFold(3))
    with sklearn.config_context(enable_metadata_routing=True):
        inner = selector(cv=GroupKFold(2).set_split_request(groups="speakers"))
        outer = GroupKFold(3).set_split_request(groups="actors")
        routed = nested_score(inner, X, y, groups=groups, cv=outer)
    assert routed.equals(plain)


def test_without_groups_the_folds_are_stratified(noise):
    X, y, _ = noise
    assert len(nested_score(selector(cv=2), X, y, cv=2)) == 2


def test_there_are_no_more_folds_than_speakers(noise):
    X, y, groups = noise
    table = nested_score(selector(cv=GroupKFold(2)), X, y, groups=groups // 3)
    assert len(table) == 3


def test_one_speaker_cannot_be_put_aside(noise):
    X, y, _ = noise
    with pytest.raises(ValueError, match="groups names one speaker only"):
        nested_score(selector(), X, y, groups=np.zeros(96))


@pytest.mark.parametrize(("inner", "outer"), [(2, GroupKFold(3)), (GroupKFold(3), 2)])
def test_a_splitter_by_speaker_needs_speakers(noise, inner, outer):
    X, y, _ = noise
    search = GridSearchCV(selector().estimator, {}, cv=inner)
    with pytest.raises(ValueError, match=r"cv=GroupKFold\(n_splits=3.*Call nested_score\(search"):
        nested_score(search, X, y, cv=outer)


@pytest.mark.parametrize("kind", [float, object, list])
@pytest.mark.parametrize("missing", [None, np.nan])
def test_no_speaker_may_be_missing(noise, kind, missing):
    X, y, speakers = noise
    names = [missing, *speakers[1:].tolist()]
    groups = names if kind is list else np.array(names, dtype=kind)
    with pytest.raises(ValueError, match="groups lacks the speaker of 1 of 96 clips"):
        nested_score(selector(), X, y, groups=groups, cv=2)


def test_each_clip_must_have_a_speaker(noise):
    X, y, groups = noise
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples: \[96, 96, 4\]"):
        nested_score(selector(), X, y, groups=groups[:4])


def test_what_was_not_refitted_cannot_be_scored(noise):
    with pytest.raises(ValueError, match="refit=False, so there is nothing to score"):
        nested_score(selector(refit=False), *noise[:2])


def test_a_pipeline_is_no_search(noise):
    with pytest.raises(ValueError, match="'search' parameter of nested_score must be"):
        nested_score(selector().estimator, *noise[:2])
