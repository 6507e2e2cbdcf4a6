"""Each command, on a folder of clips."""

import json
import os
import pickle
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skser import (
    MFCC,
    RMS,
    ZCR,
    AudioFeature,
    AudioFeatureUnion,
    EGeMAPS,
    load_model,
    make_audio_union,
)
from skser.cli._pipelines import feature_classes, feature_groups
from skser.compose._held import outermost

SPEAKER = ["--speaker", r"(s\d+)_"]
FAST = ["--features", "mfcc,rms", "--folds", "3"]


def test_describe_tells_faults_by_name(skser, clips, tmp_path):
    for emotion in ("calm", "sad"):
        (tmp_path / emotion).mkdir()
    soundfile.write(tmp_path / "calm" / "silent.wav", np.zeros(8000), 8000)
    first = next((clips / "sad").iterdir())
    (tmp_path / "sad" / "loud.wav").write_bytes(first.read_bytes())
    result = skser("describe", tmp_path)
    assert result.exit_code == 0
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("  silent")]
    assert line.split()[1] == "1"
    assert line.endswith("silent.wav")
    assert "The speakers are unknown" in result.stdout


@pytest.mark.filterwarnings("ignore:1 of 2 rows of the table have no speaker")
def test_describe_suggests_no_flag_where_some_speakers_are_known(skser, clips, tmp_path):
    good = next((clips / "sad").iterdir())
    rows = [f"{good},sad,anna,0,0.5", f"{good},calm,,0.5,1"]
    (tmp_path / "list.csv").write_text("\n".join(["path,label,speaker,start,end", *rows]))
    result = skser("describe", tmp_path / "list.csv")
    assert "The speakers of 1 of 2 clips are unknown" in result.stdout
    assert "--speaker" not in result.stdout
    scored = skser("evaluate", tmp_path / "list.csv")
    assert scored.exit_code == 1
    assert "The speakers of 1 of 2 clips are unknown" in scored.stderr
    assert "--speaker" not in scored.stderr


def test_describe_names_segments_and_says_why_one_cannot_be_read(skser, clips, tmp_path):
    good = next((clips / "sad").iterdir())
    rows = [f"{good},sad,0,0.5", f"{good},calm,500,501"]
    (tmp_path / "list.csv").write_text("\n".join(["path,label,start,end", *rows]))
    result = skser("describe", tmp_path / "list.csv")
    assert f"{good} (500 to 501 s)" in result.stdout
    reason = result.stdout.split("\nunreadable\n")[1]
    assert f"{good}" in reason
    assert "500" in reason


def test_describe_as_json(skser, clips):
    described = json.loads(skser("describe", clips, "--json").stdout)
    assert described["corpus"]["clips"] == 27
    assert described["class"]["sad"] == 9
    assert described["faults"]["silent"] == {"count": 0, "which": []}


def test_extract_writes_the_values_of_the_union(skser, clips, tmp_path):
    output = tmp_path / "features.csv"
    flags = ["--features", "mfcc,rms", "--pooling", "mean,p95", "--deltas", "1"]
    result = skser("extract", clips, "-o", output, *SPEAKER, *flags)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    table = pd.read_csv(output)
    assert table.columns[:5].tolist() == ["path", "start", "end", "speaker", "emotion"]
    parameters = {"pooling": ["mean", "p95"], "deltas": 1}
    union = make_audio_union(MFCC(**parameters), RMS(**parameters))
    expected = union.fit_transform(table["path"])
    assert table.columns[5:].tolist() == union.get_feature_names_out().tolist()
    np.testing.assert_allclose(table.iloc[:, 5:], expected, rtol=1e-5)


