from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from operator import attrgetter
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skser.analysis import Analysis
from skser.exceptions import AudioError
from skser.extraction._member import Member
from skser.features._pooled_extractor import PooledExtractor, coefficient_names

_ADVICE = "Check what the function returns for this clip."


@dataclass(eq=False, repr=False)
class AudioFunction(PooledExtractor):
    """Feature that is computed by a custom function, such as one that calls another program.

    Parameters
    ----------
    function : callable
        Function ``(y, sr)`` of mono samples, float32 of shape (n_samples,), and their sample rate
        in Hz. It returns either a row of shape (n_values,), which is used as it is, or coefficients
        of shape (n_coefficients, n_frames), which are pooled. It must be defined in a module, not
        as a lambda, if it is to be pickled or used in other processes.
    names : sequence of str, default=None
        Names of the values or coefficients. If None, the name of the function and a number are
        used.
    version : str or int, default=None
        Version of the function. The `memory` of a union caches the values only if a version is
        given and the function can be imported from a module. If the version or the function
        changes, they are computed again.
    sr : float, default=None
        Sample rate in Hz to which clips are resampled. If None, the rate of the union is used, or
        22050 outside a union.
    duration : float or "max", default=None
        Duration in seconds to which every clip is zero-padded or cut; "max" is the duration of the
        longest clip seen in fit. If None, the duration of the union is used; outside a union, clips
        keep their length.
    {pooling}
        A row is not pooled.
    {deltas}
        A row has no deltas.

    Raises
    ------
    AudioError
        If the function raises an error, or returns NaN or infinity; the message names the clip.
    ValueError
        If the function does not return a 1-D or 2-D array of numbers, or if the number of values or
        coefficients differs from the number of `names`.

    See Also
    --------
    AudioFeature : Base class for features that need a spectrogram.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import RMS, AudioFunction, make_audio_union
    >>> def crest(y, sr):
    ...     return [np.abs(y).max() / np.sqrt(np.mean(y**2))]
    >>> clips = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> union = make_audio_union(RMS(), AudioFunction(crest, names=["crest"]))
    >>> union.fit_transform(clips).shape
    (3, 2)
    >>> union.get_feature_names_out().tolist()
    ['rms__rms_mean', 'audiofunction__crest']
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **PooledExtractor._parameter_constraints,
        "function": [callable],
        "names": [list, tuple, np.ndarray, None],
        "version": [str, Integral, None],
    }

    function: Callable[[NDArray[np.float32], float], ArrayLike]
    names: Sequence[str] | None = None
    version: str | int | None = None

    def _evaluate(self, analysis: Analysis) -> NDArray[np.float32]:
        try:
            # Pass a copy, because the samples are shared with other features.
            values = np.asarray(self.function(analysis.y.copy(), analysis.plan.sr))
        except Exception as error:
            raise AudioError(f"{self._label()} raised {error!r}.") from error
        if values.ndim not in (1, 2) or values.size == 0 or values.dtype.kind not in "fiub":
            raise ValueError(
                f"{self._label()} must return numbers of shape (n_values,) or (n_coefficients, "
                f"n_frames), but returned an array of shape {values.shape} and dtype "
                f"{values.dtype}."
            )
        with np.errstate(over="ignore"):
            values = values.astype(np.float32)
        if not np.isfinite(values).all():
            raise AudioError(f"{self._label()} returned NaN or infinity. {_ADVICE}")
        return values

    def _frames(self, analysis: Analysis) -> NDArray[np.float32]:
        values = self._evaluate(analysis)
        return values if values.ndim == 2 else values[:, np.newaxis]

    def _compute(self, analysis: Analysis) -> NDArray[np.float32]:
        values = self._evaluate(analysis)
        return values if values.ndim == 1 else self._pool(values)

    def _learn_frames(self, analysis: Analysis) -> None:
        values = self._evaluate(analysis)
        self.is_row_ = values.ndim == 1
        self.n_coefficients_, self.n_frames_ = values.reshape(len(values), -1).shape
        if self.is_row_ and self.deltas:
            raise ValueError(
                f"deltas={self.deltas}, but {self._label()} returns a row, which has no frames to "
                "compute deltas from. Set deltas=0."
            )
        if self.names is not None and len(set(self.names)) < len(self.names):
            raise ValueError(f"names={list(self.names)} contains a name twice. Use each name once.")
        if self.names is not None and len(self.names) != self.n_coefficients_:
            raise ValueError(
                f"names has {len(self.names)} entries, but {self._label()} returns "
                f"{self.n_coefficients_} values. Pass one name per value."
            )

    def _coefficient_names(self) -> list[str]:
        if self.names is not None:
            return [str(name) for name in self.names]
        return coefficient_names(self._label(), self.n_coefficients_)

    def _value_names(self) -> list[str]:
        return self._coefficient_names() if self.is_row_ else super()._value_names()

    def _label(self) -> str:
        return getattr(self.function, "__name__", type(self.function).__name__).strip("<>")

    def _member(self) -> Member:
        member = super()._member()
        parameters = {name: v for name, v in member.parameters.items() if name != "names"}
        where = _importable_name(self.function)
        if self.version is not None and where is not None:
            parameters["function"] = where
        return replace(
            member,
            name=self._label(),
            parameters=parameters,
            value_advice=member.value_advice or _ADVICE,
        )


def _importable_name(function: Callable[..., Any]) -> str | None:
    """Return the path from which a function can be imported, or None if there is none."""
    module = getattr(function, "__module__", None)
    name = getattr(function, "__qualname__", "<unknown>")
    if module in (None, "__main__") or module not in sys.modules or "<" in name:
        return None
    try:
        found = attrgetter(name)(sys.modules[module])
    except AttributeError:
        return None
    return f"{module}.{name}" if found is function else None
