import pandas as pd
import pytest

from skser.datasets._emotions import COMMON_EMOTIONS, common_emotion, to_emotions


@pytest.mark.parametrize("name", COMMON_EMOTIONS)
def test_a_common_name_is_its_own(name):
    assert common_emotion(name.upper()) == name


@pytest.mark.parametrize(
    ("label", "emotion"),
    [
        ("Anger", "angry"),
        (" joy ", "happy"),
        ("pleasant_surprise", "surprised"),
        ("FEA", "fearful"),
        ("Excited", "Excited"),
        (3, "3"),
    ],
)
def test_labels_get_their_common_name_or_stay(label, emotion):
    assert common_emotion(label) == emotion


def test_a_mapping_goes_first_and_can_leave_out():
    labels = pd.Series(["anger", "excited", "other"])
    emotions = to_emotions(labels, {"excited": "happy", "other": None})
    assert emotions.tolist()[:2] == ["anger", "happy"]
    assert emotions.isna().tolist() == [False, False, True]


def test_a_mapping_of_what_is_no_label_is_refused():
    with pytest.raises(ValueError, match=r"map_labels has \['angr'\].*labels are \['anger'\]"):
        to_emotions(pd.Series(["anger"]), {"angr": "angry"})


def test_a_mapping_may_name_common_emotions_that_are_not_there():
    assert to_emotions(pd.Series(["sad"]), {"calm": "neutral"}).tolist() == ["sad"]


def test_a_mapping_may_name_the_common_emotion_of_a_label():
    emotions = to_emotions(pd.Series(["anger", "sadness"]), {"angry": None, "sad": "low"})
    assert emotions.isna().tolist() == [True, False]
    assert emotions[1] == "low"


def test_a_mapping_of_the_label_goes_before_that_of_its_common_emotion():
    labels = pd.Series(["anger", "ang"])
    assert to_emotions(labels, {"anger": "rage", "angry": "cross"}).tolist() == ["rage", "cross"]
