from __future__ import annotations

from collections.abc import Callable, Iterator
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from skser._sklearn_compat import Interval, validate_params
from skser.audio import Audio, as_items
from skser.audio._base import DEFAULT_SR
from skser.audio._items import HIGHEST_SR, LOWEST_SR
from skser.audio._speaker import Speaker, check_speaker
from skser.compose import SegmentClassifier
from skser.compose._array_rate import array_sr
from skser.compose._segment_classifier import TOLERANCE, cut_times
from skser.compose._speakers_inside import is_transductive, normalizers_in
from skser.exceptions import AudioError
from skser.extraction._doubts import collecting
from skser.live._chunks import channel_axis, mono
from skser.live._resampler import Resampler
from skser.live._sample_buffer import SampleBuffer

_BLOCK = 2**14
"""Number of samples to process at once, so that a chunk of an hour is not held twice."""

_WINDOW = 2.0

NOT_FINITE, SHORT, QUIET, NO_SPEECH = "not finite", "short", "quiet", "no speech"
"""Reasons why a window has no label."""


class LiveEvent(NamedTuple):
    """Result for one window of sound.

    Parameters
    ----------
    start, end : float
        Start and end of the window in seconds from the start of the stream.
    label : object
        Most probable class, or the predicted class of a model without probabilities. None if the
        window was not passed to the model, or the model failed; see `reason`.
    probabilities : dict of object to float, or None
        Probability of each class. None if there is no label, or the model has no probabilities.
    level : float
        Root mean square in dB relative to full scale (dBFS): a sine of amplitude 1 has -3.01, and
        digital silence minus infinity. NaN if samples are not finite.
    reason : str or None
        Reason why there is no label; None if there is one. The reason is "quiet" (the level is
        below `min_level`), "no speech" (`speech` returned False), "short" (the sound ended before
        it filled a window), "not finite" (NaN or infinity among the samples), or the message of the
        model's `AudioError`.

    Examples
    --------
    >>> from skser import LiveEvent
    >>> LiveEvent(0.0, 2.0, "happy", {"happy": 0.75, "sad": 0.25}, -21.5).label
    'happy'
    """

    start: float
    end: float
    label: Any
    probabilities: dict[Any, float] | None
    level: float
    reason: str | None = None


