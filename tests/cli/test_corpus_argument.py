import json
from pathlib import Path

import pytest

from skser import AudioError, AudioWarning
from skser.cli._corpora import open_corpus
from skser.cli._options import Source

SPEAKER = r"(s\d+)_"


def opened(corpus, label=None, speaker=None, **parameters):
    return open_corpus(Source(str(corpus), label, speaker), **parameters)


def test_a_folder_holds_a_folder_for_each_emotion(clips):
    corpus = opened(clips)
    assert corpus.target_names == ["angry", "neutral", "sad"]
    assert corpus.groups is None


def test_expressions_find_emotion_and_speaker(clips):
    corpus = opened(clips, label=r"^([a-z]+)/", speaker=SPEAKER)
    assert set(corpus.groups) == {"s01", "s02", "s03"}


def test_a_table_has_columns(clips, tmp_path):
    frame = opened(clips, speaker=SPEAKER).frame
    table = frame[["path", "emotion", "speaker"]].rename(
        columns={"emotion": "mood", "speaker": "who"}
    )
    table.to_csv(tmp_path / "table.csv")
    corpus = opened(tmp_path / "table.csv", label="mood", speaker="who")
    assert set(corpus.groups) == {"s01", "s02", "s03"}
    assert corpus.target_names == ["angry", "neutral", "sad"]


def test_flags_name_columns_of_a_table(clips, tmp_path):
    path = next((clips / "sad").iterdir())
    table = tmp_path / "table.csv"
    table.write_text(f"file;wav;mood;from;to\nx;{path};fear;0;0,5\n")
    names = {"path": "wav", "label": "mood", "start": "from", "end": "to"}
    corpus = open_corpus(Source(str(table), **names))
    assert corpus.target.tolist() == ["fear"]
    assert corpus.data[0][1:3] == (0, 0.5)
    canonical = open_corpus(Source(str(table), **names, canonical_labels=True))
    assert canonical.target.tolist() == ["fearful"]


def test_a_missing_column_is_told_with_flags(skser, tmp_path):
    (tmp_path / "table.csv").write_text("wav,mood\na.wav,sad\n")
    result = skser("describe", tmp_path / "table.csv", "--label", "mood")
    assert result.exit_code == 1
    assert "Name the column of the files with --path." in result.stderr
    assert "['wav', 'mood']" in result.stderr


def test_a_column_of_what_is_no_table_is_refused(clips):
    with pytest.raises(
        AudioError, match=r"^--path applies only to tables, but the kind .* 'folder'"
    ):
        open_corpus(Source(str(clips), path="wav"))


@pytest.fixture
def far_table(clips, tmp_path):
    """A table in another folder than its clips, which its paths do not start from."""
    rows = [f"{file.relative_to(clips)},{file.parent.name}" for file in clips.rglob("*.wav")]
    table = tmp_path / "notes" / "list.csv"
    table.parent.mkdir()
    table.write_text("\n".join(["path,label", *rows]))
    return table


def test_the_paths_of_a_table_start_from_root(clips, far_table):
    corpus = open_corpus(Source(str(far_table), root=clips))
    assert sorted(corpus.data) == sorted(map(str, clips.rglob("*.wav")))
    with pytest.raises(AudioError, match=r"^--root 'gone' is not a folder"):
        open_corpus(Source(str(far_table), root=Path("gone")))


@pytest.mark.parametrize(
    "command", ["describe", "evaluate", "report", "train", "extract", "select"]
)
def test_every_command_on_a_corpus_takes_the_folders(skser, clips, far_table, command):
    output = {name: ["-o", far_table.with_name("out.csv")] for name in ("train", "extract")}
    for corpus, flag, message in (
        (clips, "--audio", "--audio applies only to TextGrid"),
        (far_table, "--root", "--root 'gone' is not a folder"),
    ):
        result = skser(command, corpus, flag, "gone", *output.get(command, []))
        assert (result.exit_code, message in result.stderr) == (1, True), result.stderr


