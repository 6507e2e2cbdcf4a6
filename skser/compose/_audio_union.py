from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cache
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import Bunch, Tags
from sklearn.utils.validation import check_is_fitted
from tqdm.auto import tqdm

from skser._sklearn_compat import StrOptions, name_estimators
from skser.analysis import AnalysisPlan
from skser.audio import Items, check_items
from skser.compose._feature_store import FeatureStore, as_store
from skser.features import (
    PLAN_CONSTRAINTS,
    AudioExtractor,
    extract,
    learn_from_first_clip,
    longest,
)


class AudioFeatureUnion(FeatureUnion):
    """Join features side by side; each clip is read once and analysed once for all of them.

    A `sklearn.pipeline.FeatureUnion` whose members share sample rate and frames. Members are
    dropped, and parameters searched, by name: ``features__chroma="drop"``,
    ``features__mfcc__n_mfcc=20``, ``features__n_fft=1024``. A plain `FeatureUnion` of the same
    members gives the same values, only slower.

    Parameters
    ----------
    transformer_list : list of (str, transformer) tuples
        Features, or any other transformers that take clips and return a 2-D array; "drop"
        leaves a member out.
    sr : float, default=22050
        Sample rate in Hz of every member that sets none itself.
    n_fft, hop_length : int, default=2048, 512
        Length and step of the frames in samples, likewise.
    window : str or tuple, default="hann"
        Window of a frame, likewise.
    duration : float or "max", default=None
        Seconds that every clip is zero-padded or cut to; "max": as long as the longest clip
        seen in fit; None: as it is. Likewise.
    n_jobs : int, default=None
        Clips are shared out among so many processes, as for `joblib.Parallel`; the backend is
        that of ``joblib.parallel_config``.
    memory : str, os.PathLike or FeatureStore, default=None
        Folder that keeps what was computed, by clip and feature, for other folds, parameters,
        runs and processes; None: nothing is kept.
    on_error : {"raise", "nan"}, default="raise"
        What becomes of a clip that cannot be used: an error, or a row of NaN and one warning
        that lists all such clips.
    progress : bool, default=False
        Show a progress bar.
    transformer_weights : dict of str to float, default=None
        Factors of the members' values.
    verbose_feature_names_out : bool, default=True
        Prefix names with the member's: ``mfcc__mfcc01_mean``.

    Attributes
    ----------
    transformers_ : list of (str, transformer) tuples
        The fitted members; those of `transformer_list` stay as they are.
    n_features_in_ : int
        Samples a clip; only if X was a 2-D array.

    See Also
    --------
    make_audio_union : Names the members itself.

    Examples
    --------
    >>> import numpy as np
    >>> from skser import MFCC, RMS, AudioFeatureUnion
    >>> clips = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> union = AudioFeatureUnion([("mfcc", MFCC(13)), ("rms", RMS())])
    >>> union.fit_transform(clips).shape
    (3, 14)
    >>> union.get_feature_names_out()[-2:].tolist()
    ['mfcc__mfcc13_mean', 'rms__rms_mean']
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "transformer_list": [list, tuple],
        **PLAN_CONSTRAINTS,
        "n_jobs": [Integral, None],
        "memory": [str, os.PathLike, FeatureStore, None],
        "on_error": [StrOptions({"raise", "nan"})],
        "progress": ["boolean"],
        "transformer_weights": [dict, None],
        "verbose_feature_names_out": ["boolean"],
    }

    def __init__(
        self,
        transformer_list: Sequence[tuple[str, Any]],
        *,
        sr: float = 22050,
        n_fft: int = 2048,
        hop_length: int = 512,
        window: str | tuple[Any, ...] = "hann",
        duration: float | str | None = None,
        n_jobs: int | None = None,
        memory: str | os.PathLike[str] | FeatureStore | None = None,
        on_error: str = "raise",
        progress: bool = False,
        transformer_weights: dict[str, float] | None = None,
        verbose_feature_names_out: bool = True,
    ) -> None:
        self.transformer_list = transformer_list
        self.sr = sr
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.window = window
        self.duration = duration
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.progress = progress
        self.transformer_weights = transformer_weights
        self.verbose_feature_names_out = verbose_feature_names_out

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit every member; features analyse the first clip only.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.
        y : array-like of shape (n_clips,), default=None
            Handed to members that are no features of this package.

        Returns
        -------
        self : object
        """
        self._begin_fit(X)
        for _, member in self._others():
            member.fit(X, y)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> NDArray[np.float32]:
        """Fit every member and compute the values of the same clips.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.
        y : array-like of shape (n_clips,), default=None
            Handed to members that are no features of this package.

        Returns
        -------
        values : ndarray of shape (n_clips, n_values)

        Raises
        ------
        AudioError
            If a clip cannot be used and `on_error` is "raise"; the message names it.
        """
        items = self._begin_fit(X)
        others = {name: _fit_transform(member, X, y) for name, member in self._others()}
        return self._values(items, others)

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Compute the values of each clip.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.

        Returns
        -------
        values : ndarray of shape (n_clips, n_values)

        Raises
        ------
        AudioError
            If a clip cannot be used and `on_error` is "raise"; the message names it.
        """
        check_is_fitted(self)
        items = self._check_items(X, reset=False)
        return self._values(items, {name: member.transform(X) for name, member in self._others()})

    def _begin_fit(self, X: Any) -> Items | None:
        """Check parameters, members and X, and settle the plan of every feature."""
        self._validate_params()
        if not any(member != "drop" for _, member in self.transformer_list):
            raise ValueError(
                "AudioFeatureUnion has no members left: transformer_list is empty, or every "
                "member is 'drop'. Keep at least one."
            )
        self._validate_transformers()
        self._validate_transformer_weights()
        self.transformers_ = [
            (name, member if isinstance(member, str) else clone(member))
            for name, member in self.transformer_list
        ]
        items = self._check_items(X, reset=True)
        if items is None:
            return None
        defaults = AnalysisPlan(self.sr, self.n_fft, self.hop_length, self.window)
        longest_at = cache(lambda sr: longest(items, sr, self.on_error))
        for _, feature in self._features():
            duration = self.duration
            if duration == "max" and feature.duration is None:
                duration = longest_at(self.sr if feature.sr is None else feature.sr)
            feature.settle(items, defaults, duration, self.on_error)
        learn_from_first_clip(items, [feature for _, feature in self._features()], self.on_error)
        for name, feature in self._features():
            if len(feature.output_shape_) != 1:
                raise ValueError(
                    f"Member {name!r} ({type(feature).__name__}) makes images, but a union joins "
                    "vectors. Give it a pipeline of its own, and join networks' embeddings."
                )
        return items

    def _check_items(self, X: Any, *, reset: bool) -> Items | None:
        """Validate X once, on behalf of the first feature; None without a feature."""
        features = [feature for _, feature in self._features()]
        if not features:
            return None
        return check_items(features[0], X, reset=reset, lenient=self.on_error == "nan")

    def _features(self) -> list[tuple[str, AudioExtractor]]:
        return [(n, m) for n, m, _ in self._iter() if isinstance(m, AudioExtractor)]

    def _others(self) -> list[tuple[str, Any]]:
        return [(n, m) for n, m, _ in self._iter() if not isinstance(m, AudioExtractor)]

    def _values(self, items: Items | None, blocks: dict[str, Any]) -> NDArray[np.float32]:
        """Extract the features, and put all members' blocks side by side."""
        features = self._features()
        if items is not None:
            with tqdm(total=len(items), unit="clip", disable=not self.progress) as bar:
                values = extract(
                    items,
                    [feature for _, feature in features],
                    n_jobs=self.n_jobs,
                    on_error=self.on_error,
                    progress=bar,
                    store=as_store(self.memory),
                )
            blocks |= dict(zip([name for name, _ in features], values, strict=True))
        columns = []
        for name, _, weight in self._iter():
            block = blocks[name].toarray() if issparse(blocks[name]) else np.asarray(blocks[name])
            if block.ndim != 2:
                raise ValueError(
                    f"Member {name!r} returned {block.ndim} dimensions, but a union joins "
                    "arrays of shape (n_clips, n_values)."
                )
            columns.append(block if weight is None else block * weight)
        return np.hstack(columns)

    def _iter(self) -> Iterator[tuple[str, Any, float | None]]:
        """Yield name, member and weight of each member that is not dropped."""
        weights = self.transformer_weights or {}
        for name, member in getattr(self, "transformers_", self.transformer_list):
            if member == "passthrough":
                member = FunctionTransformer(feature_names_out="one-to-one")
            if member != "drop":
                yield name, member, weights.get(name)

    @property
    def named_transformers(self) -> Bunch:
        """Members by name; after fit, the fitted ones."""
        return Bunch(**dict(getattr(self, "transformers_", self.transformer_list)))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "transformers_")

    def _first_member(self) -> Any:
        for _, member, _ in self._iter():
            return member
        raise AttributeError("A union without members has seen no clips.")

    @property
    def n_features_in_(self) -> int:
        """Number of samples of a clip, where X was a 2-D array."""
        return int(self._first_member().n_features_in_)

    @property
    def feature_names_in_(self) -> NDArray[np.object_]:
        """Names of the columns, where X was a DataFrame of samples."""
        names: NDArray[np.object_] = self._first_member().feature_names_in_
        return names

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def _fit_transform(member: Any, X: Any, y: Any) -> Any:
    if hasattr(member, "fit_transform"):
        return member.fit_transform(X, y)
    return member.fit(X, y).transform(X)


def make_audio_union(*features: Any, **parameters: Any) -> AudioFeatureUnion:
    """Join features, each named by its class in lower case.

    Parameters
    ----------
    *features : transformers
        Features of this package, or other transformers of clips. Of several of one class, the
        names are numbered: ``mfcc-1``, ``mfcc-2``.
    **parameters
        As for `AudioFeatureUnion`: ``sr``, ``n_fft``, ``n_jobs``, ...

    Returns
    -------
    union : AudioFeatureUnion

    Examples
    --------
    >>> from skser import MFCC, ZCR, SpectralRolloff, make_audio_union
    >>> union = make_audio_union(ZCR(), MFCC(20), SpectralRolloff(), sr=16000)
    >>> [name for name, _ in union.transformer_list]
    ['zcr', 'mfcc', 'spectralrolloff']
    """
    return AudioFeatureUnion(name_estimators(features), **parameters)
