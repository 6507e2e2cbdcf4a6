"""Base class of the augmenters that consist of others."""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from skser._sklearn_compat import InvalidParameterError, name_estimators
from skser.augmentation._base import Augment, Augmenter, validate


@dataclass(eq=False, repr=False)
class Composition(Augmenter, metaclass=ABCMeta):
    """Hold augmenters, whose parameters are prefixed by the names of their classes."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **Augmenter._parameter_constraints,
        "augmenters": [list, tuple],
    }

    augmenters: Sequence[Augment]

    def _named(self) -> dict[str, Augment]:
        listed = isinstance(self.augmenters, list | tuple)
        return dict(name_estimators(self.augmenters)) if listed else {}

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include the augmenters, by class in lower case (``gain``, or ``gain-1`` and
            ``gain-2`` if there are two), and their parameters, such as ``gain__p``.

        Returns
        -------
        params : dict
        """
        params: dict[str, Any] = super().get_params(deep=deep)
        if deep:
            for name, augment in self._named().items():
                params[name] = augment
                if isinstance(augment, Augmenter):
                    nested = augment.get_params()
                    params |= {f"{name}__{key}": value for key, value in nested.items()}
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name.

        Parameters
        ----------
        **params
            Parameters by the names that `get_params` returns; ``gain=TimeShift()`` replaces an
            augmenter.

        Returns
        -------
        self : object
        """
        if "augmenters" in params:
            super().set_params(augmenters=params.pop("augmenters"))
        named = self._named()
        replaced = {name: params.pop(name) for name in named if name in params}
        if replaced:
            self.augmenters = [replaced.get(name, augment) for name, augment in named.items()]
        # Set these last, so that they apply to the new member if one was replaced.
        super().set_params(**params)
        return self

    def _validate_params(self) -> None:
        super()._validate_params()
        if not self.augmenters:
            raise InvalidParameterError(
                f"{type(self).__name__} has no augmenters. Pass a list with at least one."
            )
        for index, augment in enumerate(self.augmenters):
            if not callable(augment):
                raise InvalidParameterError(
                    f"augmenters[{index}] of {type(self).__name__} is {augment!r}, but an "
                    "augmenter or a callable (samples, sample_rate) -> samples is expected."
                )
            validate(augment)
