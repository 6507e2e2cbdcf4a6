"""The sample rate at which an estimator takes arrays, which do not have one, to be."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.pipeline import FeatureUnion, Pipeline

from skser.audio._base import DEFAULT_SR
from skser.audio._items import Items
from skser.compose._splitters import estimators_in
from skser.features._base import AudioExtractor


def array_sr(items: Items, sr: float | None, estimator: Any, owner: str) -> float:
    """Settle the sample rate of arrays, which is stated once: by a classifier or inside it.

    Parameters
    ----------
    items : list or ndarray
        Clips, as `check_items` returns them; without arrays, no rate is wrong.
    sr : float or None
        In Hz, as the classifier states it.
    estimator : estimator
        What the classifier holds.
    owner : str
        Name of the classifier, for messages.

    Returns
    -------
    sr : float

    Raises
    ------
    ValueError
        If there are arrays, and several rates.
    """
    inside = array_rates(estimator)
    rates = inside if sr is None else inside | {sr}
    if len(rates) > 1 and any(isinstance(item, np.ndarray) for item in items):
        listed = " and ".join(f"{rate:g}" for rate in sorted(inside))
        own = "" if sr is None else f"{owner} takes arrays to be at sr={sr!r} Hz, but "
        raise ValueError(
            f"{own}the estimator inside {owner} takes arrays to be at {listed} Hz. State one rate, "
            "in the estimator alone (sr=None here), or pass Audio(y, sr) for arrays."
        )
    if sr is not None:
        return sr
    return rates.pop() if len(rates) == 1 else DEFAULT_SR


def array_rates(estimator: Any, default: float = DEFAULT_SR) -> set[float]:
    """Return the sample rates in Hz that an estimator, or what it begins with, states for arrays.

    Parameters
    ----------
    estimator : estimator
        Any. In a pipeline, the first step that states a rate counts; in a union, every member; in
        an `AudioFeatureUnion`, the union itself, and members that are not features.
    default : float, default=22050
        Rate of a feature that states none.

    Returns
    -------
    rates : set of float
        Empty if nothing in it knows of sample rates; several if its parts disagree.
    """
    if isinstance(estimator, Pipeline):
        steps = (array_rates(step, default) for step in estimators_in(estimator.steps))
        return next(filter(None, steps), set())
    params = estimator.get_params(deep=False)
    sr = params.get("sr")
    if isinstance(estimator, FeatureUnion):
        held = estimator.transformer_list
        if sr is not None:
            # A union of ours states the rate for the features in it, whatever theirs.
            others = (e for e in estimators_in(held) if not isinstance(e, AudioExtractor))
            return {sr}.union(*(array_rates(other, sr) for other in others))
    elif sr is not None:
        return {sr}
    elif isinstance(estimator, AudioExtractor):
        return {default}
    else:
        held = [params.get(name) for name in ("estimator", "estimators", "extractor")]
    return {rate for inner in estimators_in(held) for rate in array_rates(inner, default)}
