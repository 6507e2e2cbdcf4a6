import numpy as np
import pytest
import soundfile

from skser import AudioError, AudioWarning, check_clips, drop_unreadable, load_folder


@pytest.fixture
def corpus(tmp_path):
    for name in ("a", "c"):
        soundfile.write(tmp_path / f"{name}.wav", np.ones(800) / 2, 8000)
    (tmp_path / "b.wav").write_bytes(b"no audio")
    (tmp_path / "d.wav").write_bytes(b"")
    return load_folder(tmp_path, r"(\w)\.wav", group=r"(\w)\.wav")


def test_the_clips_that_cannot_be_read_are_in_a_table(corpus, tmp_path):
    table = check_clips(corpus)
    assert table.index.tolist() == [1, 3]
    assert table["path"].tolist() == [str(tmp_path / "b.wav"), str(tmp_path / "d.wav")]
    assert table["error"].str.contains("libsndfile cannot read it|the file is empty").all()
    assert not table["error"].str.startswith("X[").any()


def test_they_are_left_out_with_all_that_is_known_of_them(corpus):
    with pytest.warns(AudioWarning, match=r"2 of 4 clips cannot be read.*\n.*b\.wav.*\n.*d\.wav"):
        readable = drop_unreadable(corpus, n_jobs=2)
    assert readable.target.tolist() == readable.groups.tolist() == ["a", "c"]
    assert readable.frame["label"].tolist() == ["a", "c"]
    assert len(corpus.data) == 4


def test_the_warning_points_to_the_caller(corpus):
    with pytest.warns(AudioWarning) as caught:
        drop_unreadable(corpus)
    assert [warning.filename for warning in caught] == [__file__]


def test_a_corpus_that_can_be_read_is_returned_as_it_is(corpus):
    with pytest.warns(AudioWarning):
        readable = drop_unreadable(corpus)
    assert drop_unreadable(readable) is readable
    assert len(check_clips(readable)) == 0


def test_nothing_left_is_an_error(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"no audio")
    with pytest.raises(AudioError, match=r"None of the 1 clips can be read:\n.*a\.wav"):
        drop_unreadable(load_folder(tmp_path))
