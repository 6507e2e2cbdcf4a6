"""What `skser evaluate` prints and writes, and what it refuses before it computes."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import StratifiedGroupKFold

from skser import load_folder, uar_score

SPEAKER = ["--speaker", r"(s\d+)_"]
FAST = ["--features", "mfcc,rms", "--classifier", "lda", "--pooling", "mean", "--deltas", "0"]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Features, kept from one test to the next."""
    return ["--memory", tmp_path_factory.mktemp("store")]


def scores_of(skser, clips, *flags):
    result = skser("evaluate", clips, *SPEAKER, *FAST, *flags, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_it_prints_scores_speakers_folds_and_protocols(skser, clips, store):
    result = skser("evaluate", clips, *SPEAKER, *FAST, *store)
    assert result.exit_code == 0, result.stderr
    headline, _, speakers, folds, protocols = result.stdout.split("\n\n")
    assert re.match(r"UAR \d\.\d{3} on new speakers \(no interval: 3 speakers are ", headline)
    assert "UAR by chance 0.333" in headline
    assert "Pooled over all 27 clips" in headline
    assert [row.split()[-1] for row in speakers.splitlines()[1::2]] == ["worst", "best"]
    assert {row.split()[-1] for row in folds.splitlines()[1:]} == {"s01", "s02", "s03"}
    title, _, *rows = protocols.splitlines()
    assert title == "Mean over folds, for each way to split"
    assert [row.split()[0] for row in rows] == ["random", "speaker-disjoint"]  # no sentences
    assert "3 folds instead of 5, because there are 3 speakers." in result.stderr


def test_pooled_and_mean_are_what_they_say(skser, clips, store, tmp_path):
    output = tmp_path / "predictions.csv"
    scores = scores_of(skser, clips, *store, "--predictions", output)
    table = pd.read_csv(output)
    assert scores["uar"] == pytest.approx(uar_score(table["true"], table["predicted"]))
    folds = [uar_score(fold["true"], fold["predicted"]) for _, fold in table.groupby("fold")]
    assert scores["protocols"]["speaker-disjoint"]["uar"] == pytest.approx(np.mean(folds))
    assert [fold["uar"] for fold in scores["folds"]] == pytest.approx(folds)


def test_the_folds_are_those_of_the_report(skser, clips, store, tmp_path):
    corpus = load_folder(clips, group=SPEAKER[1])
    output = tmp_path / "predictions.csv"
    scores_of(skser, clips, *store, "--folds", "2", "--predictions", output)
    fold = pd.read_csv(output)["fold"]
    cv = StratifiedGroupKFold(2, shuffle=True, random_state=0)
    for number, (_, test) in enumerate(cv.split(corpus.data, corpus.target, corpus.groups), 1):
        assert np.flatnonzero(fold == number).tolist() == test.tolist()


def test_ten_speakers_have_an_interval(skser, clips, store, tmp_path):
    for place, clip in enumerate(sorted(clips.glob("*/*.wav"))):
        copy = tmp_path / clip.parent.name / f"s{place % 10:02d}_{place}.wav"
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(clip.read_bytes())
    result = skser("evaluate", tmp_path, *SPEAKER, *FAST, *store, "--folds", "3")
    assert re.match(
        r"UAR [\d.]+ on new speakers, 95 % interval [\d.]+ to [\d.]+ \(.*10 speakers\)",
        result.stdout,
    )


def test_predictions_are_a_row_a_clip_with_the_columns_of_the_table(skser, clips, tmp_path, store):
    table = load_folder(clips, group=SPEAKER[1]).frame[["path", "label", "speaker"]]
    table = table.assign(start=0.1, end=1.0, age=range(27), note="a, b", fold="train")
    table.to_csv(tmp_path / "table.csv", index=False)
    output = tmp_path / "predictions.csv"
    result = skser("evaluate", tmp_path / "table.csv", *FAST, *store, "--predictions", output)
    assert result.exit_code == 0, result.stderr
    written = pd.read_csv(output)
    assert written.columns[:10].tolist() == [
        *("path", "start", "end", "speaker", "fold", "true", "predicted"),
        *("p_angry", "p_neutral", "p_sad"),
    ]
    assert written["path"].tolist() == table["path"].tolist()
    assert written["age"].tolist() == table["age"].tolist()
    assert set(written["note"]) == {"a, b"}
    assert set(written["fold (table)"]) == {"train"}
    assert set(written["end"]) == {1.0}
    shares = written[["p_angry", "p_neutral", "p_sad"]]
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    likeliest = shares.idxmax(axis=1).str.removeprefix("p_")
    assert likeliest.tolist() == written["predicted"].tolist()
    assert written.groupby("speaker")["fold"].nunique().eq(1).all()


def test_probabilities_do_not_change_the_labels_of_a_machine(skser, clips, store, tmp_path):
    output = tmp_path / "predictions.csv"
    flags = [*SPEAKER, "--features", "mfcc,rms", "--json", *store]
    plain = json.loads(skser("evaluate", clips, *flags).stdout)
    told = json.loads(skser("evaluate", clips, *flags, "--predictions", output).stdout)
    assert plain["uar"] == told["uar"]
    np.testing.assert_allclose(pd.read_csv(output).filter(like="p_").sum(axis=1), 1)


def test_other_test_speakers_are_other_fits_and_another_score(skser, clips, store, monkeypatch):
    fitted = []
    fit = LinearDiscriminantAnalysis.fit

    def watched(self, X, y):
        fitted.append(np.asarray(X).tobytes())
        return fit(self, X, y)

    monkeypatch.setattr(LinearDiscriminantAnalysis, "fit", watched)
    scores = []
    for speakers in ("s01", "s02", "s03", "s03, s01"):
        scores.append(scores_of(skser, clips, *store, "--test-speakers", speakers))
        tested = {name for fold in scores[-1]["folds"] for name in fold["speakers"]}
        assert tested == set(speakers.split(", "))
        assert "protocols" not in scores[-1]
    assert len(fitted) == len(set(fitted)) == 4
    assert len({json.dumps(score["speakers"]) for score in scores}) == 4
    again = scores_of(skser, clips, *store, "--test-speakers", "s02")
    assert again == scores[1]


def test_a_given_split_is_what_arithmetic_says(skser, clips, store, tmp_path):
    output = tmp_path / "predictions.csv"
    flags = ["--test-speakers", "s02", "--predictions", output]
    scores = scores_of(skser, clips, *store, *flags)
    table = pd.read_csv(output)
    assert set(table["speaker"]) == {"s02"}
    assert len(table) == 9
    assert scores["uar"] == pytest.approx(uar_score(table["true"], table["predicted"]))


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--test-speakers", "s04"], "has no speaker 's04'. The speakers are 's01', 's02', 's03'"),
        (["--test-speakers", ","], "name at least one"),
        (["--test-speakers", "s01,s02,s03"], "names every speaker"),
        (["--test-speakers", "s01", "--test-speakers", "s09"], "has no speaker 's09'"),
        (["--test-speakers", "s01", "--folds", "3"], "--folds cannot be used"),
        (["--predictions", "p.txt"], "name a .csv or a .xlsx file"),
        (["--predictions", "no/p.csv"], "does not exist. Create it"),
    ],
)
def test_what_cannot_be_is_told_before_the_work(skser, clips, flags, message):
    result = skser("evaluate", clips, *SPEAKER, *FAST, *flags)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "clips of" not in result.stderr


