import matplotlib
import matplotlib.pyplot
import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from skser import EmotionReport, confusion_pairs, confusion_ranking, uar_score

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
        assert (report.resampled, clips.resampled) == ("20 speakers", "240 clips")

    def test_it_is_that_of_the_mean_over_balanced_speakers(self, report, predictions):
        true, predicted, speakers = predictions
        each = [uar_score(true[speakers == s], predicted[speakers == s]) for s in range(20)]
        deviation = np.std(each) / np.sqrt(20)
        np.testing.assert_allclose(np.diff(report.uar_interval), 2 * 1.96 * deviation, rtol=0.1)

    def test_it_repeats_under_a_random_state(self, report, predictions):
        again = EmotionReport.from_predictions(*predictions, random_state=0)
        assert again.uar_interval == report.uar_interval

    def test_a_lower_confidence_makes_it_narrower(self, report, predictions):
        low = EmotionReport.from_predictions(*predictions, confidence_level=0.5, random_state=0)
        assert np.diff(low.uar_interval) < np.diff(report.uar_interval)

    def test_a_draw_without_a_class_leaves_it_out(self):
        true, groups = list("aab"), [1, 2, 3]
        report = EmotionReport.from_predictions(true, true, groups, random_state=0)
        assert report.uar_interval == (1, 1)

    @pytest.mark.parametrize(
        ("true", "groups", "message"),
        [
            (["a", "b"], [1, 1], "over speakers needs at least two of them, got 1. Add speakers"),
            (["a"], None, "over clips needs at least two of them, got 1. Add clips"),
        ],
    )
    def test_it_needs_two_to_draw_from(self, true, groups, message):
        with pytest.raises(ValueError, match=message):
            EmotionReport.from_predictions(true, true, groups)


def test_clips_of_no_known_speaker_are_refused():
    with pytest.raises(ValueError, match="groups lacks the speaker of 1 of 3 clips"):
        EmotionReport.from_predictions(list("aab"), list("aab"), np.array(["x", None, "y"], object))


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
    assert "(bootstrap over 20 speakers)" in text
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
