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
    r"""Tell which seconds and which bands of a clip carry the decision of a model.

    Each patch of the clip, a window of time in a band of frequencies, is hidden in turn, and the
    model scores the rest [1]_. The value of patch p for class c is what is lost,

    .. math:: r_p = P(c \mid x) - P(c \mid x \text{ without } p)

    Parameters
    ----------
    estimator : classifier
        Fitted, takes clips. It needs ``predict_proba``, or else ``decision_function``, whose
        values are then compared in place of probabilities.
    clip : path, file object, Segment, Audio or ndarray of shape (n_samples,)
        The clip. One that carries its speaker is heard as that speaker's.
    label : object, default=None
        Class whose score is followed; None: the one that is predicted.
    window : float, default=0.25
        Length of a window in seconds.
    hop : float, default=None
        Seconds from the beginning of a window to that of the next; None: half a window.
    n_bands : int, default=8
        Number of bands, equally wide on the mel scale; 1: whole stretches of time are hidden.
    domain : {"auto", "image", "sound"}, default="auto"
        Where patches are hidden. "image": in the image that the pipeline makes of the clip, which
        must begin with `Mel2D`, `MelImage` or another `AudioImage`; pixels become the mean of
        their row, over the clips in fit where a `SpectrogramScaler` that follows knows it, else
        over the clip. Only the steps behind the image are run again. "sound": in the samples, for
        any model; what is louder than the background of the clip is turned down to it, and all of
        the model is run again. "auto": "image" where the rows of the image are bands of frequency.
    sr : float, default=None
        Sample rate in Hz that an array is taken to have. None: what the estimator takes it to have
        (22050 where nothing in it says).

    Returns
    -------
    relevance : RelevanceMap
        Its `values` have shape (n_bands, n_times).

    Raises
    ------
    AudioError
        If the clip cannot be read, is silent, is shorter than a window, or is so short that it has
        a single frame.
    ValueError
        If the estimator has no scores, the label is unknown, a patch is too small to hold
        anything, or `domain` is "image" and there is none.

    See Also
    --------
    saliency : From the gradients of a network, at once and pixel by pixel.
    OcclusionDisplay : Draws the map.

    Notes
    -----
    The number of predictions is that of the patches: 29 windows times 8 bands for a clip of 3.7 s.
    Patches are hidden one at a time, so that of two parts that each suffice for a decision neither
    seems to matter. A value is large where the model depends on the patch, which does not mean
    that a person would hear the emotion there.

    In a sound, a patch is turned down in the short-time Fourier transform, with frames of about
    40 ms, to the level that its frequencies have in the softest tenth of the clip; everything else
    stays as it is, to the bit. A sound that never changes hides nothing. Noise or plain silence in
    the place of a patch would be a message of its own, and in pauses too. Values of clips so made
    are not kept in the `memory` of a union.

    A `SpeakerNormalizer` with ``unseen="batch"`` hears the clip, and each of its changed copies,
    alone.

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
        # Any window would be too long for it, or too short for a frame.
        raise AudioError(
            f"{describe(clip)}: too short to hide a part of it. Pass a clip of 0.1 s or more."
        )
    windows = windows_of(hiding.sound, window, hop, describe(clip))
    too_short = f"window={window!r} s is shorter than the step between frames. Pass a longer one."
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
    """Return what patches are hidden in; the parameters are those of `occlusion`."""
    heard = read(clip, estimator, sr, "occlusion")
    pipeline = None if domain == "sound" else _pipeline(estimator, domain, n_bands)
    return InSound(estimator, heard) if pipeline is None else InImage(pipeline, heard)


def _pipeline(estimator: Any, domain: str, n_bands: int) -> ImagePipeline | None:
    """Return the pipeline whose image patches are hidden in; None: they are hidden in the sound."""
    pipeline = image_pipeline(estimator)
    if domain == "auto":
        return None if pipeline is None or pipeline.bands is None else pipeline
    if pipeline is None:
        raise ValueError(
            f"domain='image', but {type(estimator).__name__} makes no image of a clip that patches "
            "could be hidden in. Pass domain='sound', which takes any model."
        )
    if pipeline.bands is None and n_bands > 1:
        raise ValueError(
            f"domain='image' and n_bands={n_bands}, but the rows of {pipeline.made_by} are no "
            "bands of frequency. Pass n_bands=1, which hides stretches of time, or domain='sound'."
        )
    return pipeline
