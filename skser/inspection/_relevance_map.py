from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser.audio import Audio

FAINT = 0.02
"""Change of a probability below which a map is considered empty."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RelevanceMap:
    """Map of how much each patch of a clip, a time window in a band, speaks for a class.

    Parameters
    ----------
    values : ndarray of shape (n_bands, n_times)
        Loss in the class's score without the patch, with the lowest band first. A patch with a
        positive value speaks for the class, one with a negative value against it.
    windows : ndarray of shape (n_times, 2)
        Start and end of each window in seconds from the start of `sound`.
    bands : ndarray of shape (n_bands, 2)
        Lowest and highest frequency of each band in Hz.
    label : object
        Class that the map explains.
    score : float
        Score of this class for the whole clip.
    predicted : object
        Class that is predicted for the whole clip.
    predicted_score : float
        Score of the predicted class for the whole clip.
    measure : {"probability", "decision"}
        Kind of the scores: probabilities, or values of the model's ``decision_function``.
    method : {"occlusion", "saliency"}
        Function that computed the map.
    domain : {"image", "sound"}
        Domain in which patches were hidden: the image that the model uses, or the samples.
    sound : Audio
        Mono sound that the map belongs to: the clip, after the steps before the first image, such
        as `TrimSilence` and a `duration`.
    baseline_score : float, default=None
        Score of the class for the mean image; the values of `saliency` add up to `score` minus this
        score. None for a map by `occlusion`.

    See Also
    --------
    occlusion : Compute a map by hiding patches.
    saliency : Compute a map from gradients.
    OcclusionDisplay : Draw the map.

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

    def __repr__(self) -> str:
        n_bands, n_times = self.values.shape
        return (
            f"<RelevanceMap of {self.label!r} by {self.method}: {self.measure} {self.score:.3f}, "
            f"bands x windows {n_bands} x {n_times}>"
        )

    @property
    def times(self) -> NDArray[np.float64]:
        """Centres of the windows in seconds, shape (n_times,)."""
        return self.windows.mean(axis=1)

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Centres of the bands in Hz, shape (n_bands,)."""
        return self.bands.mean(axis=1)

    @property
    def _is_faint(self) -> bool:
        """Whether no patch (or all pixels together) changes a probability by `FAINT` or more."""
        return self.measure == "probability" and self._reach() < FAINT

    def _reach(self) -> float:
        strength = np.abs(self.values)
        return float(strength.sum() if self.method == "saliency" else strength.max())