def test_a_command_reads_the_clips_of_root(skser, clips, far_table):
    result = skser("describe", far_table, "--root", clips, "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["faults"]["unreadable"]["count"] == 0


@pytest.mark.parametrize(
    ("corpus", "flag", "message"),
    [
        ("list.csv", "audio", "^--audio applies only to TextGrid and .* Pass --root instead"),
        ("elan:talks", "root", "^--root applies only to tables, .* 'elan'. Pass --audio instead"),
        ("synthetic", "root", "^--root applies only to tables, .* 'synthetic'. Omit it"),
        ("ravdess:data", "audio", "^--audio applies only to TextGrid and .* 'ravdess'. Omit it"),
    ],
)
def test_a_folder_that_does_not_apply_is_refused(tmp_path, monkeypatch, corpus, flag, message):
    monkeypatch.chdir(tmp_path)
    Path("list.csv").touch()
    with pytest.raises(AudioError, match=message):
        open_corpus(Source(corpus, **{flag: Path()}))


def test_a_known_corpus_is_known_by_its_file_names(clips, tmp_path, capsys):
    source = next((clips / "sad").iterdir()).read_bytes()
    for speaker in ("01", "02"):
        (tmp_path / f"03-01-04-01-01-01-{speaker}.wav").write_bytes(source)
    corpus = opened(tmp_path)
    assert corpus.groups.tolist() == ["01", "02"]
    assert f"If this is wrong, pass folder:{tmp_path}" in capsys.readouterr().err


def test_annotations_beside_clips_are_pointed_at(clips, tmp_path, capsys):
    source = next((clips / "sad").iterdir()).read_bytes()
    (tmp_path / "interview.wav").write_bytes(source)
    opened(tmp_path)
    assert capsys.readouterr().err == ""
    (tmp_path / "interview.TextGrid").touch()
    opened(tmp_path)
    assert f"To use them, pass textgrid:{tmp_path}" in capsys.readouterr().err


def test_a_prefix_says_how_to_read_it(clips, tmp_path):
    source = next((clips / "sad").iterdir()).read_bytes()
    (tmp_path / "03-01-04-01-01-01-01.wav").write_bytes(source)
    assert opened(f"RAVDESS:{tmp_path}").target.tolist() == ["sad"]
    assert opened(f"folder:{tmp_path}").target.tolist() == [tmp_path.name]
    with pytest.raises(AudioError, match="contain no EMO-DB speech"):
        opened(f"emo-db:{tmp_path}")


def test_synthetic_is_built_in():
    assert len(opened("synthetic").data) == 150


@pytest.mark.parametrize(
    ("corpus", "message"),
    [
        ("no/such", "neither a folder nor a table"),
        ("ravdes:data", "with one of the names ravdess"),
        ("clip.wav", "a single clip"),
    ],
)
def test_what_is_no_corpus_is_told(corpus, message):
    with pytest.raises(AudioError, match=message):
        opened(corpus)


def test_a_known_corpus_needs_no_label(tmp_path):
    with pytest.raises(AudioError, match="Omit the label"):
        opened(f"ravdess:{tmp_path}", label="x")


def test_unknown_speakers_are_told_where_they_are_needed(clips):
    with pytest.raises(AudioError, match="with --speaker"):
        opened(clips, with_speakers=True)


def test_warnings_of_corpora_that_it_is_not_stay_silent(clips, recwarn):
    opened(clips)
    assert not [w for w in recwarn if issubclass(w.category, AudioWarning)]


def test_advice_is_of_flags(clips, tmp_path):
    (tmp_path / "list.csv").write_text("path,label\ngone.wav,sad\n")
    with pytest.raises(AudioError, match=r"Name the folder .* with --root") as caught:
        open_corpus(Source(str(tmp_path / "list.csv")))
    assert "root=" not in str(caught.value)
    with pytest.raises(AudioError, match=r"^--label 'xyz' finds no label in any of"):
        open_corpus(Source(str(clips), label="xyz"))
    with pytest.raises(AudioError, match=r"^--speaker 'xyz' finds no speaker in "):
        open_corpus(Source(str(clips), speaker="xyz"))
