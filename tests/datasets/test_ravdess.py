from skser.datasets import load_ravdess


def test_songs_and_videos_are_passed_over(tmp_path, write_clip):
    speech = write_clip(tmp_path / "03-01-05-02-01-02-01.wav")
    write_clip(tmp_path / "03-02-05-02-01-02-01.wav")
    (tmp_path / "02-01-05-02-01-02-01.mp4").touch()
    assert load_ravdess(str(tmp_path)).data.tolist() == [speech]


def test_the_repetition_is_known(tmp_path, write_clip):
    write_clip(tmp_path / "03-01-05-02-01-02-01.wav")
    assert load_ravdess(tmp_path).frame["repetition"].tolist() == [2]


def test_the_real_corpus_is_complete(ravdess):
    corpus = load_ravdess(ravdess)
    assert len(corpus.data) == 1440
    assert corpus.frame["speaker"].nunique() == 24
    assert corpus.frame["emotion"].value_counts().to_dict() == {
        "neutral": 96,
        **dict.fromkeys(
            ["calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised"], 192
        ),
    }
    assert set(corpus.frame["sample_rate"]) == {48000}
    assert "identical" in corpus.DESCR
