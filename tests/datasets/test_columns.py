import pandas as pd
import pytest

from skser.datasets._columns import ALIASES, ColumnError, find_columns
from skser.exceptions import AudioWarning

NONE = dict.fromkeys(ALIASES)


def found(*columns, **wanted):
    return find_columns(pd.DataFrame(columns=list(columns)), {**NONE, **wanted})


@pytest.mark.parametrize(
    ("column", "standard"), [(alias, key) for key, aliases in ALIASES.items() for alias in aliases]
)
def test_an_alias_is_found_however_it_is_written(column, standard):
    others = {"path", "label"} - {standard}
    for written in (column, column.upper(), f" {column.title()} "):
        assert found(written, *others)[standard] == written


def test_spaces_and_hyphens_do_not_count():
    assert found("File name", "label")["path"] == "File name"


def test_a_column_that_is_named_wins():
    columns = found("file", "path", "label", "mood", path="file", label="mood")
    assert columns == {"path": "file", "label": "mood"}


def test_a_column_is_named_by_its_letters_if_its_case_is_wrong():
    assert found("Wav", "label", path="wav")["path"] == "Wav"


def test_two_that_may_be_the_same_are_refused():
    with pytest.raises(ColumnError, match=r"'File' and 'audio', .*may be the column of the files"):
        found("File", "audio", "label")


def test_the_frames_own_name_is_taken_before_an_alias_and_this_is_told():
    with pytest.warns(AudioWarning, match=r"'speaker' and 'subject'.*'speaker' is used.*group="):
        assert found("path", "label", "subject", "speaker")["speaker"] == "speaker"


def test_a_frame_has_both_label_and_emotion():
    assert found("path", "emotion", "label")["label"] == "label"
    with pytest.raises(ColumnError, match="the labels"):
        found("path", "Emotion", "Label")


def test_a_message_names_arguments_or_flags_and_the_columns_that_are_there():
    with pytest.raises(ColumnError) as caught:
        found("wav", "mood")
    start = (
        "The table has no column of the files (path, file, filename, filepath, audio) and of the "
        "labels (label, emotion). It has the columns ['wav', 'mood']. "
    )
    assert str(caught.value) == (
        start
        + "Name the column of the files with path=; name the column of the labels with label=."
    )
    assert caught.value.for_command == (
        start
        + "Name the column of the files with --path; name the column of the labels with --label."
    )


def test_a_missing_column_of_speakers_names_group_in_python_and_speaker_in_a_command():
    with pytest.raises(ColumnError, match=r"no column 'who'.*the speakers with group=\.") as caught:
        found("path", "label", speaker="who")
    assert caught.value.for_command.endswith("Name the column of the speakers with --speaker.")
