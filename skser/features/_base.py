"""Bases of the features: what every leaf gets."""

from __future__ import annotations

import math
from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from skser._docs import fill
from skser._sklearn_compat import Interval, Options, StrOptions, check_feature_names_in
from skser.analysis import Analysis, AnalysisPlan, pool, statistic, with_deltas
from skser.audio import Items, check_items, n_samples
from skser.features._extraction import extract, learn_from_first_clip, longest

PLAN_CONSTRAINTS: dict[str, Any] = {
    "sr": [Interval(Real, 0, None, closed="neither")],
    "n_fft": [Interval(Integral, 2, None, closed="left")],
    "hop_length": [Interval(Integral, 1, None, closed="left")],
    "window": [str, tuple],
    "duration": [Interval(Real, 0, None, closed="neither"), StrOptions({"max"}), None],
}

MEL_CONSTRAINTS: dict[str, Any] = {
    "n_mels": [Interval(Integral, 1, None, closed="left")],
    "fmin": [Interval(Real, 0, None, closed="left")],
    "fmax": [Interval(Real, 0, None, closed="neither"), None],
}

Pooling = str | Sequence[str] | Callable[[NDArray[np.float32]], NDArray[np.floating]] | None


@dataclass(eq=False, repr=False, kw_only=True)
class AudioExtractor(TransformerMixin, BaseEstimator, metaclass=ABCMeta):
    """Turn each clip into an array of one shape; a subclass writes `_compute`."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        name: [*constraints, None] for name, constraints in PLAN_CONSTRAINTS.items()
    }

    # Goes up when the values change, so that a store does not hand out old ones.
    _version: ClassVar[int] = 1

    sr: float | None = None
    n_fft: int | None = None
    hop_length: int | None = None
    window: str | tuple[Any, ...] | None = None
    duration: float | str | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__doc__ = fill(cls.__doc__)

    @abstractmethod
    def _compute(self, analysis: Analysis) -> NDArray[np.float32]:
        """Return the clip's values."""

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the length of clips and of the output; only the first clip is analysed.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        items = check_items(self, X, reset=True)
        self.settle(items)
        learn_from_first_clip(items, [self], on_error="raise")
        return self

    def fit_transform(self, X: Any, y: Any = None) -> NDArray[np.float32]:
        """Fit, and compute the values of the same clips.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.
        y : None
            Ignored.

        Returns
        -------
        values : ndarray of shape (n_clips, ...), dtype=float32

        Raises
        ------
        AudioError
            If a clip cannot be used; the message names it.
        """
        return self.fit(X).transform(X)

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Compute the values of each clip.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.

        Returns
        -------
        values : ndarray of shape (n_clips, ...), dtype=float32

        Raises
        ------
        AudioError
            If a clip cannot be used; the message names it.
        """
        check_is_fitted(self)
        items = check_items(self, X, reset=False)
        return extract(items, [self])[0]

    def settle(
        self,
        items: Items,
        defaults: AnalysisPlan | None = None,
        duration: float | str | None = None,
        on_error: str = "raise",
    ) -> None:
        """Check the parameters and settle plan and length; a union hands in its defaults.

        Parameters
        ----------
        items : list or ndarray
            Clips, as `check_items` returns them.
        defaults : AnalysisPlan, default=None
            What holds where a parameter of this feature is None; None: librosa's defaults.
        duration : float or "max", default=None
            The same for `duration`.
        on_error : {"raise", "nan"}, default="raise"
            Whether clips that cannot be read are passed over.
        """
        self._validate_params()
        fallback = AnalysisPlan() if defaults is None else defaults
        own = {name: getattr(self, name) for name in ("sr", "n_fft", "hop_length", "window")}
        self.plan_ = AnalysisPlan(
            **{k: getattr(fallback, k) if v is None else v for k, v in own.items()}
        )
        wanted = duration if self.duration is None else self.duration
        if isinstance(wanted, str):
            wanted = longest(items, self.plan_.sr, on_error)
        self.n_samples_ = None if wanted is None else n_samples(wanted, self.plan_.sr)

    def _learn(self, analysis: Analysis) -> None:
        """Take from the first clip what only a clip can tell: the shape of the output."""
        self.output_shape_: tuple[int | None, ...] = self._compute(analysis).shape

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


@dataclass(eq=False, repr=False, kw_only=True)
class AudioFeature(AudioExtractor):
    """A vector of numbers a clip, from a time series of coefficients; a leaf writes `_frames`.

    A leaf is a dataclass whose fields are its parameters, with `_parameter_constraints` and
    ``_frames(analysis)`` and nothing else.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **AudioExtractor._parameter_constraints,
        "pooling": [str, list, tuple, callable, None],
        "deltas": [Options(Integral, {0, 1, 2})],
    }

    pooling: Pooling = "mean"
    deltas: int = 0

    @abstractmethod
    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        """Return the coefficients of every frame, shape (n_coefficients, n_frames)."""

    def _compute(self, analysis: Analysis) -> NDArray[np.float32]:
        frames = with_deltas(self._frames(analysis), self.deltas)
        if self.pooling is None:
            return frames.ravel()
        if callable(self.pooling):
            return _pool_with_callable(self.pooling, frames)
        return np.concatenate([pool(frames, name) for name in self._statistics()])

    def _learn(self, analysis: Analysis) -> None:
        self._check_pooling()
        self.n_coefficients_, self.n_frames_ = self._frames(analysis).shape
        super()._learn(analysis)

    def _check_pooling(self) -> None:
        names = self._statistics()
        if isinstance(self.pooling, list | tuple) and (not names or len(set(names)) < len(names)):
            raise ValueError(f"pooling={self.pooling!r} must name statistics, each once.")
        for name in names:
            if not isinstance(name, str):
                raise ValueError(
                    f"pooling={self.pooling!r}: {name!r} is no name. A callable stands alone."
                )
            statistic(name)

    def _statistics(self) -> Sequence[str]:
        if self.pooling is None or callable(self.pooling):
            return []
        return [self.pooling] if isinstance(self.pooling, str) else list(self.pooling)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Name the values, such as ``mfcc01_mean``, ``chroma03_std``, ``rms_t017``.

        Coefficients are numbered from 1 (chroma01 is C), frames from 0 (frame t is centred at
        ``t * hop_length / sr`` seconds).

        Parameters
        ----------
        input_features : None
            Ignored; samples have no names.

        Returns
        -------
        names : ndarray of shape (n_values,), dtype=object
        """
        check_is_fitted(self)
        check_feature_names_in(self, input_features, generate_names=False)
        base = type(self).__name__.lower()
        count = self.n_coefficients_
        single = [base] if count == 1 else _numbered(base, count)
        series = [
            f"{name}{d}" for d in ["", "_delta", "_delta2"][: 1 + self.deltas] for name in single
        ]
        if self.pooling is None:
            names = [f"{name}_t{t:03d}" for name in series for t in range(self.n_frames_)]
        elif callable(self.pooling):
            label = getattr(self.pooling, "__name__", "pooled").strip("<>")
            n_values = math.prod(filter(None, self.output_shape_))
            names = (
                [f"{name}_{label}" for name in series]
                if n_values == len(series)
                else _numbered(f"{base}_{label}", n_values)
            )
        else:
            names = [f"{name}_{statistic}" for statistic in self._statistics() for name in series]
        return np.asarray(names, dtype=object)


@dataclass(eq=False, repr=False, kw_only=True)
class AudioImage(AudioExtractor):
    """An image a clip, a row a coefficient and a column a frame; a leaf writes `_frames`.

    Without `duration`, clips that differ in length give images that do: an object array.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **AudioExtractor._parameter_constraints,
        "deltas": [Options(Integral, {0, 1, 2})],
    }

    deltas: int = 0

    @abstractmethod
    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        """Return the image, shape (n_rows, n_frames)."""

    def _compute(self, analysis: Analysis) -> NDArray[np.float32]:
        image = self._frames(analysis)
        if self.deltas == 0:
            return image
        layers = with_deltas(image, self.deltas).reshape(1 + self.deltas, *image.shape)
        return np.moveaxis(layers, 0, -1)

    def _learn(self, analysis: Analysis) -> None:
        super()._learn(analysis)
        if self.n_samples_ is None:
            n_rows, _, *channels = self.output_shape_
            self.output_shape_ = (n_rows, None, *channels)


def _numbered(base: str, count: int) -> list[str]:
    width = max(2, len(str(count)))
    return [f"{base}{i:0{width}d}" for i in range(1, count + 1)]


def _pool_with_callable(
    pooling: Callable[[NDArray[np.float32]], NDArray[np.floating]], frames: NDArray[np.float32]
) -> NDArray[np.float32]:
    values = np.asarray(pooling(frames))
    if values.ndim != 1 or values.size == 0 or values.dtype.kind not in "fiub":
        raise ValueError(
            f"pooling={pooling!r} must return a 1-D array of numbers, got an array of shape "
            f"{values.shape} and dtype {values.dtype}."
        )
    return values.astype(np.float32)
