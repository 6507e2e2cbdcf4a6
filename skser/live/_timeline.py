from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval, validate_params
from skser.audio import Segment
from skser.audio._blocks import read_blocks
from skser.audio._items import Item
from skser.audio._speaker import Speaker
from skser.audio._with_speakers import speaker_of
from skser.compose._timeline_table import timeline_table
from skser.live._live_recognizer import LiveRecognizer, rate_of_arrays
from skser.live._moving_average import smoothed

if TYPE_CHECKING:
    import pandas as pd


@validate_params(
    {"smooth": [Interval(Real, 0, np.inf, closed="neither"), None]},
    # LiveRecognizer validates the others.
    prefer_skip_nested_validation=False,
)
def timeline(
    model: Any,
    clip: Item,
    *,
    window: float | None = None,
    hop: float = 1.0,
    smooth: float | None = None,
    min_level: float | None = -60.0,
    speech: Callable[[NDArray[np.float32], float], bool] | None = None,
    speaker: Speaker | None = None,
) -> pd.DataFrame:
    """Recognise the emotion in each window of a long recording.

    A file is read in blocks, so a file of ten hours takes no more memory than one of a minute.
    Each row is the result of `LiveRecognizer` for this window of the stream.

    Parameters
    ----------
    model : classifier
        Fitted classifier of clips. If it is a `SegmentClassifier`, its classifier of pieces is
        used.
    clip : path, file object, Segment, Audio or ndarray of shape (n_samples,)
        Recording. If it is an array, its sample rate is the one that the model assumes for arrays
        (22050 if nothing in it states one).
    window : float, default=None
        Length of a window in seconds. If None, the window of a `SegmentClassifier` is used, or 2.0
        for any other model.
    hop : float, default=1.0
        Time from the start of one window to the start of the next, in seconds.
    smooth : float, default=None
        Width in seconds of a moving average over the probabilities: each window gets the mean over
        the windows whose centres lie within half of this width, and the class that is then most
        probable. Windows without a label do not count, and get no label.
    min_level : float, default=-60.0
        Level in dBFS below which windows have no label, as in `LiveRecognizer`. If None, there is
        no limit.
    speech : callable, default=None
        Function ``speech(samples, sr) -> bool``, as in `LiveRecognizer`.
    speaker : str or int, default=None
        Speaker of the recording, for a model with a `SpeakerNormalizer`. If None, the speaker that
        the clip carries is used.

    Returns
    -------
    timeline : pandas.DataFrame
        One row per window: start and end (seconds from the start of the clip, or of the file of a
        `Segment`), label, level (dBFS), reason (why there is no label); and, if the model has
        probabilities, the probability of each class as ``p_angry``, ``p_sad``, ..., NaN if there is
        no label.

    Raises
    ------
    AudioError
        If the clip cannot be read.
    ValueError
        If a parameter is out of range, or `smooth` is set and the model has no probabilities.

    See Also
    --------
    LiveRecognizer : Recognise emotions in sound that arrives in chunks.
    TimelineDisplay : Draw a timeline.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skser import MFCC, Audio, make_emotional_speech, timeline
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=2, random_state=0)
    >>> model = make_pipeline(MFCC(13), StandardScaler(), LogisticRegression())
    >>> recording = Audio(np.concatenate([clip.y for clip in speech.data[[0, 8]]]), 22050)
    >>> timeline(model.fit(speech.data, speech.target), recording, window=1.0)["label"].tolist()
    ['angry', 'neutral', 'sad', 'sad']
    """
    recognizer = LiveRecognizer(
        model,
        window,
        hop,
        min_level=min_level,
        speech=speech,
        speaker=speaker_of(clip) if speaker is None else speaker,
    )
    has_probabilities = hasattr(recognizer.model, "predict_proba")
    if smooth is not None and not has_probabilities:
        raise ValueError(
            f"smooth={smooth!r} averages probabilities, but {type(recognizer.model).__name__} has "
            "no predict_proba. Leave smooth out, or pass a model with predict_proba."
        )
    events = []
    for block, sr in read_blocks(clip, rate_of_arrays(recognizer.model)):
        events += recognizer.push(block, sr)
    events += recognizer.flush()
    table = timeline_table(events, recognizer.classes_.tolist() if has_probabilities else ())
    if smooth is not None:
        _smooth(table, recognizer.classes_, smooth)
    if isinstance(clip, Segment):
        table[["start", "end"]] += clip.start
    return table


def _smooth(table: pd.DataFrame, classes: NDArray[Any], seconds: float) -> None:
    columns = [f"p_{label}" for label in classes.tolist()]
    centres = table[["start", "end"]].mean(axis=1).to_numpy()
    shares = smoothed(table[columns].to_numpy(float), centres, seconds)
    table[columns] = shares
    labels = np.asarray(classes, dtype=object)[np.nan_to_num(shares).argmax(axis=1)]
    table["label"] = table["label"].where(np.isnan(shares[:, 0]), labels)
