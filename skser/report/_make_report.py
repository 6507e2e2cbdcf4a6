from __future__ import annotations

import datetime
import os
from numbers import Integral
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray
from sklearn.base import MetaEstimatorMixin
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from skser._files import check_writable, writing
from skser._repr import without_addresses
from skser._sklearn_compat import HasMethods, Interval, validate_params
from skser._text import visible
from skser.audio import as_items
from skser.compose._speakers_inside import clips_for, is_transductive
from skser.datasets import describe_corpus, subset_corpus
from skser.datasets._check_corpus import check_corpus
from skser.metrics import EmotionReport
from skser.report._clips import clip_names
from skser.report._diagram import diagram
from skser.report._evaluation import evaluate
from skser.report._provenance import call_of, seeds, shareable, versions, written_out
from skser.report._sections import (
    corpus_section,
    learning_section,
    matrix,
    pair_sections,
    people_section,
    protocols_section,
    reason_for_no_maps,
    speakers_shown,
)
from skser.report._selection import selection_section

_UNKNOWN = "\N{EN DASH}"


@validate_params(
    {
        "search_or_pipeline": [HasMethods(["fit", "predict"])],
        "path": [str, os.PathLike],
        "cv": ["cv_object", None],
        "protocols": ["boolean"],
        "maps": ["boolean"],
        "n_pairs": [Interval(Integral, 0, 50, closed="both")],
        "n_jobs": [Integral, None],
        "title": [str, None],
        "command": [str, None],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_report(
    search_or_pipeline: Any,
    corpus: Bunch,
    path: str | os.PathLike[str] = "report.html",
    *,
    cv: Any = None,
    protocols: bool = False,
    n_pairs: int = 5,
    maps: bool = True,
    n_jobs: int | None = None,
    title: str | None = None,
    command: str | None = None,
    random_state: int | np.random.RandomState | None = 0,
) -> Path:
    """Write an HTML page that shows what a pipeline recognises and what it confuses.

    The page is a single file that works offline and contains no scripts: its figures and clips are
    part of it. It has these sections, of which those without content are left out:

    - the corpus and its faults;
    - the diagram of the pipeline;
    - the selection curve of a search, with a line at chance level;
    - the scores of each class, and the confusion matrix;
    - the scores of each speaker and sex, with the gap between the best and the worst;
    - the most confused pairs of classes, with clips to listen to, their spectrograms, and a map
      that shows where in one of them the model heard the wrong class;
    - the learning curves of a network;
    - the comparison of protocols;
    - the command or code, the seeds, the folds and the versions that repeat the report.

    The page does not reveal where files are on this computer: only the last part of an absolute
    path, such as that of a `memory`, is shown. Files with the same name are shown with as many
    parent folders as are needed to tell them apart. Characters that cannot be shown, such as
    control characters in a label, are escaped.

    All scores are computed from predictions of clips that were left out: the pipeline is cloned and
    trained once per fold, with speakers kept apart. These folds differ from those on which a search
    made its choice. With ten speakers or more the UAR has an interval, as in `EmotionReport`; with
    fewer, the page shows the range of the speakers' scores instead.

    A `SpeakerNormalizer` in the pipeline receives the speakers of the corpus. With its
    ``unseen="batch"`` the unlabelled test clips take part in the predictions, and the page says so
    beside the score.

    Parameters
    ----------
    search_or_pipeline : fitted search, or classifier
        Search or classifier that takes clips. The best pipeline of a search, such as
        `GridSearchCV` over `incremental_grid`, is reported; a classifier need not be fitted.
    corpus : Bunch
        Corpus, as returned by the loaders, with ``data``, ``target``, ``groups`` (speakers) and
        ``frame``. Clips that cannot be read are listed and left out.
    path : str or os.PathLike, default="report.html"
        File to write. A file of that name is replaced when the page is complete.
    cv : None, int, splitter or iterable of (train, test), default=None
        Folds of the predictions, which test each clip exactly once. If an int, the number of folds;
        None is the same as 5. There are at most as many folds as speakers, and
        `StratifiedGroupKFold` makes them. If the speakers are unknown, the folds are random, and
        the page says what that means.
    protocols : bool, default=False
        Whether to compare random, speaker-disjoint and sentence-disjoint splits, as
        `compare_protocols` does. This takes up to 15 more fits.
    n_pairs : int, default=5
        Number of confused pairs of classes to show with clips, at most 50. Each pair has two clips
        of at most 6 s, each of which makes the page about 0.3 MB larger.
    maps : bool, default=True
        Whether to show where the model heard the wrong class in the first clip of each pair, using
        `occlusion` on the pipeline that was trained without the clip. This takes up to 86
        predictions per pair, by the steps after the image or, if there is no image, by the whole
        pipeline. A pipeline without ``predict_proba`` has no maps.
    n_jobs : int, default=None
        Number of processes among which the folds are distributed, as for `joblib.Parallel`.
    title : str, default=None
        Title of the page. If None, the name of the corpus is used.
    command : str, default=None
        Command that repeats the report, which the page shows at its end. If None, the page shows
        the call of this function.
    random_state : int, RandomState instance or None, default=0
        Random seed or generator for the folds and, if the speakers are unknown, for the confidence
        interval.

    Returns
    -------
    path : Path
        Path of the page.

    Raises
    ------
    NotFittedError
        If a search is not fitted.
    ValueError
        If a search was not refitted, or `cv` does not test each clip exactly once.
    OSError
        If the page cannot be written.

    See Also
    --------
    EmotionReport : The scores and the confusion matrix alone.
    compare_protocols : The protocols alone.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> from skser import MFCC, make_emotional_speech, make_report
    >>> speech = make_emotional_speech(n_speakers=3, n_per_class=2, random_state=0)
    >>> pipeline = make_pipeline(MFCC(20), StandardScaler(), SVC())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = make_report(pipeline, speech, Path(folder, "report.html"), n_pairs=1)
    ...     page.name, "<script" in page.read_text(encoding="utf-8")
    ('report.html', False)
    """
    check_corpus(corpus, kind=dict)
    call = call_of(
        make_report,
        {
            "cv": cv,
            "protocols": protocols,
            "n_pairs": n_pairs,
            "maps": maps,
            "title": title,
            "random_state": random_state,
        },
    )
    check_writable(path)
    search, pipeline = _search_and_pipeline(search_or_pipeline)
    corpus, has_frame = _completed(corpus)
    described = describe_corpus(corpus, n_jobs=n_jobs)
    names = clip_names(corpus.data)
    unreadable = described.loc[("faults", "unreadable"), "which"]
    kept = np.setdiff1d(np.arange(len(corpus.target)), np.asarray(unreadable, dtype=int))
    readable = subset_corpus(corpus, kept)
    readable.data = clips_for(pipeline, readable.data, readable.groups)
    shown = shareable(pipeline)
    # Sections that need no fit come first: an error in them costs no fit.
    sections = {
        "corpus": corpus_section(corpus, described, has_frame, names),
        "diagram": diagram(shown),
        "pipeline": written_out(shown),
        "selection": None if search is None else selection_section(search),
        "versions": versions(),
        "seeds": {"of this report": without_addresses(repr(random_state))} | seeds(shown),
        "repeat": command or call,
        "is_command": bool(command),
    }
    evaluation = evaluate(pipeline, readable, cv, n_jobs, random_state)
    # The pipeline knows the labels as they are, which a page or a font may be unable to show.
    named = Bunch(**readable | {"target": _visible(readable.target)})
    predicted = _visible(evaluation.predicted)
    results = EmotionReport.from_predictions(
        named.target, predicted, named.groups, random_state=random_state
    )
    pairs = pair_sections(
        results, named, predicted, kept, names, n_pairs, evaluation if maps else None
    )
    page = _template().render(
        title=title or _title(corpus),
        made=datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        results=results,
        uar_note=_uar_note(results),
        people=people_section(results, named, random_state),
        chance=1 / len(np.unique(readable.target)),
        evaluation=evaluation,
        is_transductive=is_transductive(evaluation.first, readable.data),
        n_readable=len(kept),
        ranking=results.ranking.reset_index(names="name").to_dict("records"),
        matrix=matrix(results),
        pairs=pairs,
        has_maps=any(pair.listening and pair.listening.picture for pair in pairs),
        no_maps=reason_for_no_maps(pairs),
        n_pairs=n_pairs,
        learning=learning_section(search_or_pipeline, evaluation),
        protocols=protocols_section(
            pipeline, readable, int(cv) if isinstance(cv, Integral) else 5, n_jobs, random_state
        )
        if protocols
        else None,
        **sections,
    )
    with writing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return Path(path)


def _search_and_pipeline(estimator: Any) -> tuple[Any, Any]:
    """Return a fitted search and its best pipeline, or None and the pipeline itself."""
    # What tells a search from another classifier: it can refit the best.
    if not (isinstance(estimator, MetaEstimatorMixin) and hasattr(estimator, "refit")):
        return None, estimator
    check_is_fitted(estimator)
    if not hasattr(estimator, "best_estimator_"):
        raise ValueError(
            f"The {type(estimator).__name__} has no best_estimator_, because it was fitted with "
            f"refit={estimator.refit!r}. Fit it with refit=True, or pass a pipeline."
        )
    return estimator, estimator.best_estimator_


def _completed(corpus: Bunch) -> tuple[Bunch, bool]:
    """Return the corpus with a frame, and whether it had one.

    Speakers, and all names in the frame, can be shown; the labels in target are as they were.
    """
    for name in ("data", "target"):
        if name not in corpus:
            raise ValueError(
                f"The corpus has no entry {name!r}; its entries are {sorted(corpus)}. Pass a "
                "corpus as returned by the loaders."
            )
    target = np.asarray(corpus["target"])
    if len(corpus["data"]) != len(target):
        raise ValueError(
            f"corpus.data contains {len(corpus['data'])} clips, but corpus.target contains "
            f"{len(target)} labels. Pass one label for each clip."
        )
    groups, frame = corpus.get("groups"), corpus.get("frame")
    groups = None if groups is None else _visible(np.asarray(groups))
    labels = _visible(target)
    if frame is None:
        speakers = [None] * len(target) if groups is None else list(groups)
        completed = pd.DataFrame(
            {
                "emotion": pd.Series(labels, dtype=object),
                "speaker": pd.Series(speakers, dtype=object),
            }
        )
    else:
        completed = frame.reset_index(drop=True)
        for name in completed.columns.drop("path", errors="ignore"):
            values = completed[name].to_numpy()
            if (shown := _visible(values)) is not values:
                completed[name] = pd.Series(shown, dtype=object)
    data = corpus["data"]
    return (
        Bunch(
            data=data if isinstance(data, np.ndarray) else as_items(list(data)),
            target=target,
            groups=groups,
            frame=completed,
        ),
        frame is not None,
    )


def _visible(names: NDArray[Any]) -> NDArray[Any]:
    """Return labels or speakers with escapes for what cannot be shown; others as they are."""
    shown = {name: visible(name) for name in names.tolist() if isinstance(name, str)}
    if all(name == text for name, text in shown.items()):
        return names
    if len(set(shown.values())) < len(shown):
        raise ValueError(
            f"Two of {sorted(shown)} look the same once characters that cannot be shown are "
            "escaped. Rename one of them."
        )
    texts = [shown[name] if isinstance(name, str) else name for name in names.tolist()]
    return np.array(texts, dtype=object)


def _title(corpus: Bunch) -> str:
    names = corpus.frame["corpus"].dropna().unique() if "corpus" in corpus.frame else []
    return f"Emotions in {', '.join(map(str, names))}" if len(names) else "Emotions in speech"


def _uar_note(results: EmotionReport) -> str:
    """Say below the score how sure it is."""
    if results.uar_interval is not None:
        low, high = results.uar_interval
        level = 100 * results.confidence_level
        return f"{level:g} % interval {_score(low)} to {_score(high)}"
    if results.speakers is None:
        return "no interval"
    scores = [row["uar"] for row in speakers_shown(results)]
    return f"by speaker {_score(min(scores))} to {_score(max(scores))}"


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("skser.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"score": _score, "signed": _signed}
    return environment.get_template("report.html.j2")


def _finalized(value: Any) -> Any:
    """Let names and labels be seen whatever is in them; markup is made of such text already."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _score(value: float) -> str:
    return _UNKNOWN if value is None or np.isnan(value) else f"{value:.3f}"


def _signed(value: float) -> str:
    return _UNKNOWN if value is None or np.isnan(value) else f"{value:+.3f}"
