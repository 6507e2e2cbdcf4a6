from functools import partial

import numpy as np
import pytest

from skser.selection._verdict import improves
from skser.selection._walk import Walk

ABCD = list("abcd")


def walk(means, names=ABCD, tol=0.0, max_groups=None):
    """A walk over sets whose mean scores are a table, "ab" for {a, b}; others score 0."""
    seen = []

    def evaluate(sets):
        keys = ["".join(sorted(groups)) for groups in sets]
        seen.extend(keys)
        return [np.array([means.get(key, 0.0)] * 3) for key in keys]

    rule = None if tol is None else partial(improves, tol=tol, ratio=0.5)
    found = Walk(names, evaluate, rule, max_groups or len(names))
    found.seen = seen
    return found


def path(found):
    return ["".join(sorted(groups)) for groups in found.path]


# The best pair lacks the best single group, as in Pudil's papers.
NESTED = {"a": 5, "b": 4, "c": 4, "d": 1, "ab": 6, "ac": 6, "bc": 9, "abc": 8, "abcd": 8.5}


def test_forward_adds_the_best_until_nothing_gains():
    found = walk(NESTED)
    found.forward()
    assert path(found) == ["a", "ab", "abc", "abcd"]


def test_floating_removes_what_later_groups_make_superfluous():
    found = walk(NESTED | {"bcd": 8})
    found.forward(floating=True)
    assert path(found) == ["a", "ab", "abc", "bc"]
    assert found.chosen() == {"b", "c"}


def test_a_gain_must_exceed_the_tolerance():
    found = walk(NESTED, tol=1)
    found.forward()
    assert path(found) == ["a"]


def test_without_tolerance_all_steps_are_taken_and_the_best_is_chosen():
    found = walk({"a": 5, "ab": 7, "abc": 6, "abcd": 7}, tol=None)
    found.forward()
    assert path(found) == ["a", "ab", "abc", "abcd"]
    assert found.chosen() == {"a", "b"}


def test_backward_removes_what_is_not_missed():
    found = walk({"abcd": 5, "abc": 5, "ab": 5, "a": 4})
    found.backward()
    assert path(found) == ["abcd", "abc", "ab"]


def test_backward_removes_down_to_the_most_groups_at_any_cost():
    found = walk({"abcd": 5, "abc": 4, "ab": 3, "a": 2}, max_groups=2)
    found.backward()
    assert path(found) == ["abcd", "abc", "ab"]


def test_forward_stops_at_the_most_groups():
    found = walk(NESTED, max_groups=2)
    found.forward()
    assert path(found) == ["a", "ab"]


def test_of_equal_sets_the_first_in_order_is_taken():
    found = walk({"b": 1, "c": 1})
    found.forward()
    assert path(found) == ["b"]


def test_no_set_is_scored_twice():
    found = walk(NESTED, tol=None)
    found.forward(floating=True)
    assert len(found.seen) == len(set(found.seen))


def test_a_set_that_could_not_be_scored_is_passed_over():
    found = walk({"a": 5, "b": np.nan, "ab": np.nan, "ac": 6, "abc": np.nan, "acd": np.nan})
    found.forward()
    assert path(found) == ["a", "ac"]


def test_the_mean_does_not_depend_on_the_order_of_folds():
    scores = {frozenset("a"): np.array([0.1, 0.2, 0.3]), frozenset("b"): np.array([0.3, 0.2, 0.1])}
    found = Walk(
        ["b", "a"],
        lambda sets: [scores.get(s, np.array([0.3, 0.1, 0.2])) for s in sets],
        partial(improves, tol=0.0, ratio=0.5),
        2,
    )
    found.forward()
    assert path(found) == ["b"]


@pytest.mark.parametrize("direction", ["forward", "backward", "floating"])
@pytest.mark.parametrize("tol", [0.0, 0.5, "paired", None])
def test_every_walk_ends(rng, direction, tol):
    for _ in range(20):
        scores = {}

        def evaluate(sets, scores=scores):
            return [scores.setdefault(s, rng.integers(0, 4, size=3).astype(float)) for s in sets]

        rule = None if tol is None else partial(improves, tol=tol, ratio=0.5)
        found = Walk(ABCD, evaluate, rule, 4)
        found.backward() if direction == "backward" else found.forward(
            floating=direction == "floating"
        )
        assert len(found.path) <= 15