def test_extract_writes_parquet(skser, clips, tmp_path):
    pytest.importorskip("pyarrow")
    tables = {}
    for suffix in ("csv", "parquet"):
        output = tmp_path / f"features.{suffix}"
        result = skser("extract", clips, "-o", output, "--features", "rms,zcr")
        assert result.exit_code == 0, result.stderr
        tables[suffix] = getattr(pd, f"read_{suffix}")(output)
    assert tables["parquet"].columns.tolist() == tables["csv"].columns.tolist()
    assert tables["parquet"]["emotion"].tolist() == tables["csv"]["emotion"].tolist()
    np.testing.assert_allclose(tables["parquet"].iloc[:, 5:], tables["csv"].iloc[:, 5:], rtol=1e-5)


def test_extract_names_columns_as_egemaps_does(skser, clips, tmp_path):
    output = tmp_path / "table.csv"
    result = skser("extract", clips, "-o", output, "--features", "egemaps,rms", "--deltas", "0")
    assert result.exit_code == 0, result.stderr
    table = pd.read_csv(output)
    egemaps = EGeMAPS().set_output(transform="pandas").fit_transform(table["path"])
    assert table.columns[5:-2].tolist() == egemaps.columns.tolist()
    assert table.columns[-2:].tolist() == ["rms__rms_mean", "rms__rms_std"]
    np.testing.assert_allclose(table[egemaps.columns], egemaps, rtol=1e-5)


@pytest.mark.parametrize("name", ["features.txt", "features"])
def test_extract_knows_three_formats(skser, name, tmp_path):
    result = skser("extract", "synthetic", "-o", tmp_path / name)
    assert result.exit_code == 1
    assert "name a .csv or a .xlsx or a .parquet file" in result.stderr


def test_extract_says_what_parquet_needs(skser, monkeypatch, tmp_path):
    monkeypatch.setattr("skser.cli._tables.find_spec", lambda name: None)
    result = skser("extract", "synthetic", "-o", tmp_path / "f.parquet")
    assert result.exit_code == 1
    assert "pip install pyarrow" in result.stderr


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            ["--features", "mfcc,volume"],
            "'volume' is unknown. Choose from all, alpharatio,",
        ),
        (["--features", "mfcc,mfcc"], "only once"),
        (["--features", "voice,pitch"], "only once"),
        (["--features", ""], "name at least one"),
        (["--pooling", ","], "--pooling"),
        (["--pooling", "average"], "average"),
    ],
)
def test_unknown_features_are_told(skser, clips, tmp_path, flags, message):
    result = skser("extract", clips, "-o", tmp_path / "f.csv", *flags)
    assert result.exit_code == 1
    assert message in result.stderr


def test_select_prints_a_line_a_step(skser, clips):
    flags = ["--keep", "rms", "--add", "zcr,mfcc", "--classifier", "lda", "--folds", "3"]
    result = skser("select", clips, *SPEAKER, *flags)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert [line.split("  ")[0] for line in lines[1:4]] == ["rms", "+ zcr", "+ mfcc"]
    assert lines[-1].startswith("Best: rms")
    assert "selection score" in lines[-1]


def test_select_adds_the_features_of_a_group_in_turn(skser, clips):
    flags = ["--keep", "rms", "--add", "voice", "--classifier", "lda", "--folds", "2", "--json"]
    result = skser("select", clips, *SPEAKER, *flags)
    assert result.exit_code == 0, result.stderr
    steps = json.loads(result.stdout)["steps"]
    assert [step["added"] for step in steps[:3]] == [["rms"], ["alpharatio"], ["formants"]]
    assert len(steps) == 13


def test_select_as_json_writes_a_model_that_predicts(skser, clips, tmp_path):
    output = tmp_path / "model.skser"
    flags = ["--keep", "", "--add", "rms,mfcc", "--folds", "2", "--json", "-o", output]
    result = skser("select", clips, *SPEAKER, *flags)
    selection = json.loads(result.stdout)
    assert [step["added"] for step in selection["steps"]] == [["rms"], ["mfcc"]]
    assert selection["steps"][0]["gain"] is None
    assert selection["best"]["uar"] == max(step["uar"] for step in selection["steps"])
    clip = next((clips / "sad").iterdir())
    assert skser("predict", output, clip).exit_code == 0


