from __future__ import annotations

import warnings
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import Bunch

from skser._sklearn_compat import StrOptions, validate_params
from skser.datasets._check_corpus import check_corpus
from skser.datasets._corpus import frame_items
from skser.datasets._fingerprint import alike, fingerprints
from skser.exceptions import AudioError, AudioWarning

_SILENT_PEAK = 1e-3  # -60 dB of full scale
_SHORT = 0.25  # s
_N_FOLDS = 5


@validate_params(
    {
        "n_jobs": [Integral, None],
        "progress": ["boolean", StrOptions({"auto"})],
    },
    prefer_skip_nested_validation=True,
)
def describe_corpus(
    frame: pd.DataFrame | Bunch, *, n_jobs: int | None = None, progress: bool | str = "auto"
) -> pd.DataFrame:
    """Describe the contents of a corpus and its faults.

    Every clip is read once. Look at this table before you train a model on the corpus.

    Parameters
    ----------
    frame : pandas.DataFrame or Bunch
        Frame of a corpus, or the corpus itself, which is needed if its clips are not files.
    n_jobs : int, default=None
        Number of threads that read the clips.
    progress : bool or "auto", default="auto"
        Whether to show a progress bar. "auto" shows it in a terminal or a notebook, once
        reading takes longer than two seconds.

    Returns
    -------
    table : pandas.DataFrame
        Column ``value`` contains a number, and column ``which`` what it refers to: labels of rows
        of the frame (``frame.loc[list(which)]``), tuples of labels of identical clips, or speakers.
        The index has two levels:

        - corpus: ``clips``, ``speakers``, ``classes``, ``hours``;
        - class: number of clips of each class, and ``imbalance``, the number in the largest class
          divided by the number in the smallest;
        - duration: ``shortest``, ``median`` and ``longest`` in seconds; ``UAR by duration``, the
          unweighted average recall of a decision tree that knows only the duration of a clip (in up
          to 5 speaker-independent folds; missing if there are too few clips to split), and ``UAR by
          chance``. If the former is far above the latter, a model may learn how clips were cut;
        - faults: ``unreadable``; ``silent``, peak below -60 dB of full scale; ``clipped``, 3
          samples or more in a row at full scale; ``shorter than 0.25 s``; ``byte-identical``, files
          with the same bytes; ``sample-identical``, clips with the same samples, whatever their
          format (for silent clips: with the same length); ``speakers of one class``;
        - skipped: number of files, intervals or clips that the loader left out, by reason; only for
          a corpus that counts them (``corpus.skipped``).

    Raises
    ------
    AudioError
        If the frame is empty, lacks the column emotion or speaker, or has no paths.

    Warns
    -----
    AudioWarning
        If all clips have the same label, so that there is nothing to recognise.

    See Also
    --------
    check_leakage : Check whether a split keeps identical clips, speakers and sentences apart.

    Examples
    --------
    >>> from skser import describe_corpus, make_emotional_speech
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=3, random_state=0)
    >>> table = describe_corpus(speech)
    >>> table.loc["faults", "value"]
    unreadable               0
    silent                   0
    clipped                  0
    shorter than 0.25 s      0
    byte-identical           0
    sample-identical         0
    speakers of one class    0
    Name: value, dtype: object
    """
    if not isinstance(frame, pd.DataFrame):
        check_corpus(frame)
    table, items = _frame_and_items(frame)
    skipped = frame.get("skipped", {}) if isinstance(frame, Bunch) else {}
    found = fingerprints(items, n_jobs, progress)
    duration = np.array([np.nan if f.duration is None else f.duration for f in found])
    emotion = table["emotion"].to_numpy(dtype=object)
    counts = table["emotion"].value_counts().sort_index()
    if len(counts) == 1:
        warnings.warn(
            f"Every clip is labelled {counts.index[0]!r}, so there is nothing to recognise. Tell "
            "the loader where the labels are with label= (--label in a command).",
            AudioWarning,
            stacklevel=3,
        )

    def rows(faulty: list[bool]) -> tuple[Any, ...]:
        return tuple(table.index[faulty].tolist())

    def groups(keys: list[bytes | None]) -> tuple[Any, ...]:
        return tuple(tuple(table.index[list(same)].tolist()) for same in alike(keys))

    by_speaker = table.groupby("speaker")["emotion"].nunique()
    faults = {
        "unreadable": rows([f.samples is None for f in found]),
        "silent": rows([f.peak is not None and f.peak < _SILENT_PEAK for f in found]),
        "clipped": rows([bool(f.is_clipped) for f in found]),
        f"shorter than {_SHORT} s": rows((duration < _SHORT).tolist()),
        "byte-identical": groups([f.file for f in found]),
        "sample-identical": groups([f.samples for f in found]),
        "speakers of one class": tuple(by_speaker.index[by_speaker == 1].tolist()),
    }
    uar = _uar_by_duration(duration, emotion, table["speaker"])
    values = {
        ("corpus", "clips"): len(table),
        ("corpus", "speakers"): int(table["speaker"].nunique()),
        ("corpus", "classes"): len(counts),
        ("corpus", "hours"): round(float(np.nansum(duration)) / 3600, 2),
        **{("class", str(name)): int(count) for name, count in counts.items()},
        ("class", "imbalance"): round(float(counts.max() / counts.min()), 2),
        **{("duration", name): value for name, value in _spread(duration).items()},
        ("duration", "UAR by duration"): uar,
        ("duration", "UAR by chance"): round(1 / len(counts), 3),
        **{("faults", name): _n_concerned(which) for name, which in faults.items()},
        **{("skipped", what): int(n) for what, n in skipped.items()},
    }
    which = [faults[name] if part == "faults" else "" for part, name in values]
    index = pd.MultiIndex.from_tuples(values)
    return pd.DataFrame(
        {
            "value": pd.Series(list(values.values()), index, dtype=object),
            "which": pd.Series(which, index, dtype=object),
        }
    )


