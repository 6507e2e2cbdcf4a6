"""What the command line says of a split before, or after, it is scored."""

import numpy as np
import pytest
from sklearn.utils import Bunch

from skser.cli._checks import (
    check_scorable,
    check_test_speakers,
    say_how_test_differs,
    say_what_no_training_has,
)


def corpus_of(*clips):
    target, groups = zip(*clips, strict=True)
    return Bunch(
        data=list(range(len(clips))),
        target=np.array(target, dtype=object),
        groups=np.array(groups, dtype=object),
    )


@pytest.fixture
def both():
    """Two speakers with two emotions each."""
    return corpus_of(*([("anger", "a"), ("joy", "a"), ("anger", "b"), ("joy", "b")] * 2))


def test_a_class_of_one_speaker_is_named(capsys):
    clips = [("anger", "a"), ("joy", "a"), ("anger", "b"), ("joy", "b"), ("fear", "b")] * 2
    assert check_scorable(corpus_of(*clips), 2) == 2
    told = capsys.readouterr().err
    assert "only the speaker 'b' has clips labelled 'fear'" in told
    assert "its recall is 0, which lowers the UAR" in told
    assert "'anger' is of the" not in told


def test_of_classes_of_two_speakers_nothing_is_said(both, capsys):
    check_scorable(both, 2)
    assert capsys.readouterr().err == ""


def test_a_class_whose_speakers_are_tested_at_once_is_named(capsys):
    clips = corpus_of(("anger", "a"), ("joy", "b"), ("joy", "c"), ("anger", "d"))
    say_what_no_training_has(clips, np.isin(clips.groups, ["b", "c"]))
    assert (
        "only the speakers 'b', 'c' have clips labelled 'joy', and one fold tests"
        in capsys.readouterr().err
    )
    say_what_no_training_has(clips, np.isin(clips.groups, ["a", "b"]))
    assert capsys.readouterr().err == ""


def test_emotions_of_one_side_of_a_given_split_are_named(capsys):
    clips = corpus_of(("anger", "a"), ("fear", "a"), ("anger", "b"), ("joy", "b"), ("sad", "b"))
    say_how_test_differs(clips, clips.groups == "a")
    told = capsys.readouterr().err
    assert "no speaker outside --test-speakers has clips labelled 'fear'" in told
    assert (
        "No test clip is labelled 'joy', 'sad', so the UAR is the mean over 2 of 4 emotions."
        in told
    )


@pytest.mark.parametrize("texts", [["Doe, Jane"], ["Doe, Jane", "b"], ["b,c"], ["b", "c"]])
def test_a_speaker_may_have_a_comma_in_the_name(texts):
    names = ["Doe, Jane", "b", "c", "d", "e"]
    clips = corpus_of(*[(emotion, name) for name in names for emotion in ("anger", "joy")])
    wanted = {"b,c": ["b", "c"]}.get(texts[0], texts)
    is_test = check_test_speakers(clips, texts)
    assert set(clips.groups[is_test]) == {*wanted}
