from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser.audio import Audio

FAINT = 0.02
"""Change of a probability below which a map shows next to nothing."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RelevanceMap:
    """How much each patch of a clip, a window of time in a band, speaks for a class.

    Parameters
    ----------
    values : ndarray of shape (n_bands, n_times)
        How much of the class's score is lost without the patch; the lowest band first. Above 0,
        the patch speaks for the class; below, against it.
    windows : ndarray of shape (n_times, 2)
        Start and end of each window in seconds from the beginning of `sound`.
    bands : ndarray of shape (n_bands, 2)
        Lowest and highest frequency of each band in Hz.
    label : object
        The class.
    score : float
        Its score for the whole clip.
    predicted : object
        The class that is predicted for the whole clip.
    predicted_score : float
        Its score for the whole clip.
    measure : {"probability", "decision"}
        What a score is: a probability, or a value of the model's ``decision_function``.
    method : {"occlusion", "saliency"}
        What has measured it.
    domain : {"image", "sound"}
        Where patches were hidden: in the image that the model is given, or in the samples.
    sound : Audio
        The sound that the map belongs to, mono: the clip, or what the steps before the first
        image, such as `TrimSilence` and a `duration`, have made of it.
    baseline_score : float, default=None
        Score of the class for the mean image, from which the values of `saliency` add up to
        `score`; None for a map by `occlusion`.

    See Also
    --------
    occlusion : Hides each patch.
    saliency : Follows gradients.
    OcclusionDisplay : Draws it.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import Audio, RelevanceMap
    >>> relevance = RelevanceMap(
    ...     values=np.array([[0.1, 0.4]]), windows=np.array([[0.0, 0.5], [0.25, 0.75]]),
    ...     bands=np.array([[0.0, 8000.0]]), label="sad", score=0.7, predicted="sad",
    ...     predicted_score=0.7, measure="probability", method="occlusion", domain="sound",
    ...     sound=Audio(np.zeros(12000, np.float32), 16000),
    ... )
    >>> relevance.times
    array([0.25, 0.5 ])
    """

    values: NDArray[np.float64]
    windows: NDArray[np.float64]
    bands: NDArray[np.float64]
    label: Any
    score: float
    predicted: Any
    predicted_score: float
    measure: str
    method: str
    domain: str
    sound: Audio
    baseline_score: float | None = None

    @property
    def times(self) -> NDArray[np.float64]:
        """Middles of the windows in seconds, shape (n_times,)."""
        return self.windows.mean(axis=1)

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Middles of the bands in Hz, shape (n_bands,)."""
        return self.bands.mean(axis=1)

    @property
    def _is_faint(self) -> bool:
        """Whether no patch, or all pixels together, change a probability by as much as `FAINT`."""
        return self.measure == "probability" and self._reach() < FAINT

    def _reach(self) -> float:
        strength = np.abs(self.values)
        return float(strength.sum() if self.method == "saliency" else strength.max())
