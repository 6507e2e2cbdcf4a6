from __future__ import annotations

import os
from abc import abstractmethod
from dataclasses import dataclass, replace
from importlib.metadata import version
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Interval
from skser.analysis import Analysis
from skser.exceptions import SkserError
from skser.extraction._member import Member
from skser.features._pooled_extractor import PooledExtractor
from skser.pretrained._embed import embed
from skser.pretrained._graph import find_model, open_graph
from skser.pretrained._hashes import hash_of_model
from skser.pretrained._recipe import Recipe


@dataclass(eq=False, repr=False, kw_only=True)
class GraphExtractor(PooledExtractor):
    """Feature that ONNX models compute; a subclass defines the models and their input."""

    _version: ClassVar[int] = 2

    # The rate is that of the model, so the union's is not used.
    sr: float | None = 16000

    @abstractmethod
    def _models(self) -> list[str | os.PathLike[str]]:
        """Return the model and, if there is one, the front end."""

    @abstractmethod
    def _recipe(self) -> Recipe:
        """Return how samples are prepared and cut."""

    def _settle(self, *args: Any, **kwargs: Any) -> None:
        super()._settle(*args, **kwargs)
        files = [os.fspath(model) for model in self._models()]
        self.model_hashes_ = [hash_of_model(find_model(file)) for file in files]
        # Paths are absolute, so that a pickle finds the files from another folder.
        self.model_files_ = [
            file if file.startswith("hf:") else str(find_model(file).absolute()) for file in files
        ]

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        graphs = []
        for file, known in zip(self.model_files_, self.model_hashes_, strict=True):
            path = find_model(file)
            if hash_of_model(path) != known:
                raise SkserError(
                    f"{file!r} is not the model used in fit: its SHA-256 was {known} and now is "
                    f"{hash_of_model(path)}. Restore the old files, or fit again."
                )
            graphs.append(open_graph(path))
        model, front_end = graphs[0], graphs[1] if len(graphs) > 1 else None
        return embed(analysis.y, model, front_end, self._recipe())

    def _member(self) -> Member:
        member = super()._member()
        parameters = {n: v for n, v in member.parameters.items() if n not in ("model", "front_end")}
        parameters["models"] = self.model_hashes_
        parameters["onnxruntime"] = version("onnxruntime")
        return replace(member, parameters=parameters)


@dataclass(eq=False, repr=False)
class OnnxEmbedding(GraphExtractor):
    """Embedding of a pretrained model in ONNX format, computed by onnxruntime on one thread.

    It is suited to exports of wav2vec 2.0, HuBERT, WavLM, emotion2vec and similar models, which
    take samples, and of encoders such as Whisper's, which take a mel image that another ONNX model
    computes.

    Parameters
    ----------
    model : str or os.PathLike
        Path of an ONNX file, or ``hf:owner/repository/file.onnx@revision``, which
        ``huggingface_hub`` downloads to its cache when fit first needs it. The model takes floats
        of shape (batch, samples) or (batch, 1, samples), with a fixed or a variable batch size,
        and optionally an attention mask.
    front_end : str or os.PathLike, default=None
        Another such model, which computes from samples the image that `model` takes. If it takes a
        fixed length only, each window of that length becomes an image.
    output : str, default=None
        Name of the output to use, such as a hidden layer. If None, the first output is used. It has
        the shape (batch, n_values) or (batch, n_frames, n_values).
    window, hop : float, default=None, None
        Length of the windows into which a clip is cut, and hop between them, in seconds. If
        `window` is None, the clip is passed in one piece; if `hop` is None, windows do not
        overlap. For a model or a front end that takes a fixed length only, windows have that
        length, and only `hop` can be set. The last window ends with the clip. A clip that is
        shorter than the window is passed as it is. It is zero-padded to at least 1600 samples,
        and to the length of a model that takes a fixed length only. The attention mask is 0 for
        this padding, and frames that begin in it are left out; the frames of a model are assumed
        to be evenly spaced.
    frame_hop : int, default=8
        Hop between the windows in frames of the image of a front end, if the model takes a fixed
        length only.
    normalize : bool, default=False
        Whether to standardise the samples of each clip to zero mean and unit variance, as many
        exports of wav2vec 2.0 expect.
    scale : float, default=1.0
        Factor by which the samples, which lie in [-1, 1], are multiplied; 32767 for models that
        expect 16-bit integers.
    sr : float, default=16000
        Sample rate in Hz that the model expects; clips are resampled to it.
    duration : float or "max", default=None
        Duration in seconds to which every clip is zero-padded or cut; "max" is the duration of the
        longest clip seen in fit. If None, the duration of the union is used; outside a union, clips
        keep their length.
    {pooling}
    {deltas}

    Attributes
    ----------
    model_files_ : list of str
        Files of the models, or their names in the hub.
    model_hashes_ : list of str
        SHA-256 of each model, including files beside it that contain its weights. A model that
        has changed since fit raises an error.

    Raises
    ------
    ImportError
        If onnxruntime, or huggingface_hub for models of the hub, is not installed.
    ValueError
        If `hop` or `window` would have no effect.
    SkserError
        If a file is not a model of sound, does not fit the front end, or has changed.

    See Also
    --------
    SpeechEmbedding : Embedding of a small model with predefined settings.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> from skser import MFCC, OnnxEmbedding, make_audio_union
    >>> wavlm = OnnxEmbedding("wavlm.onnx", normalize=True, pooling=["mean", "std"])
    >>> pipe = make_pipeline(make_audio_union(MFCC(20), wavlm, memory=".skser-cache"), SVC())
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **PooledExtractor._parameter_constraints,
        "model": [str, os.PathLike],
        "front_end": [str, os.PathLike, None],
        "output": [str, None],
        "window": [Interval(Real, 0, None, closed="neither"), None],
        "hop": [Interval(Real, 0, None, closed="neither"), None],
        "frame_hop": [Interval(Integral, 1, None, closed="left")],
        "normalize": ["boolean"],
        "scale": [Interval(Real, 0, None, closed="neither")],
        "sr": [Interval(Real, 0, None, closed="neither")],
    }

    model: str | os.PathLike[str]
    front_end: str | os.PathLike[str] | None = None
    output: str | None = None
    window: float | None = None
    hop: float | None = None
    frame_hop: int = 8
    normalize: bool = False
    scale: float = 1.0

    def _models(self) -> list[str | os.PathLike[str]]:
        return [self.model] if self.front_end is None else [self.model, self.front_end]

    def _recipe(self) -> Recipe:
        return Recipe(
            window=None if self.window is None else max(1, round(self.window * self.plan_.sr)),
            hop=None if self.hop is None else max(1, round(self.hop * self.plan_.sr)),
            frame_hop=self.frame_hop,
            normalize=self.normalize,
            scale=self.scale,
            image_scale=(1.0, 0.0),
            output=self.output,
        )