class LiveRecognizer:
    r"""Recognise emotions in sound that arrives in chunks.

    A window begins every `hop` seconds, and is passed to the model as soon as its last sample has
    arrived. Chunks may have any size. The result for a window is bit-identical to the prediction of
    the model for the same samples alone, offline: ``model.predict_proba([Audio(y[first:last],
    sr)])``, which ``SegmentClassifier.predict_segments(X, batch_size=1)`` also returns.

    Each object processes one stream, from one thread at a time; several objects may share a model.

    Parameters
    ----------
    model : classifier
        Fitted classifier of clips. If it is a `SegmentClassifier`, or a search around one, its
        classifier of pieces is used.
    window : float, default=None
        Length of a window in seconds. If None, the window of a `SegmentClassifier` is used, or 2.0
        for any other model.
    hop : float, default=0.5
        Time from the start of one window to the start of the next, in seconds.
    sr : float, default=None
        Sample rate in Hz at which windows are cut. If None, the rate of the first chunk is used, so
        that only the features of the model resample. Chunks at another rate are resampled as they
        arrive, with the quality "HQ" of soxr; see Notes.
    min_level : float, default=-60.0
        Level in dB relative to full scale (root mean square) below which windows get the reason
        "quiet" and are not passed to the model. If None, there is no limit. This is a gate, not a
        speech detector: noise above the level passes, and a distant voice below it does not. The
        right value depends on the microphone and its gain.
    speech : callable, default=None
        Function ``speech(samples, sr) -> bool`` of the mono float32 samples of a window, such as a
        voice activity detector. Windows for which it returns False get the reason "no speech", and
        are not passed to the model.
    speaker : str or int, default=None
        Speaker of the stream, for a model with a `SpeakerNormalizer`; enrol the speaker first
        (`enroll_speakers`).

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels.
    window, hop : float
        Length of a window, and step between windows, in seconds.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    ValueError
        If the model is not a classifier, a parameter is out of range, or the model contains a
        `SpeakerNormalizer` and the speaker is missing or not enrolled.

    See Also
    --------
    timeline : Recognise the emotion in each window of a recording.
    SegmentClassifier : Train on windows.

    Notes
    -----
    Window k begins at :math:`k\,hop`. Only one window and the samples inside the resampler are held
    in memory, however long the stream is.

    soxr's stream returns bit-identical values to ``soxr.resample(y, sr_in, sr, quality="soxr_hq")``
    for the whole sound. It returns them in blocks, which delays a window by up to 120 ms from 8 to
    16 kHz, and by 40 ms from 44.1 or 48 to 16 kHz. Without `sr` there is no delay. If the rate of
    the chunks changes, a new resampler takes over, and both treat the sound beyond the change as
    silence.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skser import MFCC, LiveRecognizer, make_emotional_speech
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=2, random_state=0)
    >>> model = make_pipeline(MFCC(13), StandardScaler(), LogisticRegression())
    >>> live = LiveRecognizer(model.fit(speech.data, speech.target), window=1.0, hop=1.0)
    >>> sound = np.concatenate([np.zeros(22050), speech.data[0].y])
    >>> for start in range(0, len(sound), 5000):
    ...     for event in live.push(sound[start : start + 5000], sr=22050):
    ...         print(event.start, event.end, event.label, event.reason)
    0.0 1.0 None quiet
    1.0 2.0 angry None
    >>> live.flush()[0].label
    'angry'
    """

    @validate_params(
        {
            "model": [object],
            "window": [Interval(Real, 0, np.inf, closed="neither"), None],
            "hop": [Interval(Real, 0, np.inf, closed="neither")],
            "sr": [Interval(Real, LOWEST_SR, HIGHEST_SR, closed="both"), None],
            "min_level": [Interval(Real, None, None, closed="neither"), None],
            "speech": [callable, None],
            "speaker": [object],
        },
        prefer_skip_nested_validation=True,
    )
    def __init__(
        self,
        model: Any,
        window: float | None = None,
        hop: float = 0.5,
        sr: float | None = None,
        *,
        min_level: float | None = -60.0,
        speech: Callable[[NDArray[np.float32], float], bool] | None = None,
        speaker: Speaker | None = None,
    ) -> None:
        model = getattr(model, "best_estimator_", model)
        if hasattr(model, "fit"):
            check_is_fitted(model)
        if isinstance(model, SegmentClassifier):
            window = model.window if window is None else window
            self.classes_ = model.classes_
            model = model.estimator_
        elif hasattr(model, "classes_") and hasattr(model, "predict"):
            self.classes_ = np.asarray(model.classes_)
        else:
            raise ValueError(
                f"model is a {type(model).__name__} without classes_ and predict. Pass a fitted "
                "classifier of clips (load_model opens a file); a search needs refit=True."
            )
        self.model = model
        self.window = float(_WINDOW if window is None else window)
        self.hop = float(hop)
        self.sr = sr
        self.min_level = min_level
        self.speech = speech
        self.speaker = None if speaker is None else check_speaker(speaker, "LiveRecognizer")
        _check_speaker_is_known(model, self.speaker)
        if sr is not None:
            self._check_hop(sr)
        self.reset()

    def __repr__(self) -> str:
        model = type(self.model).__name__
        return f"<LiveRecognizer: {model}, windows of {self.window:g} s every {self.hop:g} s>"

    def reset(self) -> None:
        """Discard the sound so far; the next chunk begins at 0 s."""
        self._sr = self.sr
        self._buffer = SampleBuffer()
        self._resampler: Resampler | None = None
        self._channel_axis: int | None = None
        self._n_events = 0

    def push(self, samples: NDArray[Any], sr: float | None = None) -> list[LiveEvent]:
        """Process a chunk of sound.

        Parameters
        ----------
        samples : ndarray of shape (n_samples,), (n_channels, n_samples) or (n_samples, n_channels)
            Floating point in [-1, 1], or PCM as int16, int32 or uint8, with any number of samples,
            including none. Channels are averaged. The axis longer than 8 counts samples; a shorter
            chunk is assumed to have the layout of earlier chunks.
        sr : float, default=None
            Sample rate of the chunk in Hz, which may differ from that of other chunks. If None, the
            rate of the windows is used or, before it is known, the rate that the model assumes for
            arrays (22050 if no part of it sets one).

        Returns
        -------
        events : list of LiveEvent
            Events of the windows that the chunk completes, in order; usually none or one.

        Raises
        ------
        AudioError
            If the chunk does not contain samples of sound, or the sample rate is invalid. The chunk
            is then skipped.
        """
        if isinstance(samples, Audio):
            raise AudioError("A chunk must be an array, not Audio. Push audio.y with sr=audio.sr.")
        samples = np.asanyarray(samples)
        if samples.ndim not in (1, 2):
            raise AudioError(
                f"A chunk has {samples.ndim} dimensions. Push an array of shape (n_samples,), "
                "(n_channels, n_samples) or (n_samples, n_channels)."
            )
        if sr is None:
            sr = rate_of_arrays(self.model) if self._sr is None else self._sr
        if samples.size == 0:
            return []
        axis = channel_axis(samples, self._channel_axis)
        y = mono(samples, axis, sr)
        if self._sr is None:
            self._check_hop(sr)
            self._sr = sr
        self._channel_axis = axis
        events = self._end_resampler() if sr != self._source_sr else []
        if sr not in (self._source_sr, self._sr):
            self._resampler = Resampler(sr, self._sr)
        for start in range(0, len(y), _BLOCK):
            block = y[start : start + _BLOCK]
            if self._resampler is not None:
                block = self._resampler.process(block)
            events += self._take(block)
        return events

    def flush(self) -> list[LiveEvent]:
        """End the stream, return the remaining events, and discard the sound.

        Returns
        -------
        events : list of LiveEvent
            Remaining events: if the last window does not reach the end of the sound, one more
            window ends with the sound. A sound shorter than a window gives one event with the
            reason "short".
        """
        events = self._end_resampler()
        n_samples, sr = self._buffer.n_samples, self._sr
        if sr is not None and n_samples:
            duration = n_samples / sr
            if duration < self.window - TOLERANCE:
                y = self._buffer.cut(0, n_samples)
                events.append(LiveEvent(0.0, duration, None, None, level_of(y), SHORT))
            else:
                times = cut_times(duration, self.window, self.hop)
                events += [self._event(*pair) for pair in times[self._n_events :].tolist()]
        self.reset()
        return events

    @property
    def _source_sr(self) -> float | None:
        return self._sr if self._resampler is None else self._resampler.source_sr

    def _check_hop(self, sr: float) -> None:
        if round(self.hop * sr) < 1 or round(self.window * sr) < 1:
            raise ValueError(
                f"window={self.window!r} or hop={self.hop!r} is less than a sample at {sr!r} Hz. "
                "Pass both in seconds."
            )

    def _end_resampler(self) -> list[LiveEvent]:
        if self._resampler is None:
            return []
        rest = self._resampler.process(np.empty(0, dtype=np.float32), last=True)
        self._resampler = None
        return self._take(rest)

    def _take(self, y: NDArray[np.float32]) -> list[LiveEvent]:
        """Store samples, and return the events of the windows that they complete."""
        self._buffer.append(y)
        events = [self._event(*pair) for pair in self._due()]
        # The last window ends with the sound, and so may begin earlier than the next one.
        latest = self._buffer.n_samples / self._rate - self.window
        first = min(self.hop * self._n_events, latest)
        self._buffer.drop_before(round(max(0.0, first) * self._rate))
        return events

    def _due(self) -> Iterator[tuple[float, float]]:
        """Yield start and end of the windows whose samples have all arrived."""
        while True:
            start = self.hop * self._n_events
            end = start + self.window
            if end > self._buffer.n_samples / self._rate:
                return
            self._n_events += 1
            yield start, end

    @property
    def _rate(self) -> float:
        assert self._sr is not None
        return self._sr

    def _event(self, start: float, end: float) -> LiveEvent:
        first = round(start * self._rate)
        y = self._buffer.cut(first, max(first + 1, round(end * self._rate)))
        level = level_of(y)
        reason = self._why_not(y, level)
        if reason is not None:
            return LiveEvent(start, end, None, None, level, reason)
        clip = as_items([Audio(y, self._rate, self.speaker)])
        try:
            # A window may well be silent or short; its event states its level and its times.
            with collecting():
                if not hasattr(self.model, "predict_proba"):
                    [label] = np.asarray(self.model.predict(clip)).tolist()
                    return LiveEvent(start, end, label, None, level)
                shares = self.model.predict_proba(clip)[0]
        except AudioError as error:
            message = str(error).removeprefix("X[0] ")
            return LiveEvent(start, end, None, None, level, message)
        classes = self.classes_.tolist()
        probabilities = dict(zip(classes, shares.tolist(), strict=True))
        return LiveEvent(start, end, classes[shares.argmax()], probabilities, level)

    def _why_not(self, y: NDArray[np.float32], level: float) -> str | None:
        """Return the reason why a window is not passed to the model, or None."""
        if np.isnan(level):
            return NOT_FINITE
        if self.min_level is not None and level < self.min_level:
            return QUIET
        if self.speech is not None and not self.speech(y, self._rate):
            return NO_SPEECH
        return None


