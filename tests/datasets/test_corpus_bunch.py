import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.utils import Bunch

from skser import concat_corpora, load_folder, make_emotional_speech, subset_corpus


@pytest.fixture(scope="module")
def speech():
    return make_emotional_speech(
        n_speakers=2, n_per_class=1, emotions=["sad", "angry"], random_state=0
    )


def test_a_corpus_is_printed_as_what_it_holds(speech):
    seconds = speech.frame["duration"].sum()
    expected = f"<Corpus: 4 clips, 2 classes, 2 speakers, {seconds:.1f} seconds of sound>"
    assert repr(speech) == expected
    assert repr(subset_corpus(speech, speech.target == "sad")).startswith(
        "<Corpus: 2 clips, 1 class, 2 speakers"
    )


def test_a_notebook_shows_the_classes_as_a_table(speech):
    html = speech._repr_html_()
    assert "<b>synthetic</b>: 4 clips" in html
    for cell in ("<th>class</th>", "<th>minutes</th>", "<td>angry</td>", "<td>2</td>"):
        assert cell in html


def test_a_notebook_shows_the_licences(speech):
    licensed = copy.copy(speech)
    licensed.DESCR = "A:\n:Licence: free for\n  <research>\n:Source: here\n:Licence: MIT\n"
    assert "Licence: free for &lt;research&gt;; MIT<" in licensed._repr_html_()
    assert "Licence" not in speech._repr_html_()


def test_names_are_escaped(speech):
    hostile = copy.copy(speech)
    hostile.frame = speech.frame.assign(corpus="<script>", emotion="<b>\x1b")
    html = hostile._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<td>&lt;b&gt;\\x1b</td>" in html


def test_nothing_is_read_to_print_a_corpus(tmp_path):
    for name in ("angry", "sad"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "empty.wav").touch()
    corpus = load_folder(tmp_path)
    assert repr(corpus) == "<Corpus: 2 clips, 2 classes, speakers unknown>"
    assert "minutes" not in corpus._repr_html_()
    assert "<th>speakers</th>" not in corpus._repr_html_()


def test_many_classes_are_cut_short(speech):
    places = np.arange(25) % 4
    many = subset_corpus(speech, places)
    many.frame["emotion"] = [f"class {i:02d}" for i in range(25)]
    assert "class 19" in many._repr_html_()
    assert "class 20" not in many._repr_html_()
    assert "and 5 more classes" in many._repr_html_()


@pytest.mark.parametrize(
    "change",
    [
        lambda speech: {"frame": None},
        lambda speech: {"data": None},
        lambda speech: {"frame": speech.frame.assign(duration="1 s")},
        lambda speech: {"frame": pd.concat([speech.frame, speech.frame["emotion"]], axis=1)},
    ],
)
def test_what_its_owner_has_changed_is_printed_as_a_bunch(speech, change):
    changed = copy.copy(speech)
    changed.update(change(speech))
    assert repr(changed).startswith("{'data'")
    assert changed._repr_html_() is None


def test_a_class_without_clips_is_not_shown(speech):
    changed = copy.copy(speech)
    emotion = speech.frame["emotion"].astype("category").cat.add_categories(["bored"])
    changed.frame = speech.frame.assign(emotion=emotion)
    assert "bored" not in changed._repr_html_()


def test_it_stays_a_bunch_that_copies_and_pickles(speech):
    for other in (copy.copy(speech), pickle.loads(pickle.dumps(speech)), concat_corpora([speech])):
        assert isinstance(other, Bunch)
        assert repr(other) == repr(speech)
