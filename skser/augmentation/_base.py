"""Base class of the augmenters, and the one function that creates copies."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import Tags, check_consistent_length, check_random_state, column_or_1d

from skser._repr import AddressFreeRepr
from skser._sklearn_compat import Interval, InvalidParameterError
from skser._state import restored_on_error
from skser.audio import Audio, as_items
from skser.audio._base import DEFAULT_SR
from skser.audio._items import Item, Items, check_items, describe
from skser.audio._load import read_clip
from skser.audio._transient import as_transient, marked_like, stack_clips
from skser.audio._with_speakers import speaker_of
from skser.augmentation._foreign import call_seeded, check_output
from skser.exceptions import AudioError

Augment: TypeAlias = Callable[[NDArray[Any], float], NDArray[Any]]
"""An augmenter of this package, or any callable (samples, sample_rate) -> samples."""


@dataclass(eq=False, repr=False, kw_only=True)
class Augmenter(AddressFreeRepr, BaseEstimator, metaclass=ABCMeta):
    """Change a clip at random; a subclass implements `_draw` and `_apply` and nothing else.

    All randomness is in `_draw`, so that `_apply` can be tested by arithmetic.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "p": [Interval(Real, 0, 1, closed="both")],
        "random_state": ["random_state"],
    }

    p: float = 1.0
    random_state: int | np.random.RandomState | None = None

    @abstractmethod
    def _draw(self, rng: np.random.Generator, n_samples: int, sr: float) -> Any:
        """Return the random parameters of `_apply` for a clip of `n_samples` samples."""

    @abstractmethod
    def _apply(self, y: NDArray[np.float32], sr: float, parameters: Any) -> NDArray[np.floating]:
        """Return the new samples, which depend on the arguments only."""

    def _augment(
        self, y: NDArray[np.float32], sr: float, rng: np.random.Generator
    ) -> NDArray[np.floating]:
        if rng.random() >= self.p:
            return y
        return self._apply(y, sr, self._draw(rng, len(y), sr))

    def __call__(self, samples: ArrayLike, sample_rate: float) -> NDArray[np.float32]:
        """Change one clip.

        Parameters
        ----------
        samples : array-like of shape (n_samples,) or (n_channels, n_samples)
            Samples, as in `Audio`; channels are averaged.
        sample_rate : float
            Sample rate in Hz.

        Returns
        -------
        samples : ndarray of shape (n_samples_out,), dtype=float32

        Raises
        ------
        AudioError
            If the samples are not a clip, or the result is not finite.
        """
        self._validate_params()
        y, sr = read_clip(Audio(np.asarray(samples), sample_rate), sample_rate)
        return run(self, y, sr, np.random.default_rng(draw_seed(self.random_state)))

    def fit(self, X: Any, y: Any = None) -> Self:
        """Validate the parameters and X; nothing is learnt.

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
        self._validate_params()
        with restored_on_error(self):
            check_items(self, X, reset=True)
        return self

    def fit_resample(self, X: Any, y: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Append one augmented copy of each clip to the clips.

        The pipeline of imbalanced-learn calls this method in training, but not in prediction.
        With a splitter, call it on the training part only: copies of a clip on both sides of a
        split cause leakage.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples; for arrays, a sample rate of 22050 Hz
            is assumed.
        y : array-like of shape (n_clips,)
            Labels.

        Returns
        -------
        X_resampled : ndarray of shape (2 * n_clips,), dtype=object, or (2 * n_clips, n_samples)
            The unchanged clips, followed by the copies: an array for each array, and `Audio` for
            all others. A 2-D array if X is one and all copies keep its length.
        y_resampled : ndarray of shape (2 * n_clips,)
            Labels of the clips and the copies.

        Raises
        ------
        AudioError
            If a clip cannot be read, or its copy is not finite; the message names it.
        """
        self._validate_params()
        with restored_on_error(self):
            items = check_items(self, X, reset=True)
            labels = column_or_1d(y)
            check_consistent_length(items, labels)
            clips = with_copies(items, self, n_copies=1, seed=draw_seed(self.random_state))
        return clips, np.tile(labels, 2)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.string = True
        return tags


