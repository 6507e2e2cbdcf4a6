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
    """Feature that ONNX models compute; a subclass says which, and how samples reach them."""

    _version: ClassVar[int] = 2

    # The rate belongs to the model, so that a union's does not count.
    sr: float | None = 16000

    @abstractmethod
    def _models(self) -> list[str | os.PathLike[str]]:
        """Return the model, and the front end if there is one."""

    @abstractmethod
    def _recipe(self) -> Recipe:
        """Return how samples are prepared and cut."""

    def _settle(self, *args: Any, **kwargs: Any) -> None:
        super()._settle(*args, **kwargs)
        files = [os.fspath(model) for model in self._models()]
        self.model_hashes_ = [hash_of_model(find_model(file)) for file in files]
        # Absolute, so that a pickle finds them from another folder.
        self.model_files_ = [
            file if file.startswith("hf:") else str(find_model(file).absolute()) for file in files
        ]

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        graphs = []
        for file, known in zip(self.model_files_, self.model_hashes_, strict=True):
            path = find_model(file)
            if hash_of_model(path) != known:
                raise SkserError(
                    f"{file!r} is not the model that was fitted with: its SHA-256 was {known} and "
                    f"is {hash_of_model(path)}. Put the old files back, or fit again."
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
    """Embedding of a pretrained model in ONNX format, run by onnxruntime on one thread.

    Suits exports of wav2vec 2.0, HuBERT, WavLM, emotion2vec and the like, which take samples, and
    of encoders such as Whisper's, which take the mel image that another ONNX model makes.

    Parameters
    ----------
    model : str or os.PathLike
        Path of an ONNX file, or ``hf:owner/repository/file.onnx@revision``, which
        ``huggingface_hub`` downloads to its cache when fit first needs it. The model takes floats
        of shape (batch, samples) or (batch, 1, samples), with a batch of any number or of a fixed
        one, and an attention mask if it likes.
    front_end : str or os.PathLike, default=None
        Another such model, which makes of samples the image that `model` takes. If it takes one
        length only, each window of that length becomes an image.
    output : str, default=None
        Name of the output that is used, such as a hidden layer; None: the first one. It has the
        shape (batch, n_values) or (batch, n_frames, n_values).
    window, hop : float, default=None, None
        Length and step in seconds of the windows that a clip is cut into. None: the clip in one
        piece, and windows without overlap. A model, or a front end, that takes one length only gets
        windows of that length; of these only `hop` can be set. The last window ends with the clip.
        A clip that is shorter than the window goes in as it is; it is padded with zeros to 1600
        samples at least, and to the length of a model that takes one length only. The attention
        mask is 0 for these zeros, and frames that begin in them are left out; the frames of a model
        are taken to be evenly spaced.
    frame_hop : int, default=8
        Step of the windows in frames of the image of a front end, where the model takes one length
        only.
    normalize : bool, default=False
        Whether to bring the samples of each clip to zero mean and unit variance, as many exports of
        wav2vec 2.0 expect.
    scale : float, default=1.0
        Factor of the samples, which lie in [-1, 1]; 32767 for models that expect 16-bit numbers.
    sr : float, default=16000
        Sample rate in Hz that the model expects; clips are resampled to it.
    duration : float or "max", default=None
        Seconds that every clip is zero-padded or cut to; "max": as long as the longest clip seen
        in fit. None: the union's; alone, clips stay as they are.
    {pooling}
    {deltas}

    Attributes
    ----------
    model_files_ : list of str
        Files of the models, or their names in the hub.
    model_hashes_ : list of str
        Their SHA-256, which covers files beside a model that hold its weights; a model that has
        changed since is refused.

    Raises
    ------
    ImportError
        If onnxruntime, or for models of the hub huggingface_hub, is not installed.
    ValueError
        If `hop` or `window` would have no effect.
    SkserError
        If a file is not a model of sound, does not fit the front end, or has changed.

    See Also
    --------
    SpeechEmbedding : A small model with its settings.

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
