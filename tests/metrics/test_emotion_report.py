import matplotlib
import matplotlib.pyplot
import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp
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
        with pytest.raises(ValueError, match=r"needs at least two of them, got 1\. Add clips"):
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
        ValueError, match=r"names speakers by int and str, .* Name all by one type, such as \[str"
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
