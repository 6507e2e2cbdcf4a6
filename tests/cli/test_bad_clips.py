"""Clips that cannot be read: all are named at once, and the others go on."""

import json

import numpy as np
import pandas as pd
import pytest
import soundfile

from skser.cli._clips import files_of
from skser.exceptions import AudioWarning
from skser.extraction import _extraction

SPEAKER = ["--speaker", r"(s\d+)_"]
RMS = ["--features", "rms", "--classifier", "lda"]


@pytest.fixture(scope="module")
def spoilt(clips, tmp_path_factory):
    """The clips, and two files that cannot be read."""
    folder = tmp_path_factory.mktemp("spoilt") / "clips"
    for clip in clips.glob("*/*.wav"):
        copy = folder / clip.parent.name / clip.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(clip.read_bytes())
    (folder / "angry" / "s01_bad.wav").write_bytes(b"RIFF and no more")
    (folder / "sad" / "s02_empty.wav").write_bytes(b"")
    return folder


COMMANDS = {
    "extract": ["-o", "features.csv", "--features", "rms"],
    "train": ["-o", "model.skser", *RMS],
    "evaluate": [*RMS, "--folds", "3"],
    "select": ["--keep", "rms", "--add", "zcr", "--folds", "3", "--classifier", "lda"],
    "report": [*RMS, "--folds", "3", "--pairs", "0"],
}


@pytest.mark.parametrize(
    "command", [c if c != "report" else pytest.param(c, marks=pytest.mark.slow) for c in COMMANDS]
)
def test_a_batch_goes_on_without_its_bad_files_and_names_all(
    skser, spoilt, tmp_path, monkeypatch, command
):
    monkeypatch.chdir(tmp_path)
    result = skser(command, spoilt, *SPEAKER, *COMMANDS[command])
    assert result.exit_code == 0, result.stderr
    assert "2 of 29 clips could not be read and were left out:" in result.stderr
    assert "s01_bad.wav': libsndfile cannot read it" in result.stderr
    assert "s02_empty.wav': the file is empty (0 bytes)" in result.stderr
    assert "X[" not in result.stderr
    if command == "extract":
        table = pd.read_csv("features.csv")
        assert len(table) == 27
        assert table.notna().to_numpy()[:, 3:].all()
    if command == "report":
        assert "2 clips cannot be read and are left out" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize("command", ["extract", "evaluate"])
def test_a_bad_file_is_an_error_on_demand_and_all_are_named(
    skser, spoilt, tmp_path, monkeypatch, command
):
    monkeypatch.chdir(tmp_path)
    result = skser(command, spoilt, *SPEAKER, *COMMANDS[command], "--on-error", "raise")
    assert result.exit_code == 1
    assert all(name in result.stderr for name in ("s01_bad.wav", "s02_empty.wav"))
    assert result.stderr.splitlines()[-1].startswith("Error: 2 of 29 clips could not be read")
    assert list(tmp_path.iterdir()) == []


def test_what_is_left_must_still_be_enough(skser, clips, tmp_path):
    for name, speaker in (("angry", "s01"), ("sad", "s02")):
        (tmp_path / name).mkdir()
        for i, clip in enumerate(sorted((clips / name).iterdir())[:2]):
            (tmp_path / name / f"{speaker}_{i}.wav").write_bytes(clip.read_bytes())
    for i in range(2):
        (tmp_path / "sad" / f"s01_{i}.wav").write_bytes(b"bad")
        (tmp_path / "angry" / f"s02_{i}.wav").write_bytes(b"bad")
    result = skser("evaluate", tmp_path, *SPEAKER, *RMS)
    assert result.exit_code == 1
    assert "every clip is labelled" in result.stderr


def test_no_clip_at_all_is_an_error(skser, tmp_path):
    for name in ("angry", "sad"):
        (tmp_path / f"{name}.wav").write_bytes(b"bad")
    flags = ["-o", tmp_path / "m.skser", "--label", r"(\w+)\.wav", *RMS]
    result = skser("train", tmp_path, *flags)
    assert result.exit_code == 1
    assert "Error: 2 of 2 clips could not be read" in result.stderr


def test_the_clips_of_a_model_of_segments_are_read_too(skser, spoilt, tmp_path):
    """Its features are those of pieces, which are not computed ahead."""
    import pickle

    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from skser import RMS, SegmentClassifier

    model = tmp_path / "model.pkl"
    machine = SegmentClassifier(make_pipeline(RMS(), LogisticRegression()), window=0.5)
    model.write_bytes(pickle.dumps(machine))
    flags = ["--model", model, "--allow-pickle", "--folds", "3", "--json"]
    result = skser("evaluate", spoilt, *SPEAKER, *flags)
    assert result.exit_code == 0, result.stderr
    assert "2 of 29 clips" in result.stderr
    assert json.loads(result.stdout)["protocols"]["speaker-disjoint"]["n_clips"] == 27


