from __future__ import annotations

from copy import deepcopy
from dataclasses import KW_ONLY, dataclass
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, MetaEstimatorMixin, TransformerMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skser._array_output import ArrayOutputMixin
from skser._repr import AddressFreeRepr
from skser._sklearn_compat import HasMethods, Interval, StrOptions
from skser._state import restored_on_error
from skser.audio import with_speakers
from skser.audio._items import Items, check_items, check_kind, describe
from skser.audio._speaker import Speaker, check_one_kind, check_speaker
from skser.audio._with_speakers import speaker_of
from skser.exceptions import AudioError
from skser.preprocessing import ImageToSequence
from skser.preprocessing._ragged import is_ragged
from skser.preprocessing._rows import (
    as_rows,
    from_rows,
    location_and_scale,
    shrink,
    stacked_rows,
    subtracts_and_divides,
    usable,
)

Speakers = list[Speaker | None]
Voices = dict[Speaker, tuple[Any, int]]
"""Speakers, each with the scaler fitted on the speaker's clips and the number of these clips."""


def _names_its_values(self: SpeakerNormalizer) -> bool:
    getattr(self, "extractor_", self.extractor).get_feature_names_out  # noqa: B018
    return True


@dataclass(eq=False, repr=False)
class SpeakerNormalizer(
    AddressFreeRepr, ArrayOutputMixin, MetaEstimatorMixin, TransformerMixin, BaseEstimator
):
    r"""Standardise the values of an extractor for each speaker by the speaker's own statistics.

    Emotion shows in how a voice differs from the way the speaker usually sounds. The statistics are
    those of all clips of a speaker that were fitted or enrolled, whatever their emotion: labels are
    not used.

    .. math:: z_{ij} = \frac{x_{ij} - m_{p(i) j}}{s_{p(i) j}}

    with value :math:`j` of clip :math:`i`, whose speaker is :math:`p(i)`, and location :math:`m`
    and scale :math:`s` of that speaker. For images, :math:`j` is a row (and channel), and all
    frames of a clip count.

    The clips carry their speaker, because scorers pass only clips to ``predict``:
    ``with_speakers(corpus.data, corpus.groups)``. Pipelines with this class then work in
    `cross_validate`, `GridSearchCV`, `StackingClassifier`, `SegmentClassifier` and
    `AugmentedClassifier` like any other. A speaker seen in `fit` or in `enroll` is known: the
    stored statistics are used, so that a single clip can be recognised. The parameter `unseen`
    sets how any other speaker is treated. Different speakers must have different names, in
    different corpora, too: `concat_corpora` prepends the name of the corpus.

    Parameters
    ----------
    extractor : transformer
        Transformer from clips to vectors or images: a feature, a union, an embedding. It does not
        receive labels.
    scaler : transformer, default=None
        Scaler that subtracts and divides column by column, such as `RobustScaler`. It needs
        `partial_fit` to add clips to a known speaker. If None, `StandardScaler()` is used.
    unseen : {"batch", "global", "raise"}, default="batch"
        Statistics to use for a speaker that was neither fitted nor enrolled. "batch" uses those of
        the speaker's clips in the same call of `transform` or ``predict``. A prediction then
        depends on which clips are predicted with it, and a score is transductive: it uses the
        unlabelled test clips. State this where you report it. "global" uses those of all clips in
        fit. "raise" raises an error for such a clip.
    min_clips : int, default=50
        Number of clips from which a speaker's own statistics are used unchanged. With fewer clips
        they are blended with the global statistics.
    prior_weight : float, default=4.0
        Weight of the global statistics in this blend, in clips. If 0, statistics are not blended.
    unnamed : {"raise", "global"}, default="raise"
        How to treat clips that do not carry a speaker. "raise" raises an error; "global" uses the
        statistics of all clips in fit.

    Attributes
    ----------
    extractor_ : transformer
        Fitted extractor.
    scaler_ : transformer
        Scaler fitted on all clips in fit.
    voices_ : dict
        Known speakers, each with a tuple: the scaler fitted on the speaker's values after
        `scaler_`, and the number of clips.
    n_features_in_ : int
        Number of samples of a clip; only if X was a 2-D array.

    See Also
    --------
    with_speakers : Attach a speaker to each clip.
    enroll_speakers : Enrol clips in every SpeakerNormalizer of a model.

    Notes
    -----
    With :math:`n` clips, fewer than `min_clips`, and :math:`k` = `prior_weight`, values
    standardised over all clips in fit have :math:`m' = n m / (n + k)` and
    :math:`s'^2 = (n s^2 + k) / (n + k)`. A column that does not vary over a speaker's clips keeps
    the global scale. In a `SegmentClassifier`, pieces count as clips; in an `AugmentedClassifier`,
    copies do.

    Examples
    --------
    >>> from sklearn.model_selection import GroupKFold, cross_val_score
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> from skser import MFCC, SpeakerNormalizer, make_emotional_speech, with_speakers
    >>> speech = make_emotional_speech(n_speakers=4, n_per_class=2, random_state=0)
    >>> X = with_speakers(speech.data, speech.groups)
    >>> pipeline = make_pipeline(SpeakerNormalizer(MFCC(13)), SVC())
    >>> cross_val_score(pipeline, X, speech.target, groups=speech.groups, cv=GroupKFold(2)).shape
    (2,)

    Enrol a new speaker, whose clips need no labels:

    >>> pipeline.fit(X[:30], speech.target[:30])[0].enroll(speech.data[30:39], "newcomer").n_clips_
    {'s01': 10, 's02': 10, 's03': 10, 'newcomer': 9}
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "extractor": [HasMethods(["fit", "transform"])],
        "scaler": [HasMethods(["fit", "transform"]), None],
        "unseen": [StrOptions({"batch", "global", "raise"})],
        "min_clips": [Interval(Integral, 1, None, closed="left")],
        "prior_weight": [Interval(Real, 0, None, closed="left")],
        "unnamed": [StrOptions({"raise", "global"})],
    }

    extractor: Any
    scaler: Any = None
    _: KW_ONLY
    unseen: str = "batch"
    min_clips: int = 50
    prior_weight: float = 4.0
    unnamed: str = "raise"

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit the extractor, and learn the statistics of each speaker.

        Speakers that were enrolled earlier are forgotten.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Clips that carry their speaker.
        y : None
            Ignored: neither the extractor nor the statistics use labels.

        Returns
        -------
        self : object

        Raises
        ------
        AudioError
            If a clip cannot be read, or its speaker is missing, is not a name, or has another
            type than those of other clips.
        ValueError
            If the scaler does not subtract and divide column by column, or the extractor returns
            neither vectors nor images.
        """
        self._fit(X)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> NDArray[Any]:
        """Fit, and return the standardised values of the same clips.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Clips that carry their speaker.
        y : None
            Ignored.

        Returns
        -------
        values : ndarray of shape (n_clips, n_values) or (n_clips, n_rows, n_frames[, n_channels])
            Images that differ in length form an object array of shape (n_clips,).

        Raises
        ------
        AudioError, ValueError
            As in `fit`.
        """
        return self._standardise(*self._fit(X))

    def transform(self, X: Any) -> NDArray[Any]:
        """Extract values, and standardise them for each speaker.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Clips that carry their speaker.

        Returns
        -------
        values : ndarray of shape (n_clips, n_values) or (n_clips, n_rows, n_frames[, n_channels])
            Images that differ in length form an object array of shape (n_clips,). With
            ``unseen="batch"``, the values of a clip of an unknown speaker depend on the other
            clips of that speaker in X.

        Raises
        ------
        AudioError
            If a clip cannot be read, or its speaker is missing, is not a name, or is unknown with
            ``unseen="raise"``.
        """
        check_is_fitted(self)
        self._validate_params()
        items = check_items(self, X, reset=False, lenient=True)
        speakers = self._speakers(items, self.unnamed)
        if self.unseen == "raise":
            self._refuse_strangers(items, speakers)
        return self._standardise(_as_values(self.extractor_.transform(items)), speakers)

    def enroll(self, X: Any, speaker: Any = None) -> Self:
        """Enrol clips of speakers, without labels and without refitting anything.

        A new speaker becomes known; the statistics of a known speaker become those of the old and
        the new clips together. If a clip cannot be used, nothing is enrolled. For a fitted pipeline
        that begins with this step: ``pipeline[0].enroll(clips, "anna")``.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Clips.
        speaker : str or int, default=None
            Speaker of all clips. If None, each clip must carry its speaker.

        Returns
        -------
        self : object

        Raises
        ------
        AudioError
            If a clip cannot be read, or its speaker is missing or differs from `speaker`.
        ValueError
            If a speaker is already known and the scaler has no `partial_fit`.
        """
        self.voices_: Voices = self._enrolled(X, speaker)
        return self

    @property
    def n_clips_(self) -> dict[Speaker, int]:
        """Known speakers, and the number of clips of each that were fitted or enrolled."""
        return {speaker: n_clips for speaker, (_, n_clips) in self.voices_.items()}

    def _fit(self, X: Any) -> tuple[NDArray[Any], Speakers]:
        """Fit, and return the extractor's values and the speakers of the clips."""
        self._validate_params()
        self._check_extractor()
        with restored_on_error(self):
            items = check_items(self, X, reset=True, lenient=True)
            self.voices_ = {}
            speakers = self._speakers(items, self.unnamed)
            self.extractor_ = clone(self.extractor)
            values = _as_values(_fit_transform(self.extractor_, items))
            readable = np.flatnonzero(usable(values))
            if not len(readable):
                raise AudioError(
                    f"None of the {len(items)} clips can be used: their values are not finite. "
                    "Pass clips that the extractor can read."
                )
            rows = stacked_rows(values, readable)
            scaler = StandardScaler() if self.scaler is None else clone(self.scaler)
            self.scaler_ = scaler.fit(rows)
            if not subtracts_and_divides(self.scaler_, rows):
                raise ValueError(
                    f"scaler={self.scaler!r} does something other than subtract and divide column "
                    "by column, so the statistics of a speaker cannot be blended with the global "
                    "ones. Pass StandardScaler, RobustScaler or MinMaxScaler."
                )
            self.voices_ = self._with_clips(values, speakers)
        return values, speakers

    def _enrolled(self, X: Any, speaker: Any) -> Voices:
        """Return the known speakers with those of the clips, without changing any state."""
        check_is_fitted(self)
        self._validate_params()
        items = check_items(self, X, reset=False, lenient=True)
        if speaker is not None:
            named = check_speaker(speaker, "enroll")
            for index, item in enumerate(items):
                own = speaker_of(item)
                if own is not None and own != named:
                    raise AudioError(
                        f"{describe(item, index)}: a clip of {own!r} cannot be enrolled as speaker "
                        f"{named!r}. Leave speaker out, or pass clips of that speaker only."
                    )
            check_one_kind([*self.voices_, named])
            speakers: Speakers = [named] * len(items)
        else:
            speakers = self._speakers(items, "raise")
        values = _as_values(self.extractor_.transform(items))
        for index in np.flatnonzero(~usable(values)).tolist():
            raise AudioError(
                f"{describe(items[index], index)}: its values are not finite, so nothing was "
                "enrolled. Remove the clip."
            )
        return self._with_clips(values, speakers)

    def _check_extractor(self) -> None:
        last: Any = self.extractor
        while isinstance(last, Pipeline):
            last = last.steps[-1][1]
        if isinstance(last, ImageToSequence | SpeakerNormalizer):
            raise ValueError(
                f"The extractor of SpeakerNormalizer ends in {type(last).__name__}. "
                + (
                    "Put it after SpeakerNormalizer, which standardises rows of images."
                    if isinstance(last, ImageToSequence)
                    else "One SpeakerNormalizer is enough: pass its extractor."
                )
            )

    def _speakers(self, items: Items, unnamed: str) -> Speakers:
        """Return the speaker of each clip; None if it is unknown and `unnamed` allows this."""
        speakers: Speakers = []
        for index, item in enumerate(items):
            speaker = speaker_of(item)
            if speaker is None and unnamed == "raise":
                check_kind(item, index)
                raise AudioError(
                    f"{describe(item, index)}: the clip does not carry its speaker. Pass "
                    f"{with_speakers.__name__}(X, groups), Segment(..., speaker=) or "
                    "Audio(..., speaker=); or set unnamed='global' to standardise such clips by "
                    "the statistics of all speakers."
                )
            where = describe(item, index)
            speakers.append(None if speaker is None else check_speaker(speaker, where))
        known = getattr(self, "voices_", {})
        check_one_kind([*known, *speakers])
        return speakers

    def _refuse_strangers(self, items: Items, speakers: Speakers) -> None:
        for index, speaker in enumerate(speakers):
            if speaker is not None and speaker not in self.voices_:
                raise AudioError(
                    f"{describe(items[index], index)}: speaker {speaker!r} is not known. Enrol "
                    "clips of the speaker, or set unseen='batch' or 'global'."
                )

    def _new_scaler(self) -> Any:
        return clone(self.scaler_)

    def _with_clips(self, values: NDArray[Any], speakers: Speakers) -> Voices:
        """Return the known speakers with these clips added."""
        voices = dict(self.voices_)
        readable = usable(values)
        for speaker, places in _places(speakers).items():
            kept = places[readable[places]]
            if speaker is not None and len(kept):
                rows = self._globally_scaled(values, kept)
                scaler, n_clips = voices.get(speaker, (None, 0))
                voices[speaker] = self._learnt(scaler, rows, speaker), n_clips + len(kept)
        return voices

    def _learnt(self, scaler: Any, rows: NDArray[Any], speaker: Speaker) -> Any:
        """Return a scaler fitted on rows, in addition to the data of the given scaler."""
        if scaler is None:
            return self._new_scaler().fit(rows)
        if not hasattr(scaler, "partial_fit"):
            raise ValueError(
                f"Speaker {speaker!r} is known already, and {type(scaler).__name__} cannot add "
                "clips to its statistics (it has no partial_fit). Enrol all clips of a speaker in "
                "one call, or use StandardScaler."
            )
        return deepcopy(scaler).partial_fit(rows)

    def _globally_scaled(self, values: NDArray[Any], places: NDArray[np.intp]) -> NDArray[Any]:
        """Return the rows of clips, standardised over all clips in fit.

        A speaker's scaler gives a column without spread the scale 1, which is the global scale.
        """
        return np.asarray(self.scaler_.transform(stacked_rows(values, places)))

    def _standardise(self, values: NDArray[Any], speakers: Speakers) -> NDArray[Any]:
        standardised = np.empty(values.shape, dtype=values.dtype)
        readable = usable(values)
        for speaker, places in _places(speakers).items():
            rows = self._globally_scaled(values, places)
            n_frames = [len(as_rows(values[place])) for place in places]
            of_readable = rows[np.repeat(readable[places], n_frames)]
            location, scale = self._statistics(speaker, of_readable, int(readable[places].sum()))
            rows = (rows - location.astype(rows.dtype)) / scale.astype(rows.dtype)
            ends = np.cumsum(n_frames)
            for place, of_clip in zip(places, np.split(rows, ends[:-1]), strict=True):
                standardised[place] = from_rows(of_clip, values[place].shape)
        return standardised

    def _statistics(
        self, speaker: Speaker | None, rows: NDArray[Any], n_clips: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return location and scale of a speaker, given the speaker's rows in this call."""
        n_columns = rows.shape[1]
        scaler, n_known = self.voices_.get(speaker, (None, 0)) if speaker is not None else (None, 0)
        if scaler is None and self.unseen == "batch" and speaker is not None and n_clips:
            scaler, n_known = self._new_scaler().fit(rows), n_clips
        if scaler is None:
            return np.zeros(n_columns), np.ones(n_columns)
        location, scale = location_and_scale(scaler, n_columns)
        if n_known < self.min_clips:
            return shrink(location, scale, n_known, self.prior_weight)
        return location, scale

    @available_if(_names_its_values)
    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names that the extractor gives its values; images have no names.

        Parameters
        ----------
        input_features : None
            Ignored; samples have no names.

        Returns
        -------
        names : ndarray of shape (n_values,), dtype=object
        """
        check_is_fitted(self)
        return self.extractor_.get_feature_names_out(input_features)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def _fit_transform(extractor: Any, items: Items) -> Any:
    if hasattr(extractor, "fit_transform"):
        return extractor.fit_transform(items)
    return extractor.fit(items).transform(items)


def _as_values(values: Any) -> NDArray[Any]:
    """Return vectors or images as an array; images that differ in length as an object array."""
    array = np.asarray(values)
    if is_ragged(array) and all(isinstance(value, np.ndarray) for value in array):
        rows = {value.shape[:1] + value.shape[2:] for value in array}
        if len(rows) > 1:
            raise ValueError(
                "The images of the extractor of SpeakerNormalizer differ in their rows or "
                f"channels: {sorted(rows)}. Only the number of frames may differ."
            )
        return array
    if array.dtype == object or not 2 <= array.ndim <= 4:
        raise ValueError(
            f"The extractor of SpeakerNormalizer returned an array of shape {array.shape} and "
            f"dtype {array.dtype}, but it must return vectors, shape (n_clips, n_values), or "
            "images, shape (n_clips, n_rows, n_frames[, n_channels]). Pass a feature as extractor."
        )
    return array.astype(np.result_type(array, np.float32), copy=False)


def _places(speakers: Speakers) -> dict[Speaker | None, NDArray[np.intp]]:
    """Return the indices of each speaker's clips."""
    places: dict[Speaker | None, list[int]] = {}
    for place, speaker in enumerate(speakers):
        places.setdefault(speaker, []).append(place)
    return {speaker: np.array(of_speaker) for speaker, of_speaker in places.items()}
