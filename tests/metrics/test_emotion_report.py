from dataclasses import replace

import matplotlib
import matplotlib.pyplot
import numpy as np
import pandas as pd
import pytest
from scipy.stats import permutation_test, ttest_1samp
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skser import (
    RMS,
    EmotionReport,
    SpeakerNormalizer,
    confusion_pairs,
    confusion_ranking,
    make_emotional_speech,
    uar_score,
    with_speakers,
)
from skser.metrics._gaps import gap_and_luck

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    matplotlib.pyplot.close("all")


@pytest.fixture
def predictions(rng):
    """True and predicted emotions of 20 speakers, half of whom are always recognised."""
    true = np.tile(np.repeat(["angry", "calm", "sad"], 4), 20)
    speakers = np.repeat(np.arange(20), 12)
    guessed = rng.choice(["angry", "calm", "sad"], len(true))
    return true, np.where(speakers % 2, true, guessed), speakers


@pytest.fixture
def report(predictions):
    return EmotionReport.from_predictions(*predictions, random_state=0)


def test_it_holds_scores_and_tables(report, predictions):
    true, predicted, _ = predictions
    assert report.uar == uar_score(true, predicted)
    assert report.accuracy == (true == predicted).mean()
    assert report.ranking.equals(confusion_ranking(true, predicted))
    assert report.pairs.equals(confusion_pairs(true, predicted))


def test_it_holds_the_counts_of_true_by_predicted_class(report, predictions):
    true, predicted, _ = predictions
    assert report.confusion.loc["angry", "sad"] == ((true == "angry") & (predicted == "sad")).sum()


def test_it_lets_an_estimator_predict():
    estimator = DummyClassifier(strategy="constant", constant="a").fit(np.zeros((2, 1)), ["a", "b"])
    report = EmotionReport.from_estimator(estimator, np.zeros((4, 1)), list("aabb"), [1, 2, 1, 2])
    assert report.uar == 0.5
    assert report.confusion["a"].tolist() == [2, 2]


class TestInterval:
    def test_it_holds_the_score(self, report):
        low, high = report.uar_interval
        assert low < report.uar < high

    def test_speakers_make_it_wider_than_clips(self, report, predictions):
        clips = EmotionReport.from_predictions(*predictions[:2], random_state=0)
        width = np.diff(report.uar_interval)
        assert width > 1.5 * np.diff(clips.uar_interval)

    def test_it_tells_what_it_covers(self, report, predictions):
        clips = EmotionReport.from_predictions(*predictions[:2], random_state=0)
        assert report.covers == "new speakers: t over 20 speakers"
        assert clips.covers == "other clips of the same speakers: bootstrap over 240 clips"

    def test_over_balanced_speakers_it_is_the_t_interval_of_their_scores(self, report, predictions):
        true, predicted, speakers = predictions
        each = [uar_score(true[speakers == s], predicted[speakers == s]) for s in range(20)]
        expected = ttest_1samp(each, 0).confidence_interval(0.95)
        np.testing.assert_allclose(report.uar_interval, expected)

    def test_over_clips_it_repeats_under_a_random_state(self, predictions):
        first, second = (
            EmotionReport.from_predictions(*predictions[:2], random_state=0) for _ in range(2)
        )
        assert first.uar_interval == second.uar_interval

    def test_speakers_with_few_clips_of_a_class_count_for_little(self):
        """One clip of a speaker is not one score among others."""
        true = np.array(["a", "b"] * 60 + ["a"])
        predicted = np.array(["a", "a"] * 60 + ["b"])
        speakers = np.array([*np.repeat(range(12), 10), 12])
        low, high = EmotionReport.from_predictions(true, predicted, speakers).uar_interval
        assert 0 < high - low < 0.05

    def test_it_stays_within_zero_and_one(self):
        true = np.tile(["a", "b"], 10)
        predicted = np.where(np.arange(20) < 2, "a", true)
        report = EmotionReport.from_predictions(true, predicted, np.repeat(range(10), 2))
        assert report.uar < report.uar_interval[1] == 1

    def test_a_lower_confidence_makes_it_narrower(self, report, predictions):
        low = EmotionReport.from_predictions(*predictions, confidence_level=0.5, random_state=0)
        assert np.diff(low.uar_interval) < np.diff(report.uar_interval)

    def test_a_draw_without_a_class_leaves_it_out(self):
        report = EmotionReport.from_predictions(list("aaab"), list("aabb"), random_state=0)
        low, high = report.uar_interval
        assert 0 <= low < high == 1

    @pytest.mark.parametrize("groups", [np.repeat(range(12), 4), None], ids=["speakers", "clips"])
    @pytest.mark.parametrize("predicted", ["abab", "bbbb"], ids=["all right", "one class"])
    def test_where_nothing_differs_there_is_no_interval_of_no_width(self, groups, predicted):
        """Twelve speakers without an error do not show that the thirteenth has none."""
        true, said = np.tile(list("abab"), 12), np.tile(list(predicted), 12)
        report = EmotionReport.from_predictions(true, said, groups, random_state=0)
        assert report.uar_interval is None
        assert "no interval" in str(report).splitlines()[1]
        assert f"UAR {report.uar:.3f}, accuracy" in str(report)

    def test_it_needs_two_clips_to_draw_from(self):
        with pytest.raises(ValueError, match=r"needs at least two clips, got 1\. Add clips"):
            EmotionReport.from_predictions(["a"], ["a"])