def rate_of_arrays(model: Any) -> float:
    """Return the sample rate in Hz that a model assumes for arrays, which do not carry one.

    Parameters
    ----------
    model : classifier
        Classifier of clips.

    Returns
    -------
    sr : float

    Raises
    ------
    ValueError
        If parts of the model disagree.
    """
    if not hasattr(model, "get_params"):
        return DEFAULT_SR
    return array_sr([np.zeros(1)], None, model, "LiveRecognizer")


def level_of(y: NDArray[np.float32]) -> float:
    """Return the root mean square in dB relative to 1; NaN if a sample is NaN.

    Parameters
    ----------
    y : ndarray of shape (n_samples,), dtype=float32
        At least one sample.

    Returns
    -------
    level : float
    """
    power = np.mean(np.square(y, dtype=np.float64))
    with np.errstate(divide="ignore"):
        return float(10 * np.log10(power))


def _check_speaker_is_known(model: Any, speaker: Speaker | None) -> None:
    if not any(True for _ in normalizers_in(model)):
        return
    if speaker is None:
        raise ValueError(
            "The model standardises values for each speaker, but no speaker was given. Enrol the "
            "speaker with enroll_speakers, and pass speaker='name'."
        )
    if is_transductive(model, as_items([Audio(np.zeros(1), DEFAULT_SR, speaker)])):
        raise ValueError(
            f"speaker={speaker!r} is not enrolled, and a single window does not show how the "
            "speaker usually speaks. Enrol the speaker with enroll_speakers(model, clips, "
            "speaker)."
        )