@pytest.fixture
def small(clips, tmp_path):
    """Make a folder with some clips of some speakers."""

    def make(**speakers_of):
        for emotion, speakers in speakers_of.items():
            (tmp_path / "small" / emotion).mkdir(parents=True)
            for i, (speaker, clip) in enumerate(
                zip(speakers, sorted((clips / emotion).iterdir()), strict=False)
            ):
                copy = tmp_path / "small" / emotion / f"{speaker}_{i}.wav"
                copy.write_bytes(clip.read_bytes())
        return tmp_path / "small"

    return make


COMMANDS = {
    "describe": [],
    "train": ["-o", "model.skser", *FAST],
    "evaluate": FAST,
    "report": FAST,
    "select": ["--keep", "rms", "--add", "zcr", "--classifier", "lda"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_one_speaker_is_one_answer(skser, small, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    folder = small(angry=["s01"] * 3, sad=["s01"] * 3)
    result = skser(command, folder, *SPEAKER, *COMMANDS[command])
    assert (
        "All 6 clips are of one speaker, 's01', so the recognition of new speakers" in result.output
    )
    assert result.exit_code == (0 if command in ("describe", "train") else 1)
    assert len(list(tmp_path.iterdir())) == (2 if command == "train" else 1)


@pytest.mark.parametrize("command", COMMANDS)
def test_one_class_is_one_answer(skser, small, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    folder = small(sad=["s01", "s02", "s03"])
    result = skser(command, folder, *SPEAKER, *COMMANDS[command])
    assert "Every clip is labelled 'sad', so there is nothing to recognise" in result.output
    assert result.exit_code == (0 if command == "describe" else 1)


@pytest.mark.parametrize("command", ["evaluate", "report", "select"])
def test_a_class_with_fewer_clips_than_folds_is_named(skser, small, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    folder = small(angry=["s01", "s02", "s03"], sad=["s01", "s02"], neutral=["s01", "s02", "s03"])
    result = skser(command, folder, *SPEAKER, *COMMANDS[command])
    assert result.exit_code == 1
    assert "With 3 folds, each class needs 3 clips" in result.stderr
    assert "'sad' has 2 clips. Add clips of it, leave it out, or pass --folds 2." in result.stderr


@pytest.mark.slow
def test_the_report_has_the_same_figures(skser, clips, store, tmp_path):
    scores = scores_of(skser, clips, *store)
    page = tmp_path / "report.html"
    flags = [*SPEAKER, *FAST, *store, "--protocols", "--pairs", "0", "-o", page]
    assert skser("report", clips, *flags).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert re.search(rf"<b>{scores['uar']:.3f}</b><span>UAR</span>", text)
    for protocol in ("random", "speaker-disjoint"):
        assert re.search(
            rf"<th>{protocol}</th>.*>{scores['protocols'][protocol]['uar']:.3f}<", text
        )
