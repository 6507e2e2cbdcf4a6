from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skser._sklearn_compat import Interval, StrOptions, check_sample_weight
from skser._state import restored_on_error
from skser.audio import Audio, Segment, as_items
from skser.audio._file_objects import is_file_object
from skser.audio._items import Item, Items, check_items, describe
from skser.audio._load import clip_duration, read_clip
from skser.audio._with_speakers import speaker_of
from skser.compose._array_rate import array_sr
from skser.compose._meta_classifier import MetaClassifier, add_error_note, check_groups, is_routing
from skser.compose._speakers_inside import is_transductive
from skser.exceptions import AudioError
from skser.extraction._doubts import Doubt, collecting, report

if TYPE_CHECKING:
    import pandas as pd

_BATCH = 128
"""Number of pieces to predict at once, so that memory does not grow with the length of a clip."""

TOLERANCE = 1e-3
"""Tolerance in seconds: a remainder this short is no piece, and a clip may be too short by it."""

_COUNTS_PIECES = "X[...] counts the pieces that SegmentClassifier cut, not the clips."


class Pieces(NamedTuple):
    """Pieces of clips, with those of one clip next to each other."""

    items: NDArray[np.object_]
    clips: NDArray[np.intp]
    """Index in X of the clip that each piece is cut from, shape (n_pieces,)."""
    times: NDArray[np.float64]
    """Start and end in seconds from the beginning of the clip, shape (n_pieces, 2)."""


def cut_times(duration: float, window: float, hop: float) -> NDArray[np.float64]:
    """Return start and end in seconds of each piece of a clip.

    All pieces are as long as the window. If the last of these does not reach the end of the clip,
    one more piece ends with the clip and overlaps the piece before it.

    Parameters
    ----------
    duration, window, hop : float
        Length of the clip, length of a piece and step between pieces, in seconds. A clip shorter
        than the window is one piece, as long as the clip.

    Returns
    -------
    times : ndarray of shape (n_pieces, 2)
    """
    latest = max(0.0, duration - window)
    starts = hop * np.arange(1 + np.floor((latest + TOLERANCE) / hop))
    if latest - starts[-1] > TOLERANCE:
        starts = np.append(starts, latest)
    return np.column_stack([starts, np.minimum(starts + window, duration)])


def _piece(item: Item, start: float, end: float, array_sr: float) -> Item:
    """Cut a piece out of a clip without copying samples or reading files."""
    match item:
        case Audio(y, sr, speaker):
            return Audio(_samples(np.asanyarray(y), start, end, sr), sr, speaker)
        case np.ndarray():
            return _samples(item, start, end, array_sr)
        case Segment(path, offset, _, speaker):
            return Segment(path, offset + start, offset + end, speaker)
        case _:
            return Segment(item, start, end)


def _is_part(segment: Segment) -> bool:
    if segment.end is None:
        return 0 <= segment.start < np.inf
    return 0 <= segment.start < segment.end < np.inf


def _samples(y: NDArray[Any], start: float, end: float, sr: float) -> NDArray[Any]:
    # Rounded as the decoder rounds a Segment, so that a file and its samples give equal pieces.
    first = round(start * sr)
    return y[..., first : max(first + 1, round(end * sr))]


def _can_predict_proba(self: SegmentClassifier) -> bool:
    return self.vote == "majority" or hasattr(self._inner, "predict_proba")