class TestFewSpeakers:
    @pytest.fixture
    def few(self, predictions):
        return [values[predictions[2] < 9] for values in predictions]

    def test_nine_have_no_interval_and_ten_have_one(self, few, predictions):
        ten = [values[predictions[2] < 10] for values in predictions]
        assert EmotionReport.from_predictions(*few).uar_interval is None
        assert EmotionReport.from_predictions(*ten).uar_interval is not None

    def test_each_has_scores_of_its_own(self, few):
        table = EmotionReport.from_predictions(*few).speakers
        true, predicted, speakers = few
        assert sorted(table.index) == list(range(9))
        assert table["uar"].is_monotonic_increasing
        rows = speakers == 4
        assert table.loc[4, "uar"] == uar_score(true[rows], predicted[rows])
        assert table.loc[4, "accuracy"] == (true[rows] == predicted[rows]).mean()
        assert table.loc[4, "support"] == 12

    def test_they_are_shown_in_place_of_the_interval(self, few):
        report = EmotionReport.from_predictions(*few)
        for shown in (str(report), report._repr_html_()):
            assert "interval 0" not in shown
            assert "9 speakers: too few for an interval" in shown
            assert "speaker" in shown.replace("9 speakers", "")
        title = report.plot().ax_.get_title()
        assert title == f"UAR {report.uar:.3f}"

    def test_one_is_enough(self):
        report = EmotionReport.from_predictions(["a", "b"], ["a", "a"], [1, 1])
        assert report.uar_interval is None
        assert report.speakers["uar"].tolist() == [0.5]
        assert "1 speaker: too few" in str(report)


def test_many_speakers_are_not_listed(report):
    assert len(report.speakers) == 20
    assert "\nspeaker" not in str(report)
    assert report._repr_html_().count("<table") == 3


@pytest.mark.parametrize(
    "groups",
    [np.array(["x", None, "y"], object), ["x", np.nan, "y"], [1.0, np.nan, 2.0]],
    ids=["None", "NaN beside text", "NaN beside numbers"],
)
def test_clips_of_no_known_speaker_are_refused(groups):
    with pytest.raises(ValueError, match="groups lacks the speaker of 1 of 3 clips"):
        EmotionReport.from_predictions(list("aab"), list("aab"), groups)


@pytest.mark.parametrize("container", [list, pd.Series, lambda names: np.array(names, object)])
def test_speakers_named_by_several_types_are_refused(container):
    with pytest.raises(
        ValueError, match=r"mixes the types int and str, .* Use one type, for example \[str"
    ):
        EmotionReport.from_predictions(list("aab"), list("aab"), container([1, "1", 2]))


