import pytest

from skser import AudioError, load_ravdess

NAMES = [
    "Actor_01/03-01-05-02-01-02-01.wav",
    "Actor_02/03-01-01-01-02-01-02.flac",
    "Actor_02/03-01-06-01-02-01-02.WAV",
]


@pytest.fixture
def tree(tmp_path):
    strays = [
        "Actor_01/.DS_Store",
        "Actor_01/03-02-05-02-01-02-01.wav",  # song
        "Actor_01/02-01-05-02-01-02-01.mp4",  # video
        "readme.txt",
    ]
    for name in [*NAMES, *strays]:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return tmp_path


def test_only_audio_of_speech_is_found(tree):
    assert load_ravdess(tree).data.tolist() == [str(tree / name) for name in NAMES[:1] + NAMES[1:]]


def test_a_flat_folder_is_found(tree, tmp_path_factory):
    flat = tmp_path_factory.mktemp("flat")
    for name in NAMES:
        (tree / name).rename(flat / name.split("/")[1])
    assert len(load_ravdess(flat).data) == 3


def test_labels_and_speakers_are_read_from_the_names(tree):
    corpus = load_ravdess(str(tree))
    assert corpus.target.tolist() == ["angry", "neutral", "fearful"]
    assert corpus.groups.tolist() == ["01", "02", "02"]
    assert corpus.target_names == ["angry", "fearful", "neutral"]


def test_the_frame_describes_each_clip(tree):
    row = load_ravdess(tree).frame.iloc[0]
    assert row.drop("path").to_dict() == {
        "speaker": "01",
        "sex": "male",
        "emotion": "angry",
        "intensity": "strong",
        "sentence": "Kids are talking by the door",
        "repetition": 2,
    }


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(AudioError, match="is no directory"):
        load_ravdess(tmp_path / "nowhere")


def test_a_folder_without_ravdess_is_refused(tmp_path):
    with pytest.raises(AudioError, match="holds no RAVDESS speech"):
        load_ravdess(tmp_path)


def test_an_unknown_code_is_refused(tree):
    (tree / "03-01-09-01-01-01-01.wav").touch()
    with pytest.raises(AudioError, match="09 is no code of RAVDESS"):
        load_ravdess(tree)


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
    assert "identical" in corpus.DESCR
