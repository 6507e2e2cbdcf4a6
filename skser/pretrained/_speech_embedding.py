from __future__ import annotations

import os
from dataclasses import KW_ONLY, dataclass
from numbers import Real
from typing import Any, ClassVar

from skser._sklearn_compat import Options
from skser.features._pooled_extractor import Pooling
from skser.pretrained._fetch import find_speech_embedding
from skser.pretrained._onnx_embedding import GraphExtractor
from skser.pretrained._recipe import Recipe


@dataclass(eq=False, repr=False)
class SpeechEmbedding(GraphExtractor):
    """Google's speech embedding: 96 values every 80 ms from a small pretrained network [1]_.

    It consists of a mel front end and a convolutional network that was trained to spot keywords in
    the speech of many speakers. The receptive field of each value is 0.8 s.
    `fetch_speech_embedding` downloads the model once (Apache License 2.0).

    Parameters
    ----------
    data_home : str or os.PathLike, default=None
        Folder of downloads that contains the model. If None, the folder named by the environment
        variable ``SKSER_HOME`` is used or, if it is not set, ``~/skser_data``.
    sr : {16000}, default=16000
        Sample rate in Hz of the model; clips are resampled to it.
    duration : float or "max", default=None
        Duration in seconds to which every clip is zero-padded or cut; "max" is the duration of the
        longest clip seen in fit. If None, the duration of the union is used; outside a union, clips
        keep their length.
    pooling : str, sequence of str, callable or None, default=("mean", "std", "min", "max")
        Functionals that summarise the steps of 80 ms: the name of a functional, a list of names, a
        callable, or None to keep every step. `MFCC` lists the names.
    {deltas}

    Attributes
    ----------
    model_files_ : list of str
        Files of the model and its front end.
    model_hashes_ : list of str
        SHA-256 of these files.

    Raises
    ------
    FileNotFoundError
        In fit, if the model has not been fetched.
    SkserError
        If the SHA-256 of a file is wrong.
    ImportError
        If onnxruntime is not installed (the extra ``pretrained``).

    See Also
    --------
    OnnxEmbedding : Embedding of any other model.

    References
    ----------
    .. [1] J. Lin, K. Kilgour, D. Roblek and M. Sharifi, "Training keyword spotters with limited
       and synthesized speech data", 2020, arXiv:2002.01322.

    Examples
    --------
    >>> from skser import MFCC, SpeechEmbedding, make_audio_union
    >>> union = make_audio_union(MFCC(20), SpeechEmbedding(), memory=".skser-cache")
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **GraphExtractor._parameter_constraints,
        "data_home": [str, os.PathLike, None],
        "sr": [Options(Real, {16000})],
    }

    data_home: str | os.PathLike[str] | None = None
    _: KW_ONLY
    pooling: Pooling = ("mean", "std", "min", "max")

    def _models(self) -> list[str | os.PathLike[str]]:
        return list(find_speech_embedding(self.data_home))

    def _recipe(self) -> Recipe:
        return Recipe(
            window=None,
            hop=None,
            frame_hop=8,
            normalize=False,
            # The front end expects 16-bit numbers, and the model a range that differs from its own.
            scale=32767.0,
            image_scale=(0.1, 2.0),
            output=None,
        )
