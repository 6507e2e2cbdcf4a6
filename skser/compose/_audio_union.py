from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import Bunch, Tags
from sklearn.utils.metadata_routing import process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skser._array_output import check_output
from skser._progress import progress_bar
from skser._repr import AddressFreeRepr
from skser._sklearn_compat import StrOptions, name_estimators, num_samples, raise_for_params
from skser._state import restored_on_error
from skser.analysis import AnalysisPlan
from skser.audio._items import Items, check_items
from skser.compose._meta_classifier import is_routing
from skser.extraction import FeatureStore
from skser.extraction._clip import longest
from skser.extraction._doubts import warn_of_short_rows
from skser.extraction._extraction import extract, learn_from_first_clip
from skser.extraction._feature_store import as_store
from skser.extraction._member import Member
from skser.extraction._one_thread import one_thread
from skser.features._base import PLAN_CONSTRAINTS, AudioExtractor
from skser.preprocessing._channels import stack_channels
from skser.preprocessing._ragged import is_ragged


class AudioFeatureUnion(AddressFreeRepr, FeatureUnion):
    """Concatenate features, reading and analysing each clip once for all of them.

    Vectors are concatenated. Images with the same numbers of rows and frames become the channels
    of one image; a single image stays as it is.

    This is a `sklearn.pipeline.FeatureUnion` whose members share sample rate and frames. Members
    are dropped, and parameters searched, by name: ``features__chroma="drop"``,
    ``features__mfcc__n_mfcc=20``, ``features__n_fft=1024``. A plain `FeatureUnion` of the same
    vectors gives the same values, but more slowly.

    Parameters
    ----------
    transformer_list : list of (str, transformer) tuples
        Features, or other transformers that take clips and return a 2-D array; "drop" in place
        of a transformer leaves it out. Either all features return vectors, or all return images.
    sr : float, default=22050
        Sample rate in Hz of every member that does not set its own. Arrays are assumed to have
        this rate, and are resampled for members with another. Features inside another member,
        such as a pipeline, do not know it: give them the same `sr`.
    n_fft, hop_length : int, default=2048, 512
        Frame length and hop length in samples, for members that do not set their own.
    window : str or tuple, default="hann"
        Window of a frame, for members that do not set their own.
    duration : float or "max", default=None
        Duration in seconds to which every clip is zero-padded or cut, for members that do not set
        their own; "max" is the duration of the longest clip seen in fit. If None, clips keep their
        length.
    n_jobs : int, default=None
        Number of processes among which the clips are distributed, as for `joblib.Parallel`. The
        backend is that of ``joblib.parallel_config``.
    memory : str, os.PathLike or FeatureStore, default=None
        Folder in which the computed values of each clip and feature are cached, for use in other
        folds, searches, runs and processes. If None, values are not cached.
    on_error : {"raise", "nan"}, default="raise"
        How to treat clips that cannot be used. "raise" raises an error for the first one. "nan"
        sets their values to NaN, and issues one warning that lists them all; an image of unknown
        length becomes one frame of NaN. `fit` needs at least one clip that can be read. To leave
        such clips out, use `drop_unreadable`.
    progress : bool or "auto", default="auto"
        Whether to show a progress bar. "auto" shows it in a terminal or a notebook, once
        the clips take longer than two seconds, and removes it at the end. A call that begins less
        than ten seconds after another one, as in the folds of a search, continues its line.
    transformer_weights : dict of str to float, default=None
        Factors by which the values of members are multiplied, by name.
    verbose_feature_names_out : bool, default=True
        Whether to prefix the names of values with that of the member: ``mfcc__mfcc01_mean``.

    Attributes
    ----------
    transformers_ : list of (str, transformer) tuples
        Fitted members; those of `transformer_list` stay unfitted.
    n_features_in_ : int
        Number of samples of a clip; only if X was a 2-D array.

    See Also
    --------
    make_audio_union : Make a union that names its members automatically.

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

    Images become channels:

    >>> from skser import MFCC2D, Mel2D
    >>> AudioFeatureUnion([("mel", Mel2D(40)), ("mfcc", MFCC2D(40))]).fit_transform(clips).shape
    (3, 40, 44, 2)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "transformer_list": [list, tuple],
        **PLAN_CONSTRAINTS,
        "n_jobs": [Integral, None],
        "memory": [str, os.PathLike, FeatureStore, None],
        "on_error": [StrOptions({"raise", "nan"})],
        "progress": ["boolean", StrOptions({"auto"})],
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
        progress: bool | str = "auto",
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

    def fit(self, X: Any, y: Any = None, **params: Any) -> Self:
        """Fit every member; features analyse only the first clip.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.
        y : array-like of shape (n_clips,), default=None
            Labels, which are passed to members that are not features of this package.
        **params : dict
            Metadata, such as `sample_weight`, for the `fit` of members that are not features of
            this package; with metadata routing enabled, for the members that request it.

        Returns
        -------
        self : object
        """
        with restored_on_error(self):
            routed = self._route("fit", params)
            self._begin_fit(X, stacklevel=2)
            for name, member in self._others():
                member.fit(X, y, **routed[name].fit)
        return self

    def fit_transform(self, X: Any, y: Any = None, **params: Any) -> NDArray[Any]:
        """Fit every member, and compute the values of the same clips.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.
        y : array-like of shape (n_clips,), default=None
            Labels, which are passed to members that are not features of this package.
        **params : dict
            Metadata, as in `fit`.

        Returns
        -------
        values : ndarray of shape (n_clips, n_values) or (n_clips, n_rows, n_frames[, n_channels])
            Images of clips that differ in length are an object array of shape (n_clips,).

        Raises
        ------
        AudioError
            If a clip cannot be used and `on_error` is "raise"; the message names it.
        """
        with restored_on_error(self):
            routed = self._route("fit_transform", params)
            # scikit-learn wraps this method, but not fit.
            items = self._begin_fit(X, stacklevel=3)
            others = {
                name: _fit_transform(member, X, y, routed[name]) for name, member in self._others()
            }
            return self._values(X, items, others, warns=False)

    def transform(self, X: Any, **params: Any) -> NDArray[Any]:
        """Compute the values of each clip.

        Parameters
        ----------
        X : list, pandas.Series, 1-D object array or 2-D array of n_clips clips
            Paths, `Segment`, `Audio` or arrays of samples.
        **params : dict
            Metadata for the `transform` of members that request it; only with metadata routing
            enabled.

        Returns
        -------
        values : ndarray of shape (n_clips, n_values) or (n_clips, n_rows, n_frames[, n_channels])
            Images of clips that differ in length are an object array of shape (n_clips,).

        Raises
        ------
        AudioError
            If a clip cannot be used and `on_error` is "raise"; the message names it.

        Warns
        -----
        AudioWarning
            If clips cannot be used and `on_error` is "nan", or if clips that are not in `memory`
            are silent or shorter than 0.1 s; one warning counts them.
        """
        check_is_fitted(self)
        raise_for_params(params, self, "transform")
        routed = self._route("transform", params)
        items = self._check_items(X, reset=False)
        others = {
            name: member.transform(X, **routed[name].transform) for name, member in self._others()
        }
        return self._values(X, items, others)

    def _route(self, method: str, params: dict[str, Any]) -> Any:
        """Return the metadata that each member's methods get besides X and y."""
        if is_routing():
            return process_routing(self, method, **params)
        taken = params if method != "transform" else {}
        feature = next((m for _, m, _ in self._iter() if isinstance(m, AudioExtractor)), None)
        if taken and feature is not None:
            raise TypeError(
                f"{type(feature).__name__}.{method} does not take {next(iter(taken))!r}. To pass "
                "metadata to other members only, enable scikit-learn's metadata routing, and "
                "let them request it (set_fit_request)."
            )
        return {
            name: Bunch(fit=taken, fit_transform=taken, transform={})
            for name, _ in self.transformer_list
        }

    def _begin_fit(self, X: Any, *, stacklevel: int) -> Items | None:
        """Check parameters, members and X, and learn the shape of every feature's values.

        The stack level of a warning is relative to the function that calls this one.
        """
        items = self._settle(X)
        if items is None:
            return None
        warn_of_short_rows(items, self._plan(), "AudioFeatureUnion", stacklevel=stacklevel + 1)
        features = dict(self._features())
        learnt = learn_from_first_clip(
            items,
            self._described(),
            on_error=self.on_error,
            store=as_store(self.memory),
        )
        _check_shapes(dict(zip(features, (shape for _, shape in learnt), strict=True)))
        with one_thread():
            for feature, (analysis, shape) in zip(features.values(), learnt, strict=True):
                feature._learn(analysis, shape)
        return items

    def _settle(self, X: Any) -> Items | None:
        """Check parameters, members and X, and set the framing of every feature."""
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
        features = dict(self._features())
        duration = self.duration
        if duration == "max" and any(f.duration is None for f in features.values()):
            duration = longest(items, self.sr, self.on_error)
        for feature in features.values():
            feature._settle(items, self._plan(), duration, self.on_error)
        return items

    def _plan(self) -> AnalysisPlan:
        """Return the plan of features that do not choose their own."""
        return AnalysisPlan(self.sr, self.n_fft, self.hop_length, self.window)

    def _described(self) -> list[Member]:
        """Describe the features, whose framing is set, to the engine."""
        return [feature._member() for _, feature in self._features()]

    def _check_items(self, X: Any, *, reset: bool) -> Items | None:
        """Validate X once, on behalf of the first feature; return None without features."""
        features = [feature for _, feature in self._features()]
        if not features:
            return None
        return check_items(features[0], X, reset=reset, lenient=self.on_error == "nan")

    def _features(self) -> list[tuple[str, AudioExtractor]]:
        return [(n, m) for n, m, _ in self._iter() if isinstance(m, AudioExtractor)]

    def _others(self) -> list[tuple[str, Any]]:
        return [(n, m) for n, m, _ in self._iter() if not isinstance(m, AudioExtractor)]

    def _values(
        self, X: Any, items: Items | None, blocks: dict[str, Any], *, warns: bool = True
    ) -> NDArray[Any]:
        """Extract the features, and join the values of all members."""
        features = self._features()
        if items is not None:
            with progress_bar(len(items), self.progress, continues=True) as bar:
                values = extract(
                    items,
                    self._described(),
                    n_jobs=self.n_jobs,
                    on_error=self.on_error,
                    progress=bar,
                    store=as_store(self.memory),
                    warns=warns,
                )
            blocks |= dict(zip([name for name, _ in features], values, strict=True))
        joined = {}
        for name, _, weight in self._iter():
            block = blocks[name].toarray() if issparse(blocks[name]) else np.asarray(blocks[name])
            joined[name] = block if weight is None else block * weight
        _check_lengths(joined, num_samples(X) if items is None else len(items))
        return _join(joined)

    def _iter(self) -> Iterator[tuple[str, Any, float | None]]:
        """Yield the name, the transformer and the weight of each member that is not dropped."""
        weights = self.transformer_weights or {}
        for name, member in getattr(self, "transformers_", self.transformer_list):
            if member == "passthrough":
                member = FunctionTransformer(feature_names_out="one-to-one")
            if member != "drop":
                yield name, member, weights.get(name)

    def _names_its_values(self) -> bool:
        """Return whether every feature returns vectors, whose values have names."""
        return all(hasattr(feature, "get_feature_names_out") for _, feature in self._features())

    @available_if(_names_its_values)
    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the values, such as ``mfcc__mfcc01_mean``; images have no names.

        Parameters
        ----------
        input_features : None
            Ignored; samples have no names.

        Returns
        -------
        names : ndarray of shape (n_values,), dtype=object
        """
        names: NDArray[np.object_] = super().get_feature_names_out(input_features)
        return names

    def set_output(self, *, transform: str | None = None) -> Self:
        """Set the container of vectors; images stay arrays.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            Container of the values; None leaves the setting unchanged.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If the container is unknown.
        """
        check_output(transform)
        if self._names_its_values():
            super().set_output(transform=transform)
        return self

    @property
    def named_transformers(self) -> Bunch:
        """Members by name; after `fit`, the fitted members."""
        return Bunch(**dict(getattr(self, "transformers_", self.transformer_list)))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "transformers_")

    def _first_member(self) -> Any:
        for _, member, _ in self._iter():
            return member
        raise AttributeError("A union without members has not seen any clips.")

    @property
    def n_features_in_(self) -> int:
        """Number of samples of a clip, if X was a 2-D array."""
        return int(self._first_member().n_features_in_)

    @property
    def feature_names_in_(self) -> NDArray[np.object_]:
        """Names of the columns, if X was a DataFrame of samples."""
        names: NDArray[np.object_] = self._first_member().feature_names_in_
        return names

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def _fit_transform(member: Any, X: Any, y: Any, params: Any) -> Any:
    if hasattr(member, "fit_transform"):
        return member.fit_transform(X, y, **params.fit_transform)
    return member.fit(X, y, **params.fit).transform(X, **params.transform)


def _check_shapes(shapes: dict[str, tuple[int, ...]]) -> None:
    """Check that the members return vectors only, or images that can be channels of one image."""
    (first, shape), *others = shapes.items()
    for name, other in others:
        if (len(shape) == 1) != (len(other) == 1):
            image, vector = (first, name) if len(other) == 1 else (name, first)
            raise ValueError(
                f"Member {image!r} makes images and member {vector!r} makes vectors, but a union "
                "joins only one of the two kinds. Use a separate pipeline for each kind, and join "
                "the embeddings of their networks."
            )
        if len(shape) > 1 and shape[:2] != other[:2]:
            raise ValueError(
                f"Members {first!r} and {name!r} make images of {shape[0]} x {shape[1]} and "
                f"{other[0]} x {other[1]} (rows x frames). To be channels of one image, they must "
                "have the same shape: set the number of rows (n_mels, n_mfcc, height) of one to "
                "that of the other, and set sr, hop_length and duration in the union only."
            )


def _check_lengths(blocks: dict[str, NDArray[Any]], n_clips: int) -> None:
    for name, block in blocks.items():
        if block.ndim and len(block) != n_clips:
            raise ValueError(
                f"Member {name!r} returned an array of shape {block.shape} for {n_clips} clips. "
                "It must return one row, or one image, for each clip, in the order of the clips."
            )


def _join(blocks: dict[str, NDArray[Any]]) -> NDArray[Any]:
    """Concatenate vectors, or stack images as channels."""
    if all(is_ragged(block) or block.ndim in (3, 4) for block in blocks.values()):
        return stack_channels(blocks)
    for name, block in blocks.items():
        if block.ndim != 2:
            raise ValueError(
                f"Member {name!r} returned {block.ndim} dimensions, but a union joins either "
                "arrays of shape (n_clips, n_values) or images."
            )
    return np.hstack(list(blocks.values()))


def make_audio_union(*features: Any, **parameters: Any) -> AudioFeatureUnion:
    """Make a union of features, each named after its class in lower case.

    Parameters
    ----------
    *features : transformers
        Features of this package, or other transformers of clips. If several have the same class,
        their names are numbered: ``mfcc-1``, ``mfcc-2``.
    **parameters
        Parameters of `AudioFeatureUnion`: ``sr``, ``n_fft``, ``n_jobs``, ...

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