@dataclass(eq=False, repr=False)
class SegmentClassifier(MetaClassifier):
    r"""Train on pieces of clips, and let the pieces of a clip vote.

    Clips are cut inside `fit` and `predict`, that is, after a cross-validation has split them, so
    no clip has pieces in both training and test. Cutting before the split would measure how well
    the model recognises clips that it knows, not emotions. For the same reason, put a search
    around this class, not inside it: ``GridSearchCV(SegmentClassifier(pipeline), {"window":
    [1.0, 2.0], "estimator__svc__C": [1, 10]})``.

    Every piece lasts `window` seconds, and a new piece begins every `hop` seconds. If the last of
    these does not reach the end of the clip, one more piece is added that ends with the clip. Paths
    are turned into `Segment` objects, so that only the piece is read; arrays are not copied.
    `predict` processes pieces in batches, so a one-hour file needs no more memory than a one-minute
    file. An estimator with a `SpeakerNormalizer` and ``unseen="batch"``, however, receives all
    pieces of a call at once. Pieces keep the speaker of their clip.

    Parameters
    ----------
    estimator : classifier
        Classifier of clips, usually a pipeline that begins with features.
    window : float, default=2.0
        Length of a piece in seconds.
    hop : float, default=1.0
        Time from the start of one piece to the start of the next, in seconds. A hop longer than
        `window` leaves gaps.
    vote : {"mean", "majority", "max"}, default="mean"
        How the pieces of a clip vote. "mean" chooses the class with the highest mean probability.
        "majority" chooses the class that is predicted for most pieces, and in a tie the first of
        these in `classes_`; it needs no probabilities. "max" chooses the class of the piece with
        the highest probability.
    short : {"raise", "keep"}, default="raise"
        How to treat a clip shorter than `window`. "raise" raises an error; "keep" uses the whole
        clip as one shorter piece (set `duration` in the features if they need equal lengths).
    sr : float, default=None
        Sample rate in Hz that arrays are assumed to have; every other clip has its own. If None,
        the rate that the estimator assumes is used (22050 if no part of it sets one). If both set a
        rate, they must agree.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels.
    estimator_ : classifier
        Estimator fitted on the pieces.
    n_features_in_ : int
        Number of samples of a clip; only if X was a 2-D array.

    Notes
    -----
    A clip counts once, however long it is: its weight is divided among its pieces. With weight
    :math:`w_c` and :math:`n_c` pieces of clip c, each piece gets :math:`s w_c / n_c`, where
    :math:`s = \sum_c w_c n_c / \sum_c w_c` preserves the sum of the weights, and so the strength
    of a regularisation. This needs an estimator whose `fit`, or whose last step's `fit`, takes
    `sample_weight`; with any other, all pieces count the same. If the `fit` takes `groups`, each
    clip is a group by default, so that the `validation_split` of a network does not separate
    pieces of one clip.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skser import MFCC, SegmentClassifier, make_emotional_speech
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=2, random_state=0)
    >>> pipeline = make_pipeline(MFCC(13), StandardScaler(), LogisticRegression())
    >>> segments = SegmentClassifier(pipeline, window=0.5, hop=0.25)
    >>> segments.fit(speech.data, speech.target).predict(speech.data[:2]).tolist()
    ['angry', 'angry']
    >>> segments.predict_segments(speech.data[:1])[["clip", "start", "end"]].head(2)
       clip  start   end
    0     0   0.00  0.50
    1     0   0.25  0.75
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **MetaClassifier._parameter_constraints,
        "window": [Interval(Real, 0, None, closed="neither")],
        "hop": [Interval(Real, 0, None, closed="neither")],
        "vote": [StrOptions({"mean", "majority", "max"})],
        "short": [StrOptions({"raise", "keep"})],
    }

    window: float = 2.0
    hop: float = 1.0
    vote: str = "mean"
    _: KW_ONLY
    short: str = "raise"
    sr: float | None = None

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Cut the clips and fit the estimator on the pieces.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.
        y : array-like of shape (n_clips,)
            Labels.
        sample_weight : array-like of shape (n_clips,), default=None
            Weights of the clips.
        groups : array-like of shape (n_clips,), default=None
            Speakers, for an estimator whose `fit` takes groups. If None, each clip is a group.

        Returns
        -------
        self : object

        Raises
        ------
        AudioError
            If a clip cannot be read, or is shorter than the window.
        ValueError
            If the vote needs probabilities but the estimator has none, `sample_weight` is given
            but the estimator does not take it, or clips are arrays and `sr` and the estimator
            state different sample rates.

        Warns
        -----
        AudioWarning
            If the estimator, or one inside it, holds out a part of its training data without
            keeping the pieces of a clip together: a cross-validation whose splitter ignores
            groups, early stopping on a validation fraction, or an out-of-bag score.
        """
        with restored_on_error(self):
            return self._fit(X, y, sample_weight, groups)

    def _fit(self, X: Any, y: Any, sample_weight: Any, groups: Any) -> Self:
        self._validate_params()
        items, labels = self._check_X_y(X, y)
        if not _can_predict_proba(self):
            raise ValueError(
                f"vote={self.vote!r} needs probabilities, but {type(self.estimator).__name__} has "
                "no predict_proba. Pass vote='majority' (CalibratedClassifierCV around "
                "SegmentClassifier then gives probabilities), or an estimator with predict_proba."
            )
        pieces = self._cut(items, self.estimator)
        params = self._metadata(pieces.clips, sample_weight, groups)
        self._warn_of_splits_inside(len(pieces.items), len(items))
        with add_error_note(_COUNTS_PIECES), collecting():
            self.estimator_ = clone(self.estimator).fit(
                pieces.items, labels[pieces.clips], **params
            )
        self.classes_ = np.unique(labels)
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the class of each clip by the vote of its pieces.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.

        Returns
        -------
        labels : ndarray of shape (n_clips,)
        """
        check_is_fitted(self)
        return self.classes_[self._shares(X).argmax(axis=1)]

    @available_if(_can_predict_proba)
    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Estimate the probability of each class.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.

        Returns
        -------
        probabilities : ndarray of shape (n_clips, n_classes)
            Probabilities that depend on `vote`. "mean": the mean over the pieces. "majority": the
            fraction of the pieces for which the class is predicted. "max": the maximum over the
            pieces, divided by the sum over the classes.
        """
        check_is_fitted(self)
        return self._shares(X)

    def predict_segments(self, X: Any, *, batch_size: int = _BATCH) -> pd.DataFrame:
        """Predict the class of every piece, as a timeline of each clip.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.
        batch_size : int, default=128
            Number of pieces that the estimator predicts at once. Sums of products are rounded
            differently in batches of different sizes, so that the last bits of a probability may
            depend on it. With 1 they equal those of `LiveRecognizer` and `timeline`.

        Returns
        -------
        timeline : pandas.DataFrame
            One row per piece: clip (index in X), start and end (seconds from the start of the clip,
            or of the file of a `Segment`), label and, if the estimator has probabilities, the
            probability of each class as ``p_angry``, ``p_sad``, ...
        """
        import pandas as pd

        check_is_fitted(self)
        if batch_size < 1:
            raise ValueError(f"batch_size={batch_size!r}, but it must be at least 1.")
        items = check_items(self, X, reset=False)
        pieces = self._cut(items, self.estimator_)
        offsets = np.array([clip.start if isinstance(clip, Segment) else 0.0 for clip in items])
        start, end = (pieces.times + offsets[pieces.clips, None]).T
        columns = {"clip": pieces.clips, "start": start, "end": end}
        if not hasattr(self.estimator_, "predict_proba"):
            labels, _ = self._of_pieces("predict", pieces, batch_size)
            return pd.DataFrame(columns | {"label": labels})
        shares, _ = self._of_pieces("predict_proba", pieces, batch_size)
        columns["label"] = self.classes_[shares.argmax(axis=1)]
        columns |= {f"p_{name}": share for name, share in zip(self.classes_, shares.T, strict=True)}
        return pd.DataFrame(columns)

    def _cut(self, items: Items, estimator: Any) -> Pieces:
        """Cut clips into pieces for the estimator."""
        sr = array_sr(items, self.sr, estimator, type(self).__name__)
        pieces: list[Item] = []
        times = []
        for index, item in enumerate(items):
            if isinstance(item, Audio | np.ndarray):
                # Reports unusable samples while the index of their clip is known.
                read_clip(item, sr, index)
            if isinstance(item, Segment) and not _is_part(item):
                raise AudioError(
                    f"{describe(item, index)}: start and end must satisfy 0 <= start < end."
                )
            if is_file_object(item.path if isinstance(item, Segment) else item):
                # Decode it once instead of once per piece.
                item = Audio(*read_clip(item, sr, index), speaker_of(item))
            duration = clip_duration(item, sr, index)
            if self.short == "raise" and duration < self.window - TOLERANCE:
                raise AudioError(
                    f"{describe(item, index)}: the clip lasts {duration:.3g} s, less than "
                    f"window={self.window!r} s. Lower window, remove the clip, or pass "
                    "short='keep' to keep such clips as one piece."
                )
            times.append(cut_times(duration, self.window, self.hop))
            pieces += [_piece(item, start, end, sr) for start, end in times[-1].tolist()]
        clips = np.repeat(np.arange(len(items)), [len(t) for t in times])
        return Pieces(as_items(pieces), clips, np.concatenate(times))

    def _metadata(
        self, clips: NDArray[np.intp], sample_weight: Any, groups: Any
    ) -> dict[str, NDArray[Any]]:
        """Return the metadata for the estimator's fit, for the pieces of the clips."""
        n_pieces = np.bincount(clips)
        weight = check_sample_weight(sample_weight, n_pieces, ensure_non_negative=True)
        total = weight.sum()
        if total > 0:
            weight = weight / n_pieces * ((weight * n_pieces).sum() / total)
        given = {"sample_weight": weight, "groups": check_groups(groups, len(n_pieces))}
        taken = {name: values[clips] for name, values in given.items() if self._takes(name)}
        if sample_weight is not None and "sample_weight" not in taken:
            raise ValueError(
                f"sample_weight was given, but fit of {type(self.estimator).__name__} does not "
                + ("take or request" if is_routing() else "take")
                + " it. Leave it out, or pass an estimator (or a pipeline whose last step) that "
                "does."
            )
        return self._fit_params(taken)

    def _of_pieces(
        self, method: str, pieces: Pieces, batch_size: int = _BATCH
    ) -> tuple[NDArray[Any], list[Doubt]]:
        """Return the predictions of the pieces, and the pieces whose predictions mean nothing."""
        predict = getattr(self.estimator_, method)
        n_pieces = len(pieces.items)
        # Statistics of a speaker need all pieces of the speaker, not only those of a batch.
        size = n_pieces if is_transductive(self.estimator_) else batch_size
        batches, doubts = [], []
        for i in range(0, n_pieces, size):
            # A pause in a clip may well be silent.
            with add_error_note(_COUNTS_PIECES), collecting() as of_batch:
                batches.append(predict(pieces.items[i : i + size]))
            doubts += [each._replace(place=i + each.place) for each in of_batch]
        return np.concatenate(batches), doubts

    def _shares(self, X: Any) -> NDArray[np.float64]:
        """Return the result of the vote, shape (n_clips, n_classes), whose rows sum to 1."""
        items = check_items(self, X, reset=False)
        pieces = self._cut(items, self.estimator_)
        first = np.flatnonzero(np.diff(pieces.clips, prepend=-1))
        if self.vote == "majority":
            labels, doubts = self._of_pieces("predict", pieces)
            shares = (labels[:, None] == self.classes_).astype(np.float64)
        else:
            shares, doubts = self._of_pieces("predict_proba", pieces)
        # The stack: _shares, predict.
        report(_of_whole_clips(doubts, pieces.clips), len(items), stacklevel=3)
        join = np.maximum if self.vote == "max" else np.add
        joined = join.reduceat(shares, first, axis=0)
        return joined / joined.sum(axis=1, keepdims=True)


def _of_whole_clips(doubts: Sequence[Doubt], clips: NDArray[np.intp]) -> list[Doubt]:
    """Return a doubt for each clip that is silent in all its pieces, or short as a whole.

    Parameters
    ----------
    doubts : sequence of Doubt
        Pieces whose values mean nothing.
    clips : ndarray of shape (n_pieces,)
        Index of the clip of each piece.
    """
    n_pieces = np.bincount(clips)
    # A short piece of a longer clip says nothing about the clip.
    of_piece = {
        each.place: each for each in doubts if not each.is_short or n_pieces[clips[each.place]] == 1
    }
    n_doubtful = np.bincount(clips[sorted(of_piece)], minlength=len(n_pieces))
    first = np.searchsorted(clips, np.flatnonzero(n_doubtful == n_pieces)).tolist()
    return [of_piece[piece]._replace(place=int(clips[piece])) for piece in first]
