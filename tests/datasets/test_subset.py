import numpy as np
import pytest

from skser import make_emotional_speech, subset_corpus


@pytest.fixture(scope="module")
def corpus():
    speech = make_emotional_speech(2, 1, random_state=0)
    n_clips = len(speech.data)
    speech.extra, speech.tags = np.arange(n_clips), [f"t{i}" for i in range(n_clips)]
    return speech


def test_everything_known_of_a_clip_stays_with_it(corpus):
    subset = subset_corpus(corpus, corpus.groups == corpus.groups[-1])
    places = np.flatnonzero(corpus.groups == corpus.groups[-1])
    assert [clip is corpus.data[i] for clip, i in zip(subset.data, places, strict=True)]
    for name in ("target", "groups", "extra"):
        np.testing.assert_array_equal(subset[name], corpus[name][places])
    assert subset.tags == [corpus.tags[i] for i in places]
    assert subset.frame["speaker"].tolist() == subset.groups.tolist()
    assert subset.frame.index.tolist() == list(range(len(places)))
    assert subset.DESCR == corpus.DESCR


def test_places_are_taken_in_their_order(corpus):
    assert subset_corpus(corpus, [3, 0, -1]).extra.tolist() == [3, 0, len(corpus.data) - 1]


def test_only_classes_that_are_left_are_named(corpus):
    assert list(subset_corpus(corpus, corpus.target == "sad").target_names) == ["sad"]


def test_as_many_classes_as_clips_are_no_entry_of_each_clip(corpus):
    small = subset_corpus(corpus, np.arange(5))
    assert len(small.target_names) == len(small.data) == 5
    assert subset_corpus(small, [4]).target_names.tolist() == [small.target[4]]


def test_the_corpus_stays_as_it_was(corpus):
    subset_corpus(corpus, [0])
    assert len(corpus.data) == len(corpus.frame) == 10


def test_a_corpus_without_speakers_stays_without(corpus):
    without = corpus | {"groups": None}
    assert subset_corpus(type(corpus)(**without), [0]).groups is None


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        ([True] * 9, "mask has 9 values, but the corpus has 10 clips"),
        ([False] * 10, "selects none of the 10 clips"),
        ([], "selects none of the 10 clips"),
        ([0.5], "dtype float64. Pass one True or False"),
        (["a"], "Pass one True or False"),
        ([[True] * 10], r"shape \(1, 10\)"),
    ],
)
def test_masks_that_fit_no_clips_are_refused(corpus, mask, message):
    with pytest.raises(ValueError, match=message):
        subset_corpus(corpus, mask)


def test_a_place_without_a_clip_is_named(corpus):
    with pytest.raises(IndexError, match="index 10, but the corpus has 10 clips"):
        subset_corpus(corpus, [0, 10])