def test_select_needs_speakers(skser, clips):
    result = skser("select", clips)
    assert result.exit_code == 1
    assert "--speaker" in result.stderr


@pytest.mark.parametrize("classifier", ["svm", "lda", "conv1d"])
def test_train_writes_a_pipeline_that_predicts(skser, clips, tmp_path, classifier):
    output = tmp_path / "model.skser"
    flags = ["--classifier", classifier, "--features", "mfcc", "--epochs", "2"]
    result = skser("train", clips, "-o", output, *flags, "--memory", tmp_path / "store", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["classes"] == ["angry", "neutral", "sad"]
    pipeline = load_model(output)
    clip = str(next((clips / "sad").iterdir()))
    assert pipeline.predict([clip])[0] in pipeline.classes_
    assert pipeline.predict_proba([clip]).sum() == pytest.approx(1)
    # The store of this computer is of no use elsewhere.
    assert pipeline.named_steps["features"].memory is None


@pytest.mark.parametrize(
    ("features", "n_members"), [("voice", 12), ("egemaps", 1), ("mfcc,voice,egemaps", 14)]
)
def test_train_on_the_voice(skser, clips, tmp_path, features, n_members):
    output = tmp_path / "model.skser"
    result = skser("train", clips, "-o", output, "--features", features, "--classifier", "lda")
    assert result.exit_code == 0, result.stderr
    pipeline = load_model(output)
    assert len(pipeline.named_steps["features"].transformer_list) == n_members


def test_all_is_every_feature_but_egemaps():
    groups, classes = feature_groups(), feature_classes()
    assert {*groups["all"], "egemaps"} == {*classes}
    assert len(groups["voice"]) == 12
    spectral = {*groups["all"]} - {*groups["voice"]}
    assert all(issubclass(classes[name], AudioFeature) for name in spectral)


@pytest.mark.parametrize("command", ["train", "select"])
def test_labels_are_those_of_the_machine_itself(skser, clips, tmp_path, command):
    """From so little that the machine and its probabilities could come to differ."""
    output = tmp_path / "model.skser"
    flags = {"train": ["--features", "zcr"], "select": ["--keep", "zcr", "--add", ""]}
    little = ["--pooling", "mean", "--deltas", "0"]
    result = skser(command, clips, "-o", output, *SPEAKER, *flags[command], *little)
    assert result.exit_code == 0, result.stderr
    model = load_model(output)
    paths = sorted(str(path) for path in clips.glob("*/*.wav"))
    machine = SVC(C=10, class_weight="balanced", break_ties=True)
    alone = make_pipeline(ZCR(pooling="mean"), StandardScaler(), machine)
    labels = alone.fit(paths, [Path(path).parent.name for path in paths]).predict(paths)
    assert model.predict(paths).tolist() == labels.tolist()
    probabilities = model.predict_proba(paths)
    assert model.classes_[probabilities.argmax(axis=1)].tolist() == labels.tolist()


def test_train_calibrates_on_speakers_that_are_told(skser, clips, tmp_path, monkeypatch):
    splits = []
    split = StratifiedGroupKFold.split

    def watched(self, X, y, groups):
        splits.extend(split(self, X, y, groups))
        return iter(splits)

    monkeypatch.setattr(StratifiedGroupKFold, "split", watched)
    output = tmp_path / "model.skser"
    result = skser("train", clips, "-o", output, "--features", "rms", *SPEAKER)
    assert "unknown" not in result.stderr
    assert len(splits) == 3


def test_train_says_what_unknown_speakers_do_to_probabilities(skser, clips, tmp_path):
    flags = ["-o", tmp_path / "model.skser", "--features", "rms"]
    assert "too high for new speakers. Say" in skser("train", clips, *flags).stderr
    assert "too high" not in skser("train", clips, *flags, "--classifier", "lda").stderr


@pytest.mark.parametrize("command", ["evaluate", "report", "select"])
def test_nothing_is_calibrated_where_only_labels_count(
    skser, clips, model, tmp_path, monkeypatch, command
):
    def calibrate(*_, **__):
        raise AssertionError("calibrated")

    monkeypatch.setattr(CalibratedClassifierCV, "fit", calibrate)
    monkeypatch.chdir(tmp_path)
    flags = {
        "evaluate": [*FAST],
        "report": [*FAST, "--pairs", "0"],
        "select": ["--keep", "rms", "--add", "zcr", "--folds", "2"],
    }
    result = skser(command, clips, *SPEAKER, *flags[command])
    assert result.exit_code == 0, result.output
    if command != "select":
        result = skser(command, clips, *SPEAKER, *flags[command][2:], "--model", model)
        assert result.exit_code == 0, result.output


def test_train_says_where_it_cannot_write(skser, clips, tmp_path):
    result = skser("train", clips, "-o", tmp_path / "no" / "m.skser", "--features", "rms")
    assert result.exit_code == 1
    assert "does not exist. Create it" in result.stderr


def test_evaluate_takes_the_pipeline_of_a_model(skser, clips, model):
    result = skser("evaluate", clips, *SPEAKER, "--model", model, "--folds", "2", "--json")
    assert result.exit_code == 0, result.stderr
    protocols = json.loads(result.stdout)["protocols"]
    assert protocols["speaker-disjoint"]["n_folds"] == 2
    assert protocols["sentence-disjoint"]["uar"] is None


def test_predict_prints_file_label_and_probability(skser, clips, model):
    files = sorted((clips / "angry").iterdir())[:2]
    result = skser("predict", model, *files)
    assert result.exit_code == 0
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert [row[0] for row in rows] == [str(file) for file in files]
    assert {row[1] for row in rows} <= {"angry", "neutral", "sad"}
    assert all(1 / 3 <= float(row[2]) <= 1 for row in rows)
    assert "runs the code" not in result.stderr


def test_predict_as_json_has_every_probability(skser, clips, model):
    file = next((clips / "sad").iterdir())
    (result,) = json.loads(skser("predict", model, file, "--json").stdout)
    assert result["file"] == str(file)
    assert result["probability"] == result["probabilities"][result["label"]]
    assert sum(result["probabilities"].values()) == pytest.approx(1)


class Undecided(DummyClassifier):
    """Decides on a label that is not the most probable one."""

    def predict_proba(self, X):
        return np.tile([0.7, 0.1, 0.2], (len(X), 1))


def test_predict_prints_the_decision_with_its_own_probability(skser, clips, tmp_path):
    model = tmp_path / "model.pkl"
    decided = Undecided(strategy="constant", constant="sad")
    model.write_bytes(pickle.dumps(decided.fit(np.zeros((3, 1)), ["angry", "neutral", "sad"])))
    file = next((clips / "sad").iterdir())
    result = skser("predict", model, file, "--allow-pickle")
    assert result.stdout == f"{file}\tsad\t0.200\n"
    assert "runs the code" in result.stderr


class Marker:
    """An object whose pickle makes a folder when it is opened."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("suffix", [".pkl", ".skser"])
@pytest.mark.parametrize("command", ["predict", "evaluate", "report", "info"])
def test_a_pickle_is_not_opened_unasked(skser, clips, tmp_path, command, suffix):
    model = tmp_path / f"model{suffix}"
    model.write_bytes(pickle.dumps(Marker(tmp_path / "opened")))
    file = next((clips / "sad").iterdir())
    page = ["-o", tmp_path / "r.html"] if command == "report" else []
    scored = [clips, *SPEAKER, *page, "--model", model]
    result = skser(command, *{"predict": [model, file], "info": [model]}.get(command, scored))
    assert result.exit_code == 1
    assert "pickle" in result.stderr
    assert not (tmp_path / "opened").exists()


def test_train_writes_a_pickle_to_a_file_that_is_named_so(skser, clips, tmp_path):
    model = tmp_path / "model.pkl"
    trained = skser("train", clips, "-o", model, "--features", "rms")
    assert "is a pickle" in trained.stderr
    assert pickle.loads(model.read_bytes()).predict([next((clips / "sad").iterdir())]).size == 1


def test_info_prints_the_card(skser, model):
    card = json.loads(skser("info", model, "--json").stdout)
    assert card["classes"] == ["angry", "neutral", "sad"]
    assert card["corpus"] == {"name": "clips", "n_clips": 27, "n_speakers": None}
    shown = skser("info", model).stdout
    assert re.search(r"^classes +angry, neutral, sad$", shown, re.MULTILINE)
    assert re.search(r"^input +kind clips, sample_rate 22050$", shown, re.MULTILINE)


def test_predict_extracts_features_once(skser, clips, model, monkeypatch):
    transformed = []
    transform = AudioFeatureUnion.transform

    def watched(self, X):
        transformed.extend(X)
        return transform(self, X)

    monkeypatch.setattr(AudioFeatureUnion, "transform", watched)
    file = str(next((clips / "sad").iterdir()))
    assert skser("predict", model, file).exit_code == 0
    assert transformed == [file]


@pytest.mark.parametrize("flags", [[], ["--allow-pickle"]])
@pytest.mark.parametrize(
    "content", [b"", b"no pickle", b"\x80\x04K\x01.", b"cno_such\nname\n.", b"PK\x03\x04no zip"]
)
def test_what_is_no_model_is_told(skser, tmp_path, content, flags):
    path = tmp_path / "model.skser"
    path.write_bytes(content)
    result = skser("predict", path, "a.wav", *flags)
    assert result.exit_code == 1
    assert "model.skser' " in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", [["predict", "gone.skser", "a.wav"], ["info", "gone.skser"]])
def test_a_missing_model_is_told(skser, command):
    result = skser(*command)
    assert result.exit_code == 1
    assert "does not exist. Write one" in result.stderr


def test_report_writes_a_page(skser, clips, tmp_path):
    output = tmp_path / "r.html"
    flags = ["--pairs", "1", "--title", "Mine", "--classifier", "lda", "--json"]
    result = skser("report", clips, "-o", output, *SPEAKER, *FAST, *flags)
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout) == {"output": str(output)}
    page = output.read_text(encoding="utf-8")
    assert "<h1>Mine</h1>" in page
    assert "skser report &#39;…/clips&#39;" in page


def test_report_of_a_selection_has_its_curve(skser, clips, tmp_path):
    output = tmp_path / "r.html"
    flags = ["--select", "--pairs", "0", "--classifier", "lda"]
    result = skser("report", clips, "-o", output, *SPEAKER, *FAST, *flags)
    assert result.exit_code == 0, result.stderr
    assert "These are selection scores" in output.read_text(encoding="utf-8")


def test_report_of_a_model(skser, clips, tmp_path, model):
    output = tmp_path / "r.html"
    flags = ["--model", model, "--pairs", "0", "--folds", "3"]
    assert skser("report", clips, "-o", output, *flags).exit_code == 0
    assert "The speakers of this corpus are not known" in output.read_text(encoding="utf-8")


def test_report_chooses_or_is_given_a_pipeline(skser, clips, tmp_path, model):
    result = skser("report", clips, "-o", tmp_path / "r.html", "--model", model, "--select")
    assert result.exit_code == 1
    assert "Omit one of them" in result.stderr


def test_the_number_of_speakers_is_told_before_the_work(skser, clips, tmp_path):
    """An expression without brackets takes the whole of a name for the speaker."""
    flags = ["-o", tmp_path / "m.skser", "--features", "rms"]
    told = skser("train", clips, *flags, *SPEAKER).stderr
    assert re.search(r"\d+ clips of \d+ speakers, 1 feature$", told, re.MULTILINE)
    assert re.search(r"\d+ clips, 1 feature$", skser("train", clips, *flags).stderr, re.MULTILINE)


def test_fast_is_what_is_trained_and_evaluated_unless_flags_describe_a_pipeline(
    skser, clips, tmp_path
):
    output = tmp_path / "model.skser"
    result = skser("train", clips, "-o", output)
    assert result.exit_code == 0, result.stderr
    members = dict(load_model(output).named_steps["features"].transformer_list)
    assert {"mfcc", "mfcc_32ms", "egemaps"} <= {*members}
    protocols = [
        json.loads(skser("evaluate", clips, *SPEAKER, *flags, "--folds", "2", "--json").stdout)
        for flags in ([], ["--model", "fast"], ["--model", output], ["--features", "zcr"])
    ]
    assert protocols[0] == protocols[1] == protocols[2] != protocols[3]


@pytest.mark.slow
def test_best_is_trained_evaluated_and_reported(skser, clips, tmp_path):
    output, page = tmp_path / "model.skser", tmp_path / "report.html"
    flags = ["--model", "best", "--epochs", "1"]
    result = skser("train", clips, "-o", output, *flags, "--onnx")
    assert result.exit_code == 0, result.stderr
    assert load_model(output, runtime="onnx").predict([next((clips / "sad").iterdir())]).size
    model = load_model(output)
    assert [name for name, _ in model.estimators] == ["fast", "network"]
    assert model.named_estimators_["network"][-1].epochs == 1
    assert all(union.memory is None for union in outermost(model, AudioFeatureUnion))
    for command in (["evaluate"], ["report", "-o", page, "--pairs", "0"]):
        result = skser(command[0], clips, *SPEAKER, *command[1:], *flags, "--folds", "2")
        assert result.exit_code == 0, result.stderr
    clip = next((clips / "sad").iterdir())
    assert skser("predict", output, clip).exit_code == 0


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--model", "fast", "--features", "mfcc"], "--features describes a pipeline"),
        (["--model", "best", "--classifier", "lda"], "--classifier describes a pipeline"),
        (["--model", "fast", "--epochs", "3"], "--model fast has none"),
        (["--epochs", "3"], "--model fast has none"),
        (["--model", "my.skser", "--deltas", "0"], "--deltas describes a pipeline"),
        (["--model", "my.skser", "--epochs", "2"], "no effect on the pipeline of a model file"),
        (["--model", "fastest"], "does not exist. Write one"),
    ],
)
def test_flags_that_contradict_each_other_are_refused(skser, clips, flags, message):
    result = skser("evaluate", clips, *SPEAKER, *flags)
    assert result.exit_code == 1
    assert message in " ".join(result.stderr.split())


def test_the_embedding_is_named_where_it_is_missing(skser, clips, tmp_path, monkeypatch):
    monkeypatch.setenv("SKSER_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "executable", "/my envs/bin/python")
    result = skser("train", clips, "-o", tmp_path / "m.skser")
    assert '"/my envs/bin/python" -c "import skser; skser.fetch_speech' in result.stderr


def test_graphs_do_not_go_into_a_pickle(skser, clips, tmp_path):
    result = skser("train", clips, "-o", tmp_path / "m.pkl", "--onnx")
    assert result.exit_code == 1
    assert "Name a .skser file" in result.stderr


def test_what_graphs_need_is_told_before_training(skser, clips, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    result = skser("train", clips, "-o", tmp_path / "m.skser", "--onnx")
    assert result.exit_code == 1
    assert "skser[export]" in result.stderr
    assert "clips of" not in result.stderr


def test_a_card_is_shown_on_its_lines(skser, clips, monkeypatch, tmp_path):
    card = {"author": "me\nlicence  CC0", "input": {"a\x1b": ["b\n"]}}
    monkeypatch.setattr("skser.cli._info.read_card", lambda path: card)
    (tmp_path / "m.skser").touch()
    lines = skser("info", tmp_path / "m.skser").stdout.splitlines()
    assert lines == [r"author  me\nlicence  CC0", r"input   a\x1b b\n"]


def test_all_lines_of_an_error_are_told(skser, clips, monkeypatch):
    def fail(*args, **kwargs):
        raise ValueError("first\n  second\n")

    monkeypatch.setattr("skser.cli._describe.describe_corpus", fail)
    assert skser("describe", clips).stderr == "Error: first second\n"
