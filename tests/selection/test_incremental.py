import pytest
from hypothesis import given, strategies as st
from sklearn.model_selection import ParameterGrid

from skser import incremental_grid

NAMES = st.lists(st.text("abcdef", min_size=1, max_size=3), unique=True, max_size=6)


def test_each_grid_keeps_one_feature_more():
    assert incremental_grid("features", keep=["zcr", "rms"], add=["mfcc", "chroma"]) == [
        {"features__mfcc": ["drop"], "features__chroma": ["drop"]},
        {"features__chroma": ["drop"]},
        {},
    ]


def test_without_features_to_keep_the_first_grid_has_the_first_to_add():
    assert incremental_grid("features", keep=[], add=["mfcc", "chroma"]) == [
        {"features__chroma": ["drop"]},
        {},
    ]


def test_without_features_to_add_there_is_one_grid():
    assert incremental_grid("features", keep=["zcr"], add=[]) == [{}]


def test_more_multiplies_every_grid():
    grids = incremental_grid("features", ["zcr"], ["mfcc"], svc__C=[1, 10], reduce=("a", "b", "c"))
    assert [len(ParameterGrid(grid)) for grid in grids] == [6, 6]


def test_parameters_of_a_feature_are_searched_only_where_it_is_kept():
    grids = incremental_grid(
        "features",
        ["zcr"],
        ["mfcc", "mfcc2"],
        features__mfcc__n_mfcc=[13, 20],
        features__n_fft=[512],
    )
    assert grids == [
        {"features__mfcc": ["drop"], "features__mfcc2": ["drop"], "features__n_fft": [512]},
        {
            "features__mfcc2": ["drop"],
            "features__mfcc__n_mfcc": [13, 20],
            "features__n_fft": [512],
        },
        {"features__mfcc__n_mfcc": [13, 20], "features__n_fft": [512]},
    ]


def test_grids_do_not_share_lists():
    first, second = incremental_grid("features", ["zcr"], ["mfcc"], svc__C=[1])
    assert first["svc__C"] is not second["svc__C"]


@given(keep=NAMES, names=NAMES)
def test_one_grid_for_what_is_kept_and_one_for_each_feature_added(keep, names):
    add = [name for name in names if name not in keep]
    if not keep + add:
        return
    grids = incremental_grid("f", keep, add)
    assert len(grids) == len(add) + bool(keep)
    assert [len(grid) for grid in grids] == list(range(len(grids) - 1, -1, -1))


@pytest.mark.parametrize(
    ("keep", "add", "more", "message"),
    [
        ("zcr", ["mfcc"], {}, "keep='zcr' and add=.* must be lists of names"),
        (["zcr"], "mfcc", {}, "add='mfcc' must be lists of names"),
        ([], [], {}, "keep and add are both empty"),
        (["zcr"], ["zcr"], {}, r"keep and add name \['zcr'\] more than once"),
        ([], ["a", "b", "a"], {}, r"keep and add name \['a'\] more than once"),
        (["zcr"], [], {"svc__C": 1}, "svc__C=1 must be a non-empty list"),
        (["zcr"], [], {"svc__kernel": "rbf"}, "svc__kernel='rbf' must be a non-empty list"),
        (["zcr"], [], {"svc__C": []}, r"svc__C=\[\] must be a non-empty list"),
    ],
)
def test_mistakes_are_refused(keep, add, more, message):
    with pytest.raises(ValueError, match=message):
        incremental_grid("features", keep, add, **more)


def test_variants_of_a_feature_are_searched_only_where_it_is_kept():
    grids = incremental_grid("features", ["zcr"], ["mfcc"], features__mfcc=["a", "b"])
    assert grids == [{"features__mfcc": ["drop"]}, {"features__mfcc": ["a", "b"]}]