def _frame_and_items(corpus: pd.DataFrame | Bunch) -> tuple[pd.DataFrame, list[Any]]:
    frame = corpus.frame if isinstance(corpus, Bunch) else corpus
    if len(frame) == 0:
        raise AudioError("The frame is empty, so there is no clip to describe. Load a corpus.")
    missing = [name for name in ("emotion", "speaker") if name not in frame]
    if missing:
        raise AudioError(
            f"The frame has no column {missing[0]!r}, which the frame of every corpus has. Load "
            "the corpus with load_table."
        )
    if isinstance(corpus, Bunch):
        return frame, list(corpus.data)
    if not {"path", "start", "end"} <= {*frame} or frame["path"].isna().any():
        raise AudioError(
            "Some clips of the frame have no path and cannot be read. Pass the corpus, not its "
            "frame."
        )
    return frame, frame_items(frame)


def _n_concerned(which: tuple[Any, ...]) -> int:
    return sum(len(same) if isinstance(same, tuple) else 1 for same in which)


def _spread(duration: NDArray[np.float64]) -> dict[str, float]:
    known = duration[np.isfinite(duration)]
    if not known.size:
        return dict.fromkeys(("shortest", "median", "longest"), np.nan)
    return {
        "shortest": round(float(known.min()), 3),
        "median": round(float(np.median(known)), 3),
        "longest": round(float(known.max()), 3),
    }


def _uar_by_duration(
    duration: NDArray[np.float64], emotion: NDArray[np.object_], speaker: pd.Series
) -> float:
    known = np.isfinite(duration)
    X, y = duration[known, np.newaxis], emotion[known].astype(str)
    names, counts = np.unique(y, return_counts=True)
    n_folds = min(_N_FOLDS, counts.min(initial=len(y)))
    groups, cv = None, StratifiedKFold
    if speaker.notna().all() and speaker[known].nunique() > 1:
        groups, cv = speaker[known].to_numpy(dtype=object), StratifiedGroupKFold
        n_folds = min(n_folds, speaker[known].nunique())
    if len(names) < 2 or n_folds < 2:
        return np.nan
    tree = DecisionTreeClassifier(
        max_leaf_nodes=4 * len(names), min_samples_leaf=5, class_weight="balanced", random_state=0
    )
    if len(np.unique(X)) < 2:
        return round(1 / len(names), 3)
    splits = cv(n_folds, shuffle=True, random_state=0)
    predicted = cross_val_predict(tree, X, y, groups=groups, cv=splits)
    return round(float(balanced_accuracy_score(y, predicted)), 3)
