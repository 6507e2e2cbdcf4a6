"""What extraction asks of a store; `skser.compose.FeatureStore` is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from skser.audio import Items

if TYPE_CHECKING:
    from skser.features._base import AudioExtractor


class OpenStore(Protocol):
    """A store that is open, in one process and thread."""

    def read(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """Return the values that are there."""

    def write(self, values: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Keep values."""


class Store(Protocol):
    """What keeps values between runs, and shares them between processes."""

    def keys_of(
        self, items: Items, members: Sequence[AudioExtractor]
    ) -> Sequence[Sequence[bytes | None]]:
        """Return, for each clip, the key of each member's value; None: it cannot be kept."""

    def opened(self) -> AbstractContextManager[OpenStore]:
        """Open it for a while."""


class NoStore:
    """Keeps nothing."""

    def keys_of(
        self, items: Items, members: Sequence[AudioExtractor]
    ) -> Sequence[Sequence[bytes | None]]:
        """Return None for every value."""
        return [[None] * len(members)] * len(items)

    def opened(self) -> AbstractContextManager[Self]:
        """Return itself."""
        return nullcontext(self)

    def read(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """Find nothing."""
        return {}

    def write(self, values: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Do nothing."""
