"""Base class of all features, whether vectors or images."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from dataclasses import dataclass
from functools import cache
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from skser._docs import fill
from skser._repr import AddressFreeRepr
from skser._sklearn_compat import Interval, StrOptions
from skser._state import restored_on_error
from skser.analysis import Analysis, AnalysisPlan
from skser.audio._items import Items, check_items
from skser.audio._load import n_samples
from skser.extraction._clip import longest
from skser.extraction._doubts import warn_of_short_rows
from skser.extraction._extraction import extract, learn_from_first_clip
from skser.extraction._member import Framing, Member
from skser.extraction._one_thread import one_thread
from skser.extraction._sources import note_definition

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


@dataclass(eq=False, repr=False, kw_only=True)
class AudioExtractor(AddressFreeRepr, TransformerMixin, BaseEstimator, metaclass=ABCMeta):
    """Turn each clip into an array; a subclass implements `_compute`."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        name: [*PLAN_CONSTRAINTS[name], None] for name in ("sr", "duration")
    }

    # Incremented when the values change, so that a store does not return old ones.
    _version: ClassVar[int] = 1

    sr: float | None = None
    duration: float | str | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__doc__ = fill(cls.__doc__)
        note_definition(cls)

    @classmethod
    def _get_param_names(cls) -> list[str]:
        """Return the names of the parameters; scikit-learn inspects the signature every time."""
        return [*cls._inspected_param_names()]

    @classmethod
    @cache
    def _inspected_param_names(cls) -> tuple[str, ...]:
        return tuple(super()._get_param_names())

    @abstractmethod
    def _compute(self, analysis: Analysis) -> NDArray[np.float32]:
        """Return the clip's values."""

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the length of the clips and of the output; only the first clip is analysed.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.
        y : None
            Ignored.

        Returns
        -------
        self : object

        Warns
        -----
        AudioWarning
            If X is a 2-D array whose rows are shorter than a frame and than 0.1 s, as those of
            features are.
        """
        with restored_on_error(self):
            items = check_items(self, X, reset=True)
            self._settle(items)
            warn_of_short_rows(items, self.plan_, type(self).__name__, stacklevel=2)
            [(analysis, shape)] = learn_from_first_clip(items, [self._member()], store=None)
            with one_thread():
                self._learn(analysis, shape)
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
        return self.fit(X)._values(X, warns=False)

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

        Warns
        -----
        AudioWarning
            If clips are silent or shorter than 0.1 s; one warning counts them.
        """
        check_is_fitted(self)
        return self._values(X)

    def _values(self, X: Any, *, warns: bool = True) -> NDArray[np.float32]:
        items = check_items(self, X, reset=False)
        return extract(items, [self._member()], warns=warns)[0]

    def _settle(
        self,
        items: Items,
        defaults: AnalysisPlan | None = None,
        duration: float | str | None = None,
        on_error: str = "raise",
    ) -> None:
        """Validate the parameters and set plan and length; a union passes its defaults.

        Parameters
        ----------
        items : list or ndarray
            Clips, as `check_items` returns them.
        defaults : AnalysisPlan, default=None
            Values for parameters of this feature that are None. If None, librosa's defaults.
        duration : float or "max", default=None
            Value for `duration` if that of this feature is None.
        on_error : {"raise", "nan"}, default="raise"
            Whether clips that cannot be read raise an error or are skipped.
        """
        self._validate_params()
        self.plan_ = self._plan(AnalysisPlan() if defaults is None else defaults)
        self.array_sr_ = self.plan_.sr if defaults is None else defaults.sr
        wanted = duration if self.duration is None else self.duration
        if isinstance(wanted, str):
            wanted = longest(items, self.array_sr_, on_error)
        self.n_samples_ = None if wanted is None else n_samples(wanted, self.plan_.sr)

        # The output shape of the last fit may not be that of this one.
        self.__dict__.pop("output_shape_", None)

    def _plan(self, defaults: AnalysisPlan) -> AnalysisPlan:
        """Return the plan of this feature, which does not use the union's frames."""
        return AnalysisPlan(sr=defaults.sr if self.sr is None else self.sr)

    def _learn(self, analysis: Analysis, shape: tuple[int, ...]) -> None:
        """Learn the shape of the output from the first clip and the shape of its values."""
        self.output_shape_: tuple[int | None, ...] = shape

    def _member(self) -> Member:
        """Describe this feature to the engine, after its plan and length are set."""
        return Member(
            name=type(self).__name__,
            framing=Framing(self.plan_, self.n_samples_, self.array_sr_),
            output_shape=getattr(self, "output_shape_", None),
            compute=self._compute,
            classes=type(self).__mro__,
            version=self._version,
            # The framing contains the resulting values of the other parameters.
            parameters={
                name: value
                for name, value in self.get_params(deep=False).items()
                if name not in PLAN_CONSTRAINTS
            },
            shape_advice=", because the clips differ in length. Set duration (seconds or 'max').",
        )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
