import pickle

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.utils import _safe_indexing

from skser import Audio, FixDuration, LoadAudio, Normalize, TrimSilence
from skser.audio._items import check_items
from skser.audio._transient import as_transient, is_transient, stack_clips

ROWS = [False, True, True, False]


@pytest.fixture
def clip(rng):
    return as_transient(rng.uniform(-0.5, 0.5, 4000).astype(np.float32))


@pytest.fixture
def table(clip):
    plain = np.asarray(clip)
    return stack_clips([clip if row else plain for row in ROWS])


def marks(rows):
    return [is_transient(row) for row in rows]


def test_marking_shares_the_samples(rng):
    y = rng.normal(size=10)
    assert np.shares_memory(as_transient(y), y)
    assert not is_transient(y)


def test_slices_and_pickles_stay_marked(clip):
    assert is_transient(clip[..., 100:200])
    assert is_transient(pickle.loads(pickle.dumps(clip)))
    assert is_transient(pickle.loads(pickle.dumps(Audio(clip, 8000))).y)


def test_rows_of_a_table_are_marked_one_by_one(table):
    assert marks(table) == ROWS
    assert marks(table[i] for i in range(4)) == ROWS
    assert marks(check_items(BaseEstimator(), table, reset=True)) == ROWS
    assert marks(pickle.loads(pickle.dumps(table))) == ROWS


def test_parts_of_a_table_keep_the_marks(table):
    assert marks(table[1:]) == ROWS[1:]
    assert marks(table[:, 100:200]) == ROWS
    assert marks(_safe_indexing(table, [3, 1])) == [False, True]
    assert marks(table[np.array(ROWS)]) == [True, True]
    assert marks(table[[0, 3]]) == [False, False]


def test_other_indexing_of_a_table_is_that_of_an_array(table):
    plain = np.asarray(table)
    for key in (table > 0, (..., slice(3)), (0, 3), None, ([0, 1], [2, 3])):
        np.testing.assert_array_equal(table[key], plain[key])
    assert (2 * table).sum() == (2 * plain).sum()


@pytest.mark.parametrize(
    "transformer", [FixDuration(0.1), LoadAudio(), Normalize(), TrimSilence()], ids=repr
)
def test_what_is_made_of_transient_sound_is_transient(transformer, clip, table):
    plain = np.asarray(clip)
    clips = [clip, plain, Audio(clip, 8000), Audio(plain, 8000)]
    changed = transformer.fit_transform(clips)
    assert marks([*changed[:2], changed[2].y, changed[3].y]) == [True, False] * 2
    assert marks(transformer.fit_transform(table)) == ROWS
