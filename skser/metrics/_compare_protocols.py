from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from functools import partial
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_validate
from sklearn.utils import Bunch
from sklearn.utils.metadata_routing import get_routing_for_object

from skser._sklearn_compat import (
    BaseSearchCV,
    GroupsConsumerMixin,
    HasMethods,
    Interval,
    safe_indexing,
    validate_params,
)
from skser.augmentation._base import draw_seed
from skser.compose._held import outermost
from skser.compose._meta_classifier import fit_keyword, is_routing
from skser.compose._speakers_inside import clips_for, normalizers_in
from skser.datasets._check_corpus import check_corpus
from skser.metrics._enrolled import enrolled_uar, stranger_uar

if TYPE_CHECKING:
    import pandas as pd


@validate_params(
    {
        "pipeline": [HasMethods(["fit", "predict"])],
        "cv": [Interval(Integral, 2, None, closed="left")],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def compare_protocols(
    pipeline: Any,
    corpus: Bunch,
    *,
    cv: int = 5,
    n_jobs: int | None = None,
    random_state: int | np.random.RandomState | None = 0,
) -> pd.DataFrame:
    """Score a pipeline under random, speaker-disjoint and sentence-disjoint splits.

    A random split tests on speakers that also occur in training. The difference between its score
    and the speaker-disjoint score shows how much the model gains from knowing the speaker. A
    sentence-disjoint split shows the same for the words.

    A pipeline with a `SpeakerNormalizer` is scored under one more protocol. Under
    "speaker-disjoint", nothing is known about a test speaker: the normalizer's `unseen` is set to
    "global". Under "speaker-disjoint, enrolled", the same fitted pipelines know other clips of the
    test speakers, without their labels: one random half of a speaker's clips is enrolled to predict
    the other half, and vice versa. The speakers are attached to the clips of the corpus
    automatically.

    Parameters
    ----------
    pipeline : classifier
        Classifier that takes clips. If it is a search with a splitter that needs groups, its fit
        gets the speakers; with metadata routing, any fit that requests `groups` does.
    corpus : Bunch
        Corpus, as returned by the loaders, with ``data``, ``target``, ``groups`` (speakers), and
        ``frame`` with a column ``sentence``.
    cv : int, default=5
        Number of folds, at most the number of speakers or sentences.
    n_jobs : int, default=None
        Number of processes among which the folds are distributed, as for `joblib.Parallel`.
    random_state : int, RandomState instance or None, default=0
        Random seed or generator that shuffles the clips before each split.

    Returns
    -------
    table : pandas.DataFrame
        Table indexed by protocol (random; speaker-disjoint; speaker-disjoint, enrolled;
        sentence-disjoint), with the columns uar and std (mean and standard deviation over folds),
        above_speaker_disjoint (difference from the speaker-disjoint uar), n_folds, n_train (mean
        number of training clips; with two sentences, only half of the clips), n_clips, and
        n_enrolled (mean number of enrolled clips per test speaker). Clips whose sentence is unknown
        are left out of the sentence-disjoint split; with fewer than two sentences, its n_folds is 0
        and its scores are NaN.

    Raises
    ------
    ValueError
        If the speakers of the corpus are unknown, or there are fewer than two.

    See Also
    --------
    uar_score : Compute the score.
    SpeakerNormalizer : Standardise the values of each speaker.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> from skser import MFCC, compare_protocols, make_emotional_speech
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=3, random_state=0)
    >>> table = compare_protocols(make_pipeline(MFCC(), SVC()), speech, cv=2)
    >>> table.index.tolist()
    ['random', 'speaker-disjoint', 'sentence-disjoint']
    """
    check_corpus(corpus, kind=dict)
    return protocol_table(pipeline, corpus, cv=cv, n_jobs=n_jobs, random_state=random_state)


def protocol_table(
    pipeline: Any,
    corpus: Bunch,
    *,
    cv: int,
    n_jobs: int | None,
    random_state: int | np.random.RandomState | None,
    speaker_disjoint: Sequence[float] | None = None,
) -> pd.DataFrame:
    """Compute the table of `compare_protocols`, optionally with known scores.

    Parameters
    ----------
    pipeline, corpus, cv, n_jobs, random_state
        As for `compare_protocols`.
    speaker_disjoint : sequence of float, default=None
        UAR of each speaker-disjoint fold, if already known; these folds are then not fitted again.
        Only for a pipeline without a `SpeakerNormalizer`.

    Returns
    -------
    table : pandas.DataFrame
    """
    import pandas as pd

    n_clips = len(corpus["target"])
    if corpus["groups"] is None:
        raise ValueError(
            "corpus.groups is None, because some or all speakers are unknown. Pass the speakers to "
            "the loader (group= of load_folder and load_table)."
        )
    data = clips_for(pipeline, corpus["data"], corpus["groups"])
    pipeline, scoring = clone(pipeline), {"uar": stranger_uar}
    if any(True for _ in normalizers_in(pipeline)):
        # Cloning a frozen estimator returns the user's own object, so it must be copied.
        pipeline = deepcopy(pipeline)
    normalizers = list(normalizers_in(pipeline))
    for normalizer in normalizers:
        normalizer.set_params(unseen="global")
    if normalizers:
        scoring["enrolled"] = partial(enrolled_uar, seed=draw_seed(random_state))
    sentences = corpus["frame"].get("sentence", pd.Series([None] * n_clips))
    protocols = {
        "random": (StratifiedKFold, np.arange(n_clips)),
        "speaker-disjoint": (StratifiedGroupKFold, corpus["groups"]),
        "sentence-disjoint": (StratifiedGroupKFold, sentences),
    }
    rows: dict[str, dict[str, float]] = {}
    for protocol, (splitter, groups) in protocols.items():
        # Sorted, so that the folds equal those of a splitter that gets the names themselves.
        codes, names = pd.factorize(np.asarray(groups, dtype=object), sort=True)
        known = np.flatnonzero(codes >= 0)
        n_folds = min(cv, len(names))
        if n_folds < 2:
            if protocol == "speaker-disjoint":
                raise ValueError(
                    f"corpus.groups contains {len(names)} speaker, but a speaker-disjoint split "
                    "needs at least two. Add clips of other speakers."
                )
            rows[protocol] = {"n_folds": 0, "n_clips": len(known), "n_enrolled": 0.0}
            continue
        if protocol == "speaker-disjoint" and speaker_disjoint is not None:
            rows[protocol] = _summary(np.asarray(speaker_disjoint)) | {
                "n_folds": len(speaker_disjoint),
                "n_train": len(known) * (1 - 1 / len(speaker_disjoint)),
                "n_clips": len(known),
                "n_enrolled": 0.0,
            }
            continue
        labels = np.asarray(corpus["target"])[known]
        split_by = None if splitter is StratifiedKFold else codes[known]
        outer = splitter(n_folds, shuffle=True, random_state=random_state)
        scores = cross_validate(
            clone(pipeline),
            safe_indexing(data, known),
            labels,
            cv=list(outer.split(labels, labels, split_by)),
            params=_fit_params(pipeline, np.asarray(corpus["groups"])[known]),
            scoring=scoring if protocol == "speaker-disjoint" else {"uar": stranger_uar},
            n_jobs=n_jobs,
            return_indices=True,
            error_score="raise",
        )
        shared = {
            "n_folds": n_folds,
            "n_train": float(np.mean([len(train) for train in scores["indices"]["train"]])),
            "n_clips": len(known),
        }
        rows[protocol] = _summary(scores["test_uar"]) | shared | {"n_enrolled": 0.0}
        if "test_enrolled" in scores:
            enrolled = {"n_enrolled": n_clips / len(names) / 2}
            rows[f"{protocol}, enrolled"] = _summary(scores["test_enrolled"]) | shared | enrolled
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("protocol")
    above = table["uar"] - rows["speaker-disjoint"]["uar"]
    table.insert(2, "above_speaker_disjoint", above)
    return table


def _fit_params(pipeline: Any, speakers: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return the speakers as a parameter of fit, for a search that splits by speaker."""
    if is_routing():
        consumed = get_routing_for_object(pipeline).consumes("fit", ["groups"])
        return dict.fromkeys(consumed, speakers)
    searches = outermost(pipeline, BaseSearchCV)
    if not any(isinstance(search.cv, GroupsConsumerMixin) for search in searches):
        return {}
    keyword = fit_keyword(pipeline, "groups")
    return {} if keyword is None else {keyword: speakers}


def _summary(uars: NDArray[np.floating]) -> dict[str, float]:
    return {"uar": float(uars.mean()), "std": float(uars.std())}
