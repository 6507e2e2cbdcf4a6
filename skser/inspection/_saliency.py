from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import HasMethods, Interval, validate_params
from skser.audio._items import Item
from skser.inspection._hide import InImage
from skser.inspection._images import ImagePipeline, image_pipeline
from skser.inspection._read import read
from skser.inspection._relevance_map import RelevanceMap
from skser.inspection._scores import scorer_of
from skser.neural._base import NetworkClassifier
from skser.preprocessing import ImageToSequence, SpectrogramScaler


@validate_params(
    {
        "estimator": [HasMethods(["fit", "predict"])],
        "clip": "no_validation",
        "label": "no_validation",
        "n_steps": [Interval(Integral, 1, None, closed="left")],
        "sr": [Interval(Real, 0, None, closed="neither"), None],
    },
    prefer_skip_nested_validation=True,
)
def saliency(
    estimator: Any,
    clip: Item,
    *,
    label: Any = None,
    n_steps: int = 32,
    sr: float | None = None,
) -> RelevanceMap:
    r"""Measure how much a network's decision depends on each pixel of a clip's image.

    The values are integrated gradients [1]_. For the image x and the mean image m, by which
    `occlusion` replaces patches, the value of pixel i is

    .. math:: r_i = (x_i - m_i) \, \frac{1}{K} \sum_{k=1}^{K}
        \frac{\partial P(c)}{\partial x_i} \left( m + \frac{k - 1/2}{K} (x - m) \right)

    The pixels add up to :math:`P(c \mid x) - P(c \mid m)`, the `score` of the map minus its
    `baseline_score`, more exactly the more steps K are used. The channels of a pixel are added up.

    Parameters
    ----------
    estimator : classifier
        Fitted pipeline, or a search or `AugmentedClassifier` around one, that computes an image of
        a clip with a feature such as `Mel2D`, `MFCC2D` or `MelImage` and passes it to a
        `Conv2DClassifier`, or through `ImageToSequence` to a `Conv1DClassifier`. The only other
        step allowed in between is `SpectrogramScaler`.
    clip : path, file object, Segment, Audio or ndarray of shape (n_samples,)
        Clip to explain.
    label : object, default=None
        Class whose probability is explained. If None, the predicted class is used.
    n_steps : int, default=32
        Number of gradients computed between the mean image and the image of the clip.
    sr : float, default=None
        Sample rate in Hz of a clip that is an array. If None, the rate that the estimator assumes
        is used (22050 if it does not define one).

    Returns
    -------
    relevance : RelevanceMap
        Map whose `values` have shape (n_rows, n_columns), that of the image. Rows that are not
        frequency bands, such as those of `MFCC2D`, are added up to one row.

    Raises
    ------
    AudioError
        If the clip cannot be read or is silent.
    ValueError
        If the estimator is not such a pipeline, or the label is unknown.

    See Also
    --------
    occlusion : Compute a map for any model.

    Notes
    -----
    Gradients describe infinitesimal changes, whereas occlusion hides a whole patch. If the two maps
    disagree, several patches act together.

    References
    ----------
    .. [1] M. Sundararajan, A. Taly and Q. Yan, "Axiomatic Attribution for Deep Networks",
       ICML 2017.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skser import Conv2DClassifier, Mel2D, SpectrogramScaler
    >>> from skser import make_emotional_speech, saliency
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=2, random_state=0)
    >>> network = Conv2DClassifier("residual2d", epochs=1, random_state=0)
    >>> pipeline = make_pipeline(Mel2D(32), SpectrogramScaler(), network)
    >>> _ = pipeline.fit(speech.data, speech.target)
    >>> saliency(pipeline, speech.data[0], n_steps=8).values.shape[0]
    32
    """
    scorer = scorer_of(estimator)
    pipeline = image_pipeline(estimator)
    network = None if pipeline is None else _network(pipeline)
    if pipeline is None or network is None:
        raise ValueError(
            f"{type(estimator).__name__} is not a pipeline that passes an image of the clip to a "
            "Conv2DClassifier, or through ImageToSequence to a Conv1DClassifier, so gradients "
            "cannot be computed. Use occlusion, which works with any model."
        )
    place = None if label is None else scorer.place(label)
    within = InImage(pipeline, read(clip, estimator, sr, "saliency"))
    whole, predicted = within.scores_of_whole(), within.predicted()
    place = predicted if place is None else place
    mean = np.broadcast_to(within.mean, within.image.shape)
    ends = within.join([mean, within.image])
    for _, step in pipeline.rest.steps[:-1]:
        ends = step.transform(ends)
    values = _integrated(network, ends[0], ends[1], place, n_steps)
    if isinstance(pipeline.rest[-2] if len(pipeline.rest) > 1 else None, ImageToSequence):
        values = values.reshape(len(values), *within.image.shape[::2]).swapaxes(0, 1)
    by_pixel = values.reshape(within.image.shape).sum(axis=2)
    bands, rows = within.bands(len(by_pixel))
    return RelevanceMap(
        values=rows.astype(np.float64) @ by_pixel,
        windows=_around(within.times),
        bands=bands,
        label=scorer.classes[place],
        score=float(whole[place]),
        baseline_score=float(within.scorer.scores(within.join([mean]))[0, place]),
        predicted=scorer.classes[predicted],
        predicted_score=float(whole[predicted]),
        measure=scorer.measure,
        method="saliency",
        domain="image",
        sound=within.sound,
    )


def _network(pipeline: ImagePipeline) -> NetworkClassifier | None:
    """Return the network, if its inputs still correspond to the pixels of the image."""
    *steps, last = [step for _, step in pipeline.rest.steps]
    by_frame = bool(steps) and isinstance(steps[-1], ImageToSequence)
    between = steps[:-1] if by_frame else steps
    if not all(isinstance(step, SpectrogramScaler) for step in between):
        return None
    n_axes = 1 if by_frame else 2
    fits = isinstance(last, NetworkClassifier) and last._dimensions == n_axes
    return last if fits else None


def _integrated(
    network: NetworkClassifier,
    start: NDArray[np.floating],
    end: NDArray[np.floating],
    place: int,
    n_steps: int,
) -> NDArray[np.float64]:
    """Return the gradients integrated from one input to the other."""
    shares = (np.arange(n_steps) + 0.5) / n_steps
    shares = shares.reshape(-1, *(1,) * start.ndim)
    gradients = network._gradients(start + shares * (end - start), place)
    return (end - start).reshape(gradients.shape[1:]) * gradients.mean(axis=0, dtype=np.float64)


def _around(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the start and end of the interval nearest to each time."""
    middles = (times[1:] + times[:-1]) / 2
    edges = np.concatenate([times[:1], middles, times[-1:]])
    return np.column_stack([edges[:-1], edges[1:]])
