import pandas as pd
import pytest

from skser import Segment
from skser.datasets import load_audformat
from skser.exceptions import AudioError, AudioWarning


@pytest.fixture
def database(tmp_path, write_clip):
    write_clip(tmp_path / "wav" / "a.wav", seconds=3)
    write_clip(tmp_path / "wav" / "b.wav", seconds=2)
    (tmp_path / "db.emotion.csv").write_text(
        "file,start,end,emotion\n"
        "wav/a.wav,0 days 00:00:00,0 days 00:00:01.500000,anger\n"
        "wav/a.wav,0 days 00:00:01.500000,,boredom\n"
        "wav/b.wav,0 days,,other\n"
    )
    (tmp_path / "db.files.csv").write_text(
        "file,speaker,gender,transcription,take\nwav/a.wav,03,male,a01,1\nwav/b.wav,08,female,,2\n"
    )
    return tmp_path


def test_segments_are_read_from_a_csv_file(database):
    corpus = load_audformat(database / "db.emotion.csv")
    path = str(database / "wav" / "a.wav")
    assert corpus.data[:2].tolist() == [Segment(path, 0.0, 1.5), Segment(path, 1.5, 3.0)]
    assert corpus.target.tolist() == ["anger", "boredom", "other"]
    assert corpus.groups is None


def test_a_segment_of_the_whole_file_is_the_file(database):
    corpus = load_audformat(database / "db.emotion.csv")
    assert corpus.data[2] == str(database / "wav" / "b.wav")


def test_columns_of_the_files_are_added(database):
    corpus = load_audformat(database / "db.emotion.csv", files=database / "db.files.csv")
    assert corpus.groups.tolist() == ["03", "03", "08"]
    assert corpus.frame["sex"].tolist() == ["male", "male", "female"]
    assert corpus.frame["sentence"].tolist()[:2] == ["a01", "a01"]
    assert corpus.frame["take"].tolist() == [1, 1, 2]


@pytest.mark.parametrize("as_series", [False, True])
def test_a_table_of_audb_is_taken_as_it_is(database, as_series):
    index = pd.MultiIndex.from_arrays(
        [
            ["wav/a.wav", "wav/b.wav"],
            pd.to_timedelta([0.25, 0], unit="s"),
            pd.to_timedelta([1, None], unit="s"),
        ],
        names=["file", "start", "end"],
    )
    table = pd.DataFrame({"emotion": pd.Categorical(["anger", "neutral"])}, index=index)
    corpus = load_audformat(table["emotion"] if as_series else table, root=database)
    assert corpus.data[0][1:3] == (0.25, 1.0)
    assert corpus.target.tolist() == ["anger", "neutral"]


def test_a_filewise_table_holds_whole_files(database):
    table = pd.DataFrame(
        {"mood": ["sadness"]}, index=pd.Index([str(database / "wav" / "a.wav")], name="file")
    )
    corpus = load_audformat(table, label="mood")
    assert corpus.data.tolist() == [str(database / "wav" / "a.wav")]
    assert corpus.target.tolist() == ["sadness"]


def test_a_table_without_files_is_refused(database):
    with pytest.raises(AudioError, match="neither an index nor a column 'file'"):
        load_audformat(pd.DataFrame({"emotion": ["sad"]}))


def test_a_table_without_the_label_is_refused(database):
    with pytest.raises(AudioError, match="no column 'mood'"):
        load_audformat(database / "db.emotion.csv", label="mood")


def test_times_that_are_no_durations_are_refused(database):
    text = (database / "db.emotion.csv").read_text().replace("0 days 00:00:01.500000", "soon")
    (database / "db.emotion.csv").write_text(text)
    with pytest.raises(AudioError, match="contains an invalid duration"):
        load_audformat(database / "db.emotion.csv")


def test_times_of_another_kind_are_refused(database):
    table = pd.DataFrame({"file": ["wav/a.wav"], "emotion": "sad", "start": [[1]]})
    with pytest.raises(AudioError, match="contains an invalid duration"):
        load_audformat(table, root=database)


@pytest.mark.parametrize("map_labels", [None, {"joy": "happy"}])
def test_an_emotion_that_is_not_the_label_is_left_aside(database, map_labels):
    table = pd.DataFrame({"file": ["wav/a.wav"], "emotion": ["anger"], "mood": ["joy"]})
    corpus = load_audformat(table, label="mood", root=database, map_labels=map_labels)
    assert corpus.target.tolist() == (["joy"] if map_labels is None else ["happy"])


@pytest.mark.parametrize(
    "times", ["1,2", "1.0,2.0", "1,0 days 00:00:02", "0 days 00:00:01,0 days 00:00:02"]
)
def test_numbers_in_a_csv_file_are_seconds(database, times):
    (database / "db.csv").write_text(
        f"file,start,end,emotion\nwav/a.wav,{times},anger\nwav/a.wav,,,sad\n"
    )
    corpus = load_audformat(database / "db.csv")
    path = str(database / "wav" / "a.wav")
    assert corpus.data.tolist() == [Segment(path, 1.0, 2.0), path]


def test_durations_may_be_objects(database):
    times = pd.DataFrame({"start": [pd.Timedelta("1s")], "end": [pd.Timedelta("2s")]}, dtype=object)
    table = times.assign(file="wav/a.wav", emotion="anger")
    assert load_audformat(table, root=database).data[0][1:3] == (1.0, 2.0)


@pytest.mark.parametrize("missing", [None, pd.NaT, pd.NA, float("nan")])
def test_times_may_all_be_missing(database, missing):
    table = pd.DataFrame({"file": ["wav/a.wav"], "emotion": "sad", "start": [missing]})
    assert load_audformat(table, root=database).data.tolist() == [str(database / "wav" / "a.wav")]


def test_seconds_and_durations_may_be_mixed(database):
    table = pd.DataFrame({"file": ["wav/a.wav"] * 2, "emotion": "sad", "start": ["1", "0 days"]})
    assert load_audformat(table, root=database).frame["start"].tolist()[0] == 1.0


def test_a_speakers_column_that_is_asked_for_must_be_there(database):
    with pytest.raises(AudioError, match=r"no column 'who'.*with group="):
        load_audformat(database / "db.emotion.csv", group="who", files=database / "db.files.csv")


def test_files_that_the_second_table_does_not_list_are_told(database):
    files = pd.DataFrame({"file": ["wav/a.wav"], "speaker": ["03"]})
    message = r"1 of 3 rows of the table have a file that files= does not list; .* 'wav/b\.wav'"
    with (
        pytest.warns(AudioWarning, match="1 of 3 rows of the table have no speaker"),
        pytest.warns(AudioWarning, match=message) as told,
    ):
        assert load_audformat(database / "db.emotion.csv", files=files).groups is None
    assert told[0].filename == __file__


def test_rows_of_a_file_that_differ_are_refused(database):
    files = pd.DataFrame({"file": ["wav/a.wav"] * 2, "speaker": ["03", "08"]})
    with pytest.raises(AudioError, match=r"different rows for 'wav/a\.wav'"):
        load_audformat(database / "db.emotion.csv", files=files)
