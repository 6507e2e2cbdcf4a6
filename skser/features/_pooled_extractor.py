"""Pooling of the coefficients of frames to a vector for each clip, and the names of its values."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skser._sklearn_compat import Options
from skser.analysis import Analysis
from skser.analysis._pooling import (
    FUNCTIONALS,
    pool,
    statistic,
    statistic_names,
    with_deltas,
)
from skser.extraction._member import Member
from skser.features._named_extractor import NamedExtractor

Pooling = str | Sequence[str] | Callable[[NDArray[np.float32]], NDArray[np.floating]] | None


@dataclass(eq=False, repr=False, kw_only=True)
class PooledExtractor(NamedExtractor):
    """A vector for each clip, pooled from its frames; a subclass implements `_frames`."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **NamedExtractor._parameter_constraints,
        "pooling": [str, list, tuple, callable, None],
        "deltas": [Options(Integral, {0, 1, 2})],
    }

    pooling: Pooling = "mean"
    deltas: int = 0

    @abstractmethod
    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        """Return the coefficients of every frame, shape (n_coefficients, n_frames)."""

    def _compute(self, analysis: Analysis) -> NDArray[np.float32]:
        return self._pool(self._frames(analysis))

    def _pool(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        frames = with_deltas(frames, self.deltas)
        if self.pooling is None:
            return frames.ravel()
        if callable(self.pooling):
            return pool_with_callable(self.pooling, frames)
        return pool(frames, self._statistics()).ravel()

    def _validate_params(self) -> None:
        super()._validate_params()
        self._check_pooling()

    def _learn(self, analysis: Analysis, shape: tuple[int, ...]) -> None:
        super()._learn(analysis, shape)
        self._learn_frames(analysis)

    def _learn_frames(self, analysis: Analysis) -> None:
        """Learn the number of coefficients and of frames."""
        self.n_coefficients_, self.n_frames_ = self._frames(analysis).shape

    def _member(self) -> Member:
        if callable(self.pooling):
            return replace(
                super()._member(),
                shape_advice=f". pooling={self.pooling!r} must return the same number of values "
                "for every clip.",
                value_advice=f"Check what pooling={self.pooling!r} returns for this clip.",
            )
        return replace(
            super()._member(),
            shape_advice=", because the clips differ in length. Set duration (seconds or 'max'), "
            "or pooling.",
        )

    def _check_pooling(self) -> None:
        if self.pooling is None or callable(self.pooling):
            return
        given = [self.pooling] if isinstance(self.pooling, str) else self.pooling
        if not given:
            raise ValueError(f"pooling={self.pooling!r} is empty. Name one or more functionals.")
        for name in given:
            if not isinstance(name, str):
                raise ValueError(
                    f"pooling={self.pooling!r}: {name!r} is not the name of a functional. Pass a "
                    "callable on its own, not in a list."
                )
        names = statistic_names(given)
        for i, name in enumerate(names):
            statistic(name)
            if name in names[:i]:
                both = "functionals" in given and name in FUNCTIONALS
                includes = "; 'functionals' includes it" if both else ""
                raise ValueError(
                    f"pooling={self.pooling!r} names {name!r} twice{includes}. Leave one out."
                )

    def _statistics(self) -> Sequence[str]:
        if self.pooling is None or callable(self.pooling):
            return []
        return statistic_names(self.pooling)

    def _coefficient_names(self) -> list[str]:
        return coefficient_names(type(self).__name__.lower(), self.n_coefficients_)

    def _value_names(self) -> list[str]:
        single = self._coefficient_names()
        series = [
            f"{name}{d}" for d in ["", "_delta", "_delta2"][: 1 + self.deltas] for name in single
        ]
        if self.pooling is None:
            return [f"{name}_t{t:03d}" for name in series for t in range(self.n_frames_)]
        if callable(self.pooling):
            label = getattr(self.pooling, "__name__", "pooled").strip("<>")
            n_values = math.prod(filter(None, self.output_shape_))
            if n_values == len(series):
                return [f"{name}_{label}" for name in series]
            return _numbered(f"{type(self).__name__.lower()}_{label}", n_values)
        return [f"{name}_{statistic}" for statistic in self._statistics() for name in series]


def coefficient_names(base: str, count: int) -> list[str]:
    """Return ``base01``, ``base02``, ...; a single coefficient has no number."""
    return [base] if count == 1 else _numbered(base, count)


def _numbered(base: str, count: int) -> list[str]:
    width = max(2, len(str(count)))
    return [f"{base}{i:0{width}d}" for i in range(1, count + 1)]


def pool_with_callable(
    pooling: Callable[[NDArray[np.float32]], NDArray[np.floating]], frames: NDArray[np.float32]
) -> NDArray[np.float32]:
    values = np.asarray(pooling(frames))
    if values.ndim != 1 or values.size == 0 or values.dtype.kind not in "fiub":
        raise ValueError(
            f"pooling={pooling!r} must return a 1-D array of numbers, but returned an array of "
            f"shape {values.shape} and dtype {values.dtype}."
        )
    return values.astype(np.float32)