def test_every_clip_is_extracted_once(skser, spoilt, tmp_path, monkeypatch):
    extracted = []
    monkeypatch.setattr(
        _extraction,
        "extract_clip",
        lambda item, index, members, doubts, extract=_extraction.extract_clip: (
            extracted.append(item) if members else None,
            extract(item, index, members, doubts),
        )[1],
    )
    result = skser("train", spoilt, "-o", tmp_path / "m.skser", *RMS)
    assert result.exit_code == 0, result.stderr
    assert len(extracted) == 29


def test_predict_writes_a_row_with_the_error(skser, clips, model, tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"no audio")
    good = next((clips / "sad").iterdir())
    result = skser("predict", model, tmp_path / "bad.wav", good, "gone.wav")
    assert result.exit_code == 1
    bad, fine, gone = (line.split("\t") for line in result.stdout.splitlines())
    assert fine[0] == str(good)
    assert len(fine) == 3
    assert bad[:3] == [str(tmp_path / "bad.wav"), "", ""]
    assert "libsndfile cannot read it" in bad[3]
    assert "no such file" in gone[3]
    assert "2 of 3 files could not be read" in result.stderr


def test_predict_writes_a_table_with_the_errors(skser, clips, model, tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"no audio")
    good = next((clips / "sad").iterdir())
    output = tmp_path / "out.csv"
    result = skser("predict", model, tmp_path / "bad.wav", good, "-o", output)
    assert result.exit_code == 1
    assert result.stdout == ""
    table = pd.read_csv(output)
    assert table.columns.tolist() == [
        *("path", "emotion", "probability", "p_angry", "p_neutral", "p_sad", "error")
    ]
    assert table["error"].notna().tolist() == [True, False]
    assert table["emotion"].isna().tolist() == [True, False]
    assert table.loc[1, ["p_angry", "p_neutral", "p_sad"]].sum() == pytest.approx(1)


def test_predict_names_clips_in_which_nothing_is_to_be_heard(skser, clips, model, tmp_path):
    soundfile.write(tmp_path / "silent.wav", np.zeros(16000), 16000)
    soundfile.write(tmp_path / "click.wav", np.full(10, 0.5), 16000)
    good = next((clips / "sad").iterdir())
    output = tmp_path / "out.csv"
    result = skser("predict", model, tmp_path, good, "-o", output)
    assert result.exit_code == 0, result.stderr
    assert "2 of 3 predictions mean nothing" in result.stderr
    assert f"{tmp_path / 'silent.wav'} is silent" in result.stderr
    notes = pd.read_csv(output)["note"]
    assert notes[:2].tolist() == ["lasts 0.00063 s", "is silent"]
    assert notes.isna()[2]


def test_predict_takes_a_folder(skser, clips, model):
    result = skser("predict", model, clips / "sad", "--json")
    assert result.exit_code == 0, result.stderr
    files = [row["file"] for row in json.loads(result.stdout)]
    assert files == sorted(str(clip) for clip in (clips / "sad").iterdir())


def test_predict_takes_what_load_folder_takes(tmp_path):
    for name in ("a.wav", "b.m4a", "c.mp4", "c.flac", "notes.txt"):
        (tmp_path / name).touch()
    with pytest.warns(AudioWarning, match=r"1 file is left out.* the first is .*c\.mp4'"):
        files = files_of(tmp_path)
    assert [file.name for file in files] == ["a.wav", "b.m4a", "c.flac"]


def test_a_folder_without_audio_is_an_error(skser, model, tmp_path):
    result = skser("predict", model, tmp_path)
    assert result.exit_code == 1
    assert "contain no audio" in result.stderr


def test_a_clip_too_short_for_anything_is_no_silent_nan(skser, clips, tmp_path):
    first = next((clips / "sad").iterdir())
    (tmp_path / "a.wav").write_bytes(first.read_bytes())
    soundfile.write(tmp_path / "b.wav", np.zeros(2), 22050)
    output = tmp_path / "f.csv"
    assert skser("extract", tmp_path, "-o", output, "--features", "rms,mfcc").exit_code == 0
    assert pd.read_csv(output).iloc[:, 5:].notna().to_numpy().all()


@pytest.mark.parametrize(("how", "code"), [("skip", 0), ("raise", 1)])
def test_missing_files_of_a_table_are_like_damaged_ones(skser, clips, tmp_path, how, code):
    good = next((clips / "sad").iterdir())
    rows = [f"{path},sad" for path in (good, "gone.wav", "lost.wav")]
    (tmp_path / "list.csv").write_text("\n".join(["path,label", *rows]))
    flags = ["--features", "rms", "--on-error", how, "-o", tmp_path / "out.csv"]
    result = skser("extract", tmp_path / "list.csv", *flags)
    assert result.exit_code == code
    assert "2 of 3 clips could not be read" in result.stderr
    assert "gone.wav" in result.stderr
    assert "lost.wav" in result.stderr
    assert (tmp_path / "out.csv").exists() == (how == "skip")