def test_what_a_terminal_would_obey_is_shown_as_an_escape():
    true, speakers = ["\x1b[31mred", "b", "b"], ["\x1b]0;title\x07", "two", "two"]
    report = EmotionReport.from_predictions(true, ["b", "\x1b[31mred", "b"], speakers)
    for text in (str(report), report._repr_html_()):
        assert "\x1b" not in text
        assert text.count(r"\x1b[31mred") >= 3
        assert r"\x1b]0;title\x07" in text
    assert report.ranking.index[0] == "\x1b[31mred"


@pytest.mark.parametrize("parameter", [{"confidence_level": 95}, {"n_resamples": 0}])
def test_a_parameter_out_of_range_is_refused(parameter):
    with pytest.raises(ValueError, match=f"'{next(iter(parameter))}' parameter"):
        EmotionReport.from_predictions(list("aab"), list("aab"), **parameter)


def test_lengths_that_differ_are_refused():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        EmotionReport.from_predictions(["a", "b"], ["a", "b"], [1, 2, 3])


def test_as_text_it_names_scores_classes_and_pairs(report):
    text = str(report)
    assert text.startswith(f"UAR {report.uar:.3f}, 95 % interval {report.uar_interval[0]:.3f} to")
    assert "(new speakers: t over 20 speakers)" in text
    assert "240 clips, 3 classes" in text
    assert "precision" in text
    assert "predicted" in text


def test_as_text_it_has_no_table_of_pairs_without_an_error():
    text = str(EmotionReport.from_predictions(["a", "b"], ["a", "b"], random_state=0))
    assert "predicted" not in text


def test_as_html_labels_are_text(predictions):
    true, predicted, speakers = predictions
    true = np.where(true == "sad", "<b>", true)
    html = EmotionReport.from_predictions(true, predicted, speakers)._repr_html_()
    assert html.count("<table") == 3
    assert "&lt;b&gt;" in html


def test_the_picture_shows_shares_of_each_true_class(report):
    image = report.plot().ax_.images[0].get_array()
    np.testing.assert_allclose(image.sum(axis=1), 1)
    assert report.figure_.axes[0].get_title().startswith(f"UAR {report.uar:.3f}")


def test_it_draws_into_given_axes(report):
    _, ax = matplotlib.pyplot.subplots()
    assert report.plot(ax, cmap="Greens").ax_ is ax
    assert ax.images[0].get_cmap().name == "Greens"


def test_missing_labels_are_refused():
    with pytest.raises(ValueError, match="missing labels"):
        EmotionReport.from_predictions(["sad", None], ["sad", "sad"])


@pytest.mark.parametrize(("unseen", "says"), [("batch", True), ("global", False)])
def test_it_says_if_test_clips_took_part_in_the_predictions(unseen, says):
    speech = make_emotional_speech(2, 3, emotions=["angry", "sad"], random_state=0)
    X = with_speakers(speech.data, speech.groups)
    model = make_pipeline(SpeakerNormalizer(RMS(), unseen=unseen), LogisticRegression())
    model.fit(X[:6], speech.target[:6])
    report = EmotionReport.from_estimator(model, X[6:], speech.target[6:], speech.groups[6:])
    assert report.transductive is says
    assert ("transductive: test clips took part" in str(report)) is says
    known = EmotionReport.from_estimator(model, X[:6], speech.target[:6])
    assert not known.transductive


