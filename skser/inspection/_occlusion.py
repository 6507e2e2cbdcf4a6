from __future__ import annotations

from numbers import Integral, Real
from typing import Any

from skser._sklearn_compat import HasMethods, Interval, StrOptions, validate_params
from skser.audio._items import Item, describe
from skser.exceptions import AudioError
from skser.inspection._hide import Hiding, InImage, InSound
from skser.inspection._images import ImagePipeline, image_pipeline
from skser.inspection._read import read
from skser.inspection._relevance_map import RelevanceMap
from skser.inspection._scores import scorer_of
from skser.inspection._windows import inside, windows_of


@validate_params(
    {
        "estimator": [HasMethods(["fit", "predict"])],
        "clip": "no_validation",
        "label": "no_validation",
        "window": [Interval(Real, 0, None, closed="neither")],
        "hop": [Interval(Real, 0, None, closed="neither"), None],
        "n_bands": [Interval(Integral, 1, None, closed="left")],
        "domain": [StrOptions({"auto", "image", "sound"})],
        "sr": [Interval(Real, 0, None, closed="neither"), None],
    },
    prefer_skip_nested_validation=True,
)
def occlusion(
    estimator: Any,
    clip: Item,
    *,
    label: Any = None,
    window: float = 0.25,
    hop: float | None = None,
    n_bands: int = 8,
    domain: str = "auto",
    sr: float | None = None,
) -> RelevanceMap:
    r"""Measure how much a model's decision depends on each time window and band of a clip.

    Each patch of the clip, a time window in a frequency band, is hidden in turn, and the model
    scores the rest [1]_. The value of patch p for class c is the loss in probability,

    .. math:: r_p = P(c \mid x) - P(c \mid x \text{ without } p)

    Parameters
    ----------
    estimator : classifier
        Fitted classifier that takes clips. It needs ``predict_proba``, or else
        ``decision_function``, whose values are then used instead of probabilities.
    clip : path, file object, Segment, Audio or ndarray of shape (n_samples,)
        Clip to explain. If the clip carries its speaker, the model uses the speaker.
    label : object, default=None
        Class whose score is explained. If None, the predicted class is used.
    window : float, default=0.25
        Length of a window in seconds.
    hop : float, default=None
        Time from the start of one window to the start of the next, in seconds. If None, half of
        `window` is used.
    n_bands : int, default=8
        Number of bands, equally wide on the mel scale. With 1, all frequencies of a window are
        hidden.
    domain : {"auto", "image", "sound"}, default="auto"
        Domain in which patches are hidden. "image" hides them in the image that the pipeline
        computes, which must begin with `Mel2D`, `MelImage` or another `AudioImage`. Hidden pixels
        are replaced by the mean of their row, over the training clips if a following
        `SpectrogramScaler` knows it, and otherwise over the clip. Only the steps after the image
        are rerun. "sound" hides patches in the samples, for any model: parts that are louder than
        the background of the clip are attenuated to its level, and the whole model is rerun. "auto"
        uses "image" if the rows of the image are frequency bands, and otherwise "sound".
    sr : float, default=None
        Sample rate in Hz of a clip that is an array. If None, the rate that the estimator assumes
        is used (22050 if it does not define one).

    Returns
    -------
    relevance : RelevanceMap
        Map whose `values` have shape (n_bands, n_times).

    Raises
    ------
    AudioError
        If the clip cannot be read, is silent, is shorter than a window, or has only one frame.
    ValueError
        If the estimator has neither probabilities nor a decision value for each class, the label is
        unknown, a patch is too small to contain a frame or row, or `domain` is "image" but the
        estimator computes none.

    See Also
    --------
    saliency : Compute a map of pixels from the gradients of a network.
    OcclusionDisplay : Draw the map.

    Notes
    -----
    The number of predictions is the number of patches: 29 windows times 8 bands for a clip of 3.7
    s. Patches are hidden one at a time, so if two parts each suffice for a decision, neither seems
    to matter. A large value means that the model depends on the patch, not that a person would hear
    the emotion there.

    In a sound, a patch is attenuated in the short-time Fourier transform, with frames of about 40
    ms, to the level of its frequencies in the softest tenth of the clip; everything else stays
    bit-identical. In a stationary sound, nothing is therefore hidden. Noise or silence in place of
    a patch would itself carry information, even in pauses. Features of the modified clips are not
    stored in the `memory` of a union.

    A `SpeakerNormalizer` with ``unseen="batch"`` processes the clip and each of its modified copies
    separately.

    References
    ----------
    .. [1] M. D. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional Networks",
       ECCV 2014.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skser import MFCC, make_emotional_speech, occlusion
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=2, random_state=0)
    >>> pipeline = make_pipeline(MFCC(13), StandardScaler(), LogisticRegression())
    >>> pipeline = pipeline.fit(speech.data, speech.target)
    >>> relevance = occlusion(pipeline, speech.data[0], window=0.5, n_bands=4)
    >>> relevance.predicted, relevance.values.shape
    ('angry', (4, 6))
    """
    scorer = scorer_of(estimator)
    place = None if label is None else scorer.place(label)
    hiding = hiding_in(estimator, clip, domain=domain, n_bands=n_bands, sr=sr)
    if len(hiding.times) < 2:
        # Any window would be too long for the clip, or too short for a frame.
        raise AudioError(
            f"{describe(clip)}: the clip is too short to hide a part of it. Pass a clip of 0.1 s "
            "or more."
        )
    windows = windows_of(hiding.sound, window, hop, describe(clip))
    too_short = f"window={window!r} s is shorter than the hop between frames. Pass a longer one."
    frames = inside(hiding.times, windows, too_short)
    bands, rows = hiding.bands(n_bands)
    whole, predicted = hiding.scores_of_whole(), hiding.predicted()
    place = predicted if place is None else place
    return RelevanceMap(
        values=whole[place] - hiding.scores_without(frames, rows)[..., place],
        windows=windows,
        bands=bands,
        label=scorer.classes[place],
        score=float(whole[place]),
        predicted=scorer.classes[predicted],
        predicted_score=float(whole[predicted]),
        measure=scorer.measure,
        method="occlusion",
        domain="image" if isinstance(hiding, InImage) else "sound",
        sound=hiding.sound,
    )


def hiding_in(
    estimator: Any, clip: Item, *, domain: str = "auto", n_bands: int, sr: float | None = None
) -> Hiding:
    """Return the object that hides patches; the parameters are those of `occlusion`."""
    heard = read(clip, estimator, sr, "occlusion")
    pipeline = None if domain == "sound" else _pipeline(estimator, domain, n_bands)
    return InSound(estimator, heard) if pipeline is None else InImage(pipeline, heard)


def _pipeline(estimator: Any, domain: str, n_bands: int) -> ImagePipeline | None:
    """Return the pipeline in whose image patches are hidden; None to hide them in the sound."""
    pipeline = image_pipeline(estimator)
    if domain == "auto":
        return None if pipeline is None or pipeline.bands is None else pipeline
    if pipeline is None:
        raise ValueError(
            f"domain='image', but {type(estimator).__name__} computes no image in which patches "
            "could be hidden. Pass domain='sound', which works with any model."
        )
    if pipeline.bands is None and n_bands > 1:
        raise ValueError(
            f"domain='image' and n_bands={n_bands}, but the rows of {pipeline.made_by} are not "
            "frequency bands. Pass n_bands=1, which hides whole time windows, or domain='sound'."
        )
    return pipeline