def validate(augment: Augment) -> None:
    """Validate the parameters of an augmenter of this package; others validate their own."""
    if isinstance(augment, type):
        raise InvalidParameterError(
            f"{augment.__name__} is a class, but an augmenter is expected. Pass an instance: "
            f"{augment.__name__}()."
        )
    if isinstance(augment, Augmenter):
        augment._validate_params()


def draw_seed(random_state: int | np.random.RandomState | None) -> int:
    """Return the seed from which every copy's own generator is derived."""
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))


def run(
    augment: Augment, y: NDArray[np.float32], sr: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Change one clip by any augmenter; all randomness depends on the generator only.

    Parameters
    ----------
    augment : Augmenter or callable
        An augmenter of this package, or ``(samples, sample_rate) -> samples``; for the latter,
        the global generators of Python and NumPy are seeded.
    y : ndarray of shape (n_samples,), dtype=float32
        Samples.
    sr : float
        Sample rate in Hz.
    rng : Generator
        Random generator.

    Returns
    -------
    y : ndarray of shape (n_samples_out,), dtype=float32

    Raises
    ------
    AudioError
        If the result is not a 1-D array of at least one finite floating-point sample.
    """
    if isinstance(augment, Augmenter):
        return check_output(augment._augment(y, sr, rng), augment)
    return check_output(call_seeded(augment, y, sr, int(rng.integers(2**32))), augment)


def with_copies(
    items: Items,
    augment: Augment,
    *,
    n_copies: int,
    seed: int,
    sr: float = DEFAULT_SR,
    n_jobs: int | None = None,
) -> Any:
    """Return the clips, followed by their first copies, their second copies, and so on.

    The changes of copy k of clip i depend on ``(seed, i, k)`` only, not on the order or the
    process in which it is created.

    Parameters
    ----------
    items : list or ndarray
        Clips, as `check_items` returns them.
    augment : Augmenter or callable
        Augmenter of this package, or ``(samples, sample_rate) -> samples``.
    n_copies : int
        Number of copies of each clip; if 0, the items are returned as they are.
    seed : int
        Random seed.
    sr : float, default=22050
        Sample rate in Hz that is assumed for arrays.
    n_jobs : int, default=None
        Number of processes, as for `joblib.Parallel`.

    Returns
    -------
    clips : ndarray of shape ((1 + n_copies) * n_clips,), dtype=object
        The copy of an array is an array; all others are `Audio` at the clip's own sample rate. A
        2-D array if the items are one and all copies keep its length. Copies are marked as
        transient.

    Raises
    ------
    AudioError
        If a clip cannot be read, or a copy is not a clip; the message names it.
    """
    if n_copies == 0:
        return items
    made = Parallel(n_jobs=n_jobs)(
        delayed(_copies)(item, index, augment, n_copies, seed, sr)
        for index, item in enumerate(items)
    )
    copies = [of_clip[k] for k in range(n_copies) for of_clip in made]
    if isinstance(items, np.ndarray) and {len(copy) for copy in copies} == {items.shape[1]}:
        # Integer samples are scaled when read, which is no longer possible once joined with floats.
        if items.dtype.kind != "f":
            items = stack_clips([marked_like(row, read_clip(row, sr)[0]) for row in items])
        return stack_clips([*items, *copies])
    return as_items([*items, *copies])


def _copies(
    item: Item, index: int, augment: Augment, n_copies: int, seed: int, sr: float
) -> list[Audio | NDArray[np.float32]]:
    y, own_sr = read_clip(item, sr, index)
    copies: list[Audio | NDArray[np.float32]] = []
    for k in range(n_copies):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(index, k)))
        try:
            changed = run(augment, y, own_sr, rng)
        except AudioError as error:
            raise AudioError(f"{describe(item, index)}: {error}") from error
        except Exception as error:
            error.add_note(f"While augmenting {describe(item, index)}.")
            raise
        changed = as_transient(changed)
        if isinstance(item, np.ndarray):
            copies.append(changed)
        else:
            copies.append(Audio(changed, own_sr, speaker_of(item)))
    return copies
