"""Loaders of corpora, tools to check and split them, and built-in synthetic speech."""

from skser.datasets._audformat import load_audformat
from skser.datasets._concat import concat_corpora
from skser.datasets._crema_d import load_crema_d
from skser.datasets._describe import describe_corpus
from skser.datasets._drop_unreadable import check_clips, drop_unreadable
from skser.datasets._emo_db import load_emo_db
from skser.datasets._emotional_speech import make_emotional_speech
from skser.datasets._emov_db import load_emov_db
from skser.datasets._fetch import (
    fetch_crema_d,
    fetch_emo_db,
    fetch_emov_db,
    fetch_ravdess,
    fetch_savee,
    fetch_tess,
    get_data_home,
    list_corpora,
)
from skser.datasets._folder import load_folder
from skser.datasets._load_corpus import load_corpus
from skser.datasets._load_elan import load_elan
from skser.datasets._load_table import load_table
from skser.datasets._load_textgrid import load_textgrid
from skser.datasets._ravdess import load_ravdess
from skser.datasets._savee import load_savee
from skser.datasets._splits import check_leakage, speaker_split
from skser.datasets._subset import subset_corpus
from skser.datasets._tess import load_tess

__all__ = [
    "check_clips",
    "check_leakage",
    "concat_corpora",
    "describe_corpus",
    "drop_unreadable",
    "fetch_crema_d",
    "fetch_emo_db",
    "fetch_emov_db",
    "fetch_ravdess",
    "fetch_savee",
    "fetch_tess",
    "get_data_home",
    "list_corpora",
    "load_audformat",
    "load_corpus",
    "load_crema_d",
    "load_elan",
    "load_emo_db",
    "load_emov_db",
    "load_folder",
    "load_ravdess",
    "load_savee",
    "load_table",
    "load_tess",
    "load_textgrid",
    "make_emotional_speech",
    "speaker_split",
    "subset_corpus",
]
