import pytest

from skser.datasets import load_emo_db
from skser.datasets._fetch import CARDS


@pytest.fixture
def emo_db(ravdess):
    folder = ravdess.with_name("emodb")
    if not folder.is_dir():
        pytest.skip(f"no EMO-DB in {folder}")
    return folder


def test_the_real_corpus_is_complete(emo_db):
    corpus = load_emo_db(emo_db)
    assert corpus.frame["emotion"].value_counts().to_dict() == CARDS["emo_db"].counts
    assert corpus.frame["speaker"].nunique() == 10
    assert corpus.frame["sentence"].nunique() == 10
    assert corpus.frame.groupby("sex")["speaker"].nunique().to_dict() == {"female": 5, "male": 5}