class TestGroups:
    @pytest.fixture
    def sexes(self, predictions):
        """Women, who are numbered 0 to 9, and men; the last man's sex is not known."""
        sexes = np.where(predictions[2] < 10, "female", "male").astype(object)
        sexes[predictions[2] == 19] = None
        return sexes

    def test_each_group_has_the_scores_of_its_clips(self, report, predictions, sexes):
        true, predicted, _ = predictions
        table = report.by_group(sexes, "sex")
        women = sexes == "female"
        assert table.index.name == "sex"
        assert table.loc["female", "uar"] == uar_score(true[women], predicted[women])
        assert table.loc["female", "accuracy"] == (true[women] == predicted[women]).mean()
        assert table["support"].to_dict() == {"female": 120, "male": 108}
        assert table["n_speakers"].to_dict() == {"female": 10, "male": 9}

    def test_each_group_has_its_most_frequent_confusion(self):
        true, told = list("aabbaab"), list("abbbabb")
        report = EmotionReport.from_predictions(true, told, random_state=0)
        table = report.by_group(list("xxxyyyy"))
        assert table.loc["x", ["true", "predicted", "share"]].tolist() == ["a", "b", 0.5]
        perfect = EmotionReport.from_predictions(true, true).by_group(["x"] * 7)
        assert perfect.loc["x", ["true", "predicted", "share"]].tolist() == [None, None, 0]
        assert "n_speakers" not in table

    @pytest.mark.parametrize(("a", "b"), [("a", "b"), (0, 1), (False, True)])
    def test_labels_of_a_confusion_keep_their_type(self, a, b):
        report = EmotionReport.from_predictions([a, b, a, b], [b, b, a, b])
        table = report.by_group(["x", "x", "y", "y"])
        assert table[["true", "predicted", "share"]].to_dict("split")["data"] == [
            [a, b, 1],
            [None, None, 0],
        ]
        assert [type(value) for value in table.loc["x", ["true", "predicted"]]] == [type(a)] * 2
        assert table["share"].dtype == float

    def test_the_gap_between_speakers_is_that_of_the_best_and_the_worst(self, report):
        row = report.gaps(random_state=0).loc["speaker"]
        each = report.speakers["uar"]
        assert row["worst_uar"] == each.iloc[0] == each[row["worst"]]
        assert row["best_uar"] == each.iloc[-1] == each[row["best"]]
        assert row["gap"] == pytest.approx(each.iloc[-1] - each.iloc[0])
        assert row["luck_of"] == "clips"

    def test_speakers_of_whom_half_are_always_recognised_differ_by_more_than_luck(self, report):
        row = report.gaps(random_state=0).loc["speaker"]
        assert 0 < row["luck_high"] < row["gap"]
        assert row["p"] < 0.01
        assert row["verdict"] == "more than luck"

    def test_among_many_speakers_who_are_alike_the_gap_is_luck(self, rng):
        true, speakers = np.tile(list("aabb"), 50), np.repeat(range(50), 4)
        told = np.where(rng.random(200) < 0.5, true, "c")
        row = EmotionReport.from_predictions(true, told, speakers).gaps(random_state=0).iloc[0]
        assert row["gap"] >= 0.75
        assert row["gap"] <= row["luck_high"]
        assert row["verdict"] == "may be luck"

    def test_a_gap_is_more_than_luck_if_it_is_wider_than_the_widest_by_luck(self):
        """Of ten speakers, some are recognised so much better that p crosses 0.05."""
        true, speakers = np.tile(["a", "b"], 100), np.repeat(range(10), 20)
        verdicts = set()
        for n_errors in range(3, 11):
            told = np.where((speakers == 0) & (np.arange(200) < n_errors), "c", true)
            told[30::20] = "c"
            row = EmotionReport.from_predictions(true, told, speakers).gaps(random_state=0).iloc[0]
            assert (row["gap"] > row["luck_high"] + 1e-9) == (row["p"] < 0.05)
            verdicts.add(row["verdict"])
        assert verdicts == {"more than luck", "may be luck"}

    @pytest.mark.parametrize("n_permutations", [20, 21, 39, 40, 41, 1001])
    def test_the_upper_limit_agrees_with_the_p_value(self, rng, n_permutations):
        """For any number of permutations, just the gaps above the limit are more than luck."""
        true, speakers = np.tile(["a", "b"], 40), np.repeat(range(4), 20)
        verdicts = set()
        for chance in np.linspace(0.4, 0.95, 8):
            told = np.where(rng.random(80) < np.where(speakers == 0, chance, 0.4), true, "c")
            clips = pd.DataFrame({"true": true, "predicted": told})
            row = gap_and_luck(clips, speakers, n_permutations, rng)
            assert (row["gap"] > row["luck_high"] + 1e-9) == (row["p"] < 0.05)
            verdicts.add(row["p"] < 0.05)
        assert len(verdicts) == 2

    def test_too_few_permutations_for_any_verdict_are_refused(self):
        report = EmotionReport.from_predictions(["a", "b"], ["a", "a"], ["s1", "s2"])
        with pytest.raises(
            ValueError, match=r"'n_permutations' .* must be an int in the range \[20"
        ):
            report.gaps(n_permutations=19)

    def test_between_sexes_whole_speakers_are_exchanged(self):
        """One of two women and one of two men are always recognised: nobody can tell."""
        true, speakers = np.tile(["a", "b"], 40), np.repeat(range(4), 20)
        told = np.where(speakers < 2, true, "c")
        report = EmotionReport.from_predictions(true, told, speakers)
        row = report.gaps({"sex": speakers < 2}, random_state=0).loc["sex"]
        assert row["gap"] == 1
        assert row["luck_of"] == "speakers"
        # Two of six assignments of two speakers give such a gap.
        assert row["p"] == pytest.approx(1 / 3, abs=0.05)

    def test_between_sexes_the_p_value_is_that_of_a_permutation_test(self, rng):
        true, speakers = np.tile(list("aaaabbbb"), 16), np.repeat(range(16), 8)
        told = np.where(rng.random(128) < 0.4 + 0.4 * (speakers % 2), true, "c")
        report = EmotionReport.from_predictions(true, told, speakers)
        row = report.gaps({"sex": speakers % 2}, n_permutations=4000, random_state=0).loc["sex"]
        each = np.array([uar_score(true[speakers == s], told[speakers == s]) for s in range(16)])

        def gap(odd, even):
            return abs(odd.mean() - even.mean())

        expected = permutation_test((each[1::2], each[::2]), gap, n_resamples=4000, random_state=0)
        assert row["gap"] == pytest.approx(expected.statistic)
        assert row["p"] == pytest.approx(expected.pvalue, abs=0.02)

    def test_one_speaker_of_each_sex_says_nothing_of_the_sexes(self):
        true, speakers = np.tile(["a", "b"], 40), np.repeat(["ann", "bob"], 40)
        told = np.where(speakers == "ann", true, "c")
        report = EmotionReport.from_predictions(true, told, speakers)
        with pytest.warns(UserWarning, match=r"False, True has a single speaker.* row 'speaker'"):
            table = report.gaps({"sex": speakers == "ann"}, random_state=0)
        assert table["verdict"].tolist() == ["more than luck", "may be luck"]
        assert table.loc["sex", "p"] == 1
        assert table.loc["sex", "luck_high"] == table.loc["sex", "gap"] == 1

    def test_known_speakers_may_be_given_again_with_other_labels(self, report, predictions):
        speakers = predictions[2]
        expected = report.gaps(random_state=0)
        assert report.gaps({"speaker": speakers}, random_state=0).equals(expected)
        named = np.char.mod("Actor_%02d", speakers).astype(object)
        named[speakers == 0] = None
        row = report.gaps({"speaker": named}, random_state=0).loc["speaker"]
        assert row["luck_of"] == "clips"
        assert row["verdict"] == "more than luck"
        assert row["best"].startswith("Actor_")

    def test_groups_of_one_speaker_each_are_not_distinguished_from_speakers(
        self, report, predictions
    ):
        with pytest.warns(UserWarning, match=r"groups 100, 101, .* and 15 more has a single"):
            table = report.gaps({"actor": predictions[2] + 100}, random_state=0)
        assert table["verdict"].tolist() == ["more than luck", "may be luck"]

    @pytest.mark.parametrize("others", [lambda s: s // 2, lambda s: np.arange(len(s)) // 6])
    def test_other_speakers_than_the_known_ones_are_refused(self, report, predictions, others):
        with pytest.raises(ValueError, match=r"groups\['speaker'\] joins .* under another name"):
            report.gaps({"speaker": others(predictions[2])})

    def test_a_clip_of_a_wrong_sex_changes_no_verdict(self, rng):
        true, speakers = np.tile(["a", "b"], 80), np.repeat(range(16), 10)
        told = np.where(rng.random(160) < 0.4 + 0.4 * (speakers % 2), true, "c")
        report = EmotionReport.from_predictions(true, told, speakers)
        sex = np.where(speakers % 2, "male", "female")
        expected = report.gaps({"sex": sex}, random_state=0).loc["sex"]
        sex[3] = "male"
        with pytest.warns(UserWarning, match=r"Speakers 0 have clips in several of the groups"):
            row = report.gaps({"sex": sex}, random_state=0).loc["sex"]
        assert row.equals(expected)

    def test_a_group_without_a_speaker_of_its_own_is_left_out_of_the_comparison(self):
        true, speakers = np.tile(["a", "b"], 40), np.repeat(range(8), 10)
        sex = np.where(speakers % 2, "male", "female").astype(object)
        sex[3] = "Femal"
        report = EmotionReport.from_predictions(true, true, speakers)
        with pytest.warns(UserWarning, match="Correct the groups of these clips"):
            row = report.gaps({"sex": sex}, random_state=0).loc["sex"]
        assert {row["worst"], row["best"]} == {"female", "male"}

    def test_groups_that_share_speakers_are_exchanged_within_each(self):
        """The better speaker said only one sentence more often: the sentence has no part in it."""
        true = np.tile(["a", "b"], 60)
        speakers = np.repeat([0, 1], 60)
        sentences = np.where(np.arange(120) % 60 < np.where(speakers, 40, 20), "one", "two")
        told = np.where(speakers, true, "c")
        report = EmotionReport.from_predictions(true, told, speakers)
        row = report.gaps({"sentence": sentences}, random_state=0).loc["sentence"]
        assert row["gap"] > 0.3
        assert row["p"] == 1
        assert row["luck_of"] == "clips"

    def test_without_speakers_groups_are_compared_as_clips(self, predictions, sexes):
        report = EmotionReport.from_predictions(*predictions[:2], random_state=0)
        table = report.gaps({"sex": sexes}, random_state=0)
        assert table.index.tolist() == ["sex"]
        assert table.loc["sex", "luck_of"] == "clips"

    def test_what_has_one_value_has_no_row(self, report):
        table = report.gaps({"corpus": ["RAVDESS"] * 240}, random_state=0)
        assert table.index.tolist() == ["speaker"]
        alone = EmotionReport.from_predictions(list("ab"), list("aa"), [1, 1])
        assert alone.gaps().empty

    def test_gaps_repeat_under_a_random_state(self, report, sexes):
        first, second = (report.gaps({"sex": sexes}, random_state=0) for _ in range(2))
        assert first.equals(second)

    def test_groups_may_be_truth_values(self, report, predictions):
        table = report.by_group(predictions[2] < 5, "young")
        assert table["n_speakers"].to_dict() == {True: 5, False: 15}

    @pytest.mark.parametrize("name", ["uar", "share", "n_speakers"])
    def test_the_index_cannot_have_the_name_of_a_column(self, report, predictions, name):
        with pytest.raises(ValueError, match=f"name='{name}' is the name of a column"):
            report.by_group(predictions[2], name)

    def test_each_clip_needs_a_value(self, report):
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            report.by_group(["female", "male"])

    def test_values_that_are_all_missing_are_refused(self, report):
        with pytest.raises(ValueError, match="All values are missing"):
            report.by_group([None] * 240)

    def test_a_report_of_figures_alone_has_no_groups(self, report):
        bare = replace(report, predictions=None)
        with pytest.raises(ValueError, match=r"Create it with EmotionReport\.from_predictions"):
            bare.by_group(["female"] * 240)
        assert bare.gaps().empty


def test_labels_that_are_numbers_are_printed_as_they_are():
    report = EmotionReport.from_predictions([0, 1, 1, 2, 2], [0, 2, 1, 1, 2], [1, 1, 1, 2, 2])
    for shown in (str(report), report._repr_html_()):
        assert "2.000" not in shown
    assert report.ranking.loc[1, "taken_for"] == 2


def test_a_class_that_the_classifier_does_not_know_is_named():
    X, y = np.zeros((3, 1)), ["calm", "sad", "angry"]
    model = DummyClassifier().fit(X[:2], y[:2])
    with pytest.warns(UserWarning, match="not trained on these classes of y: 'angry'"):
        report = EmotionReport.from_estimator(model, X, y)
    assert report.ranking.loc["angry", "recall"] == 0


def test_a_cell_that_has_drawn_it_does_not_show_its_tables_again(report):
    assert report.plot()._repr_html_() is None
    matplotlib.pyplot.close(report.figure_)
    assert "<table" in report._repr_html_()
