import base64
import html
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, ShuffleSplit, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.utils import Bunch

from skser import (
    MFCC,
    AudioError,
    SequentialGroupSelector,
    SpeakerNormalizer,
    make_emotional_speech,
    make_report,
)
from skser._text import visible

LOADING = {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping"}


class Page(HTMLParser):
    """What a page holds: its tags with their attributes, and its text."""

    def __init__(self, path):
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.tags = []
        self.text = ""
        self.feed(self.source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def values(self, attribute):
        return [attrs[attribute] for _, attrs in self.tags if attribute in attrs]

    def section(self, name):
        """Return the text of a section, on one line."""
        start = self.source.index(f'<section id="{name}"')
        inner = self.source[start : self.source.index("</section>", start)]
        return " ".join(html.unescape(re.sub("<[^>]*>", " ", inner)).split())


@pytest.fixture(scope="module")
def page(hostile_page):
    return Page(hostile_page)


@pytest.fixture
def report(guessing, speech, tmp_path):
    """Report of a pipeline on speech, with whatever is different this time."""

    def make(corpus=speech, pipeline=None, **parameters):
        pipeline = guessing() if pipeline is None else pipeline
        # Maps are dear, and have a file of their own.
        parameters = {"n_pairs": 1, "maps": False} | parameters
        return Page(make_report(pipeline, corpus, tmp_path / "r.html", **parameters))

    return make


def test_the_page_has_no_script(page):
    assert "script" not in {tag for tag, _ in page.tags}
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]


def test_the_page_loads_nothing_from_outside(page):
    loaded = [value for name in LOADING for value in page.values(name)]
    assert loaded
    assert all(value.startswith("data:") for value in loaded)
    references = [attrs["href"] for tag, attrs in page.tags if tag != "a" and "href" in attrs]
    assert all(value.startswith(("data:", "#")) for value in references)
    assert "@import" not in page.source
    assert not re.search(r"url\(\s*['\"]?(?!#|data:)", page.source)


def test_the_page_forbids_what_it_does_not_need(page):
    (policy,) = [a["content"] for _, a in page.tags if a.get("http-equiv")]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == rules["media-src"] == "data:"
    assert not {"script-src", "connect-src", "font-src"} & {*rules}


def test_every_id_is_given_once(page):
    ids = page.values("id")
    assert len(ids) == len(set(ids)) > 100


def test_every_reference_has_its_target(page):
    references = re.findall(r"url\(#([^)]+)\)", page.source)
    references += [value[1:] for value in page.values("href") if value.startswith("#")]
    assert set(references) <= set(page.values("id"))


def test_no_style_of_a_figure_holds_for_the_page(page):
    styles = [place for place, (tag, _) in enumerate(page.tags) if tag == "style"]
    assert "template" in {tag for tag, _ in page.tags}
    # The page's own, and two in the shadow root of the diagram.
    assert len(styles) == 3


def test_hostile_labels_and_names_are_text(page, hostile):
    assert "img" not in {tag for tag, _ in page.tags}
    for text in (*hostile.labels, hostile.file_name, hostile.title, "<i>s01"):
        assert text in page.text


UNSHOWABLE = {
    "escape \x1b[31m": r"escape \x1b[31m",
    "surrogate \udce9": r"surrogate \udce9",
    "two\nlines": r"two\nlines",
    "\x00\x08\x85\u2028\u202e\ufffe": r"\x00\x08\x85\u2028\u202e\ufffe",
}


def test_what_cannot_be_shown_is_escaped(guessing, tmp_path):
    """In labels, speakers, names of files and of steps, in text and in figures."""
    labels = list(UNSHOWABLE)
    emotions = ["angry", "calm", "happy", "sad"]
    speech = make_emotional_speech(3, 2, emotions=emotions, random_state=0)
    codes = np.unique(speech.target, return_inverse=True)[1]
    paths = []
    for i, clip in enumerate(speech.data):
        paths.append(str(tmp_path / f"\x1b]0;\udcff{i}.wav"))
        with open(paths[-1], "wb") as file:
            soundfile.write(file, clip.y, int(clip.sr), format="WAV")
    corpus = Bunch(
        data=np.array(paths, dtype=object),
        target=np.array(labels, dtype=object)[codes],
        groups=np.array([f"\x07{speaker}\ud800" for speaker in speech.groups], dtype=object),
    )
    pipeline = guessing(memory=tmp_path / "store")
    pipeline.set_params(classify=DummyClassifier(strategy="constant", constant=labels[0]))
    page = Page(make_report(pipeline, corpus, tmp_path / "r.html", protocols=True, n_pairs=2))
    assert visible(page.source.replace("\n", " ")) == page.source.replace("\n", " ")
    figures = " ".join(re.findall(r"<svg.*?</svg>", page.source, re.DOTALL))
    for name, shown in UNSHOWABLE.items():
        assert shown in page.section("classes")
        # matplotlib makes lines of lines.
        assert shown in figures or "\n" in name
    assert r"\x07s01\ud800" in page.section("speakers")
    assert r"\x1b]0;\xff" in page.section("pairs")


def test_labels_that_would_look_alike_are_refused_before_the_fits(report, speech):
    target = np.where(
        speech.target == "sad", "a\x1b", np.where(speech.target == "angry", r"a\x1b", "b")
    )
    with pytest.raises(ValueError, match="look the same"):
        report(Bunch(data=speech.data, target=target, groups=speech.groups))


def test_the_page_does_not_tell_where_files_are(guessing, speech, tmp_path):
    pipeline = guessing(memory=str(tmp_path / "store"))
    search = GridSearchCV(pipeline, {"features": [pipeline.named_steps["features"]]}, cv=2)
    search.fit(speech.data, speech.target)
    page = Page(make_report(search, speech, tmp_path / "r.html", n_pairs=0))
    assert str(tmp_path) not in page.source
    assert str(tmp_path.parent) not in page.source
    assert "…/store" in page.section("pipeline")
    assert "…/store" in page.section("selection")
    assert pipeline.get_params()["features__memory"] == str(tmp_path / "store")


def test_a_message_about_a_clip_does_not_tell_its_folder(report, hostile_corpus, monkeypatch):
    def gone(item, *_):
        raise AudioError(f"X[3] {item!r}: no such file.")

    monkeypatch.setattr("skser.report._clips.load_clip", gone)
    page = report(hostile_corpus)
    assert "Cannot be played: X[3]" in page.section("pairs")
    assert str(Path(hostile_corpus.data[0]).parent) not in page.source


def test_what_cannot_be_drawn_costs_no_fit(report, guessing, monkeypatch):
    def fail(*_):
        raise RuntimeError("no such font")

    pipeline = guessing()
    monkeypatch.setattr(pipeline["classify"].__class__, "fit", lambda *_, **__: pytest.fail("fit"))
    monkeypatch.setattr("skser.displays.CorpusDisplay.plot", fail)
    with pytest.raises(RuntimeError, match="no such font"):
        report(pipeline=pipeline)


def test_labels_are_text_in_the_figures_too(page, hostile):
    figures = " ".join(re.findall(r"<svg.*?</svg>", page.source, re.DOTALL))
    for label in hostile.labels:
        assert html.escape(label, quote=False) in figures


def test_clips_can_be_played_and_are_bounded(page):
    sounds = [a["src"] for tag, a in page.tags if tag == "audio"]
    assert 3 <= len(sounds) <= 6
    for sound in sounds:
        y, sr = soundfile.read(io.BytesIO(base64.b64decode(sound.split(",")[1])))
        assert 0 < len(y) / sr <= 6
        assert np.abs(y).max() > 0.01
    assert "(its beginning)" in page.section("pairs")


def test_each_step_of_a_selection_is_a_gain_or_noise(page):
    assert "noise" in page.section("selection")
    assert "corrected resampled t-test" in page.section("selection")


def test_a_selector_is_reported_as_a_search_is(report, guessing, speech):
    selector = SequentialGroupSelector(guessing(), cv=2, tol=None)
    selection = report(pipeline=selector.fit(speech.data, speech.target)).section("selection")
    for features in selector.steps_["features"]:
        assert features[-1] in selection
    assert selection.endswith(f"Chosen: {' + '.join(selector.groups_)}")


def test_a_selection_score_is_called_one(page):
    assert "selection scores" in page.section("selection")
    assert "UAR, mean and standard deviation" in page.section("selection")
    assert "balanced_accuracy" not in page.section("selection")
    assert "chance" in page.section("selection")
    assert "zcr" in page.section("selection")
    assert "chosen by a search" in page.text


def test_few_speakers_have_scores_each_and_no_interval(page):
    assert "interval" not in page.source.partition("<p>")[0]
    assert "3 speakers are too few for an interval" in " ".join(page.text.split())
    assert "by speaker 0." in page.text
    speakers = page.section("speakers")
    assert all(f"<i>s0{number}" in speakers for number in (1, 2, 3))


def test_many_speakers_have_an_interval_that_says_what_it_covers(report):
    page = report(make_emotional_speech(10, 1, emotions=["angry", "sad"], random_state=0))
    text = " ".join(page.text.split())
    assert "95 % interval 0." in text
    assert "covers new speakers of the kind that is recorded here (Student's t over 10" in text
    speakers = page.section("speakers")
    assert re.search(r"Speakers: UAR from 0\.\d+ \(s\d+\) to [01]\.\d+ \(s\d+\), a gap", speakers)
    assert "Sexes: UAR from" in speakers
    assert "if the speakers are divided into two groups at random" in speakers
    assert "female 0." in speakers


def test_every_section_of_a_full_report_has_something_to_say(page):
    for name in ("corpus", "selection", "classes", "learning"):
        assert "<svg" in page.source.split(f'id="{name}"')[-1].split("</section>")[0]
    assert "AudioFeatureUnion" in page.section("pipeline")
    assert "speaker-disjoint" in page.section("protocols")
    assert "nothing was held out" in page.section("learning")
    assert "scikit-learn" in page.section("repeat")
    assert "classify__random_state" in page.section("repeat")
    assert "skser report <clips> --select" in page.section("repeat")
    assert "make_report(" not in page.section("repeat")


def test_one_report_equals_another_but_for_its_date(report):
    def undated(page):
        return re.sub(r"Made [^b]*by skser", "", page.source).replace("sk-container-id-", "")

    first, second = undated(report()), undated(report())
    assert re.findall("<svg.*?</svg>", first, re.S) == re.findall("<svg.*?</svg>", second, re.S)


def test_the_pipeline_alone_need_not_be_fitted(report, guessing):
    pipeline = guessing()
    page = report(pipeline=pipeline)
    assert not hasattr(pipeline, "classes_")
    assert "curves of the first fold" in page.section("learning")
    assert "protocols=True" in page.section("repeat")
    assert "had not heard its speaker, in 3 folds" in page.text.replace("\n", " ")


def test_a_search_over_other_things_has_no_curve(report, guessing, speech):
    search = GridSearchCV(guessing(), {"features__mfcc__n_mfcc": [2, 4]}, cv=2)
    page = report(pipeline=search.fit(speech.data, speech.target))
    assert "features__mfcc__n_mfcc" in page.section("selection")


def test_unknown_speakers_are_a_warning_not_an_error(report, speech):
    page = report(Bunch(**{**speech, "groups": None}), protocols=True)
    assert "speakers of this corpus are not known" in page.text
    assert "covers other clips of the same speakers" in " ".join(page.text.split())
    assert "as if clips of one speaker were not alike" in page.section("speakers")
    assert "no speaker-disjoint split" in page.section("protocols")


def test_a_corpus_without_a_frame_is_described_from_its_labels(report, speech):
    page = report(Bunch(data=speech.data, target=speech.target, groups=speech.groups))
    assert "has no frame" in page.section("corpus")
    assert "18" in page.section("corpus")


def test_clips_may_be_a_list_or_a_series(report, speech):
    for data in (list(speech.data), pd.Series(list(speech.data), index=range(100, 118))):
        assert "<audio" in report(Bunch(**{**speech, "data": data})).source


def test_folds_that_mix_speakers_are_a_warning(report):
    page = report(cv=StratifiedKFold(2, shuffle=True, random_state=0))
    assert "do not keep speakers apart: 3 speakers" in page.text.replace("\n", " ")
    assert (
        "from skser import make_report make_report(pipeline, corpus, "
        "cv=StratifiedKFold(n_splits=2, random_state=0, shuffle=True), n_pairs=1, maps=False)"
    ) in page.section("repeat")


def test_a_clip_that_cannot_be_read_is_listed_and_left_out(report, hostile_corpus):
    data = hostile_corpus.data.copy()
    data[7] = "gone.wav"
    page = report(Bunch(**{**hostile_corpus, "data": data}))
    assert "gone.wav" in page.section("corpus")
    assert "1 clips cannot be read" in page.section("corpus")
    assert "17" in re.search(r"<b>(\d+)</b><span>clips", page.source).group()


def test_a_clip_that_is_gone_when_it_is_to_be_shown_is_said_so(report, hostile_corpus, monkeypatch):
    def gone(item, *_):
        raise AudioError("X[3]: no <such> file.")

    monkeypatch.setattr("skser.report._clips.load_clip", gone)
    page = report(hostile_corpus)
    assert "Cannot be played: X[3]: no <such> file." in page.section("pairs")
    assert not [tag for tag, _ in page.tags if tag == "audio"]


def test_sections_without_content_are_left_out(report):
    page = report(n_pairs=0)
    sections = [attrs["id"] for tag, attrs in page.tags if tag == "section"]
    assert sections == ["corpus", "pipeline", "classes", "speakers", "learning", "repeat"]
    links = {a["href"] for tag, a in page.tags if tag == "a" and a.get("href", "").startswith("#")}
    assert links == {f"#{name}" for name in sections}
    assert "<audio" not in page.source


def test_a_search_that_is_not_fitted_is_refused(guessing, speech, tmp_path):
    search = GridSearchCV(guessing(), {})
    with pytest.raises(NotFittedError, match="GridSearchCV"):
        make_report(search, speech, tmp_path / "r.html")


def test_a_search_without_a_best_pipeline_is_refused(guessing, speech, tmp_path):
    search = GridSearchCV(guessing(), {}, cv=2, refit=False).fit(speech.data, speech.target)
    with pytest.raises(ValueError, match="refit=False"):
        make_report(search, speech, tmp_path / "r.html")


def test_folds_that_leave_clips_out_are_refused(guessing, speech, tmp_path):
    with pytest.raises(ValueError, match="each of the 18 clips exactly once"):
        make_report(guessing(), speech, tmp_path / "r.html", cv=ShuffleSplit(2, random_state=0))


def test_a_corpus_with_too_few_labels_is_refused(guessing, speech, tmp_path):
    corpus = Bunch(data=speech.data, target=speech.target[:-1])
    with pytest.raises(ValueError, match=r"18 clips, but corpus\.target contains 17"):
        make_report(guessing(), corpus, tmp_path / "r.html")


def test_a_page_that_cannot_be_made_leaves_the_old_one(guessing, speech, tmp_path):
    path = tmp_path / "r.html"
    path.write_text("old")
    with pytest.raises(ValueError, match="exactly once"):
        make_report(guessing(), speech, path, cv=ShuffleSplit(2, random_state=0))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def standardised(**parameters):
    """Make a pipeline that knows the speakers."""
    features = SpeakerNormalizer(MFCC(4), **parameters)
    return make_pipeline(features, DummyClassifier(strategy="uniform", random_state=0))


def test_scores_made_with_the_test_clips_of_a_speaker_are_called_transductive(report):
    text = report(pipeline=standardised(unseen="batch")).text
    assert "Every score here is transductive" in text
    assert "transductive" not in report(pipeline=standardised(unseen="global")).text


def test_enrolled_speakers_stand_beside_strangers(report):
    page = report(pipeline=standardised(), protocols=True)
    for protocol in ("speaker-disjoint", "speaker-disjoint, enrolled"):
        assert f"<th>{protocol}</th>" in page.source
    assert "half of a test speaker's clips are known" in page.section("protocols")
