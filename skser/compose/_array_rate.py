"""The sample rate that an estimator assumes for arrays, which do not carry one."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.pipeline import FeatureUnion, Pipeline

from skser.audio._base import DEFAULT_SR
from skser.audio._items import Items
from skser.compose._speaker_normalizer import SpeakerNormalizer
from skser.compose._splitters import estimators_in
from skser.features._base import AudioExtractor


def array_sr(items: Items, sr: float | None, estimator: Any, owner: str) -> float:
    """Return the sample rate of arrays, which a classifier or the estimator inside it states.

    Parameters
    ----------
    items : list or ndarray
        Clips, as `check_items` returns them. Rates may disagree only if no clip is an array.
    sr : float or None
        Sample rate in Hz that the classifier states.
    estimator : estimator
        Estimator inside the classifier.
    owner : str
        Name of the classifier, for messages.

    Returns
    -------
    sr : float
        Sample rate of arrays in Hz.

    Raises
    ------
    ValueError
        If clips are arrays and several rates are stated.
    """
    inside = array_rates(estimator)
    rates = set(inside) if sr is None else {*inside, sr}
    if len(rates) > 1 and any(isinstance(item, np.ndarray) for item in items):
        listed = " and ".join(f"{rate:g}" for rate in sorted(inside)) + " Hz"
        advice = "Set sr in the estimator only (sr=None here)"
        if len(inside) > 1:
            listed += f" ({' and '.join(inside[rate] for rate in sorted(inside))})"
            advice = "Give all of them the same sr"
        own = "" if sr is None else f"{owner} assumes that arrays have sr={sr!r} Hz, but "
        raise ValueError(
            f"{own}the estimator inside {owner} assumes {listed} for arrays. {advice}, or pass "
            "Audio(y, sr) instead of arrays."
        )
    if sr is not None:
        return sr
    return rates.pop() if len(rates) == 1 else DEFAULT_SR


def array_rates(estimator: Any) -> dict[float, str]:
    """Return the sample rates in Hz that the parts of an estimator assume for arrays.

    Parameters
    ----------
    estimator : estimator
        Any estimator. In a pipeline, every step counts up to the one that turns clips into values;
        in a union, every member; in an `AudioFeatureUnion`, the union itself and those members
        that are not features.

    Returns
    -------
    rates : dict of float to str
        Name of a class that states the rate, for each rate. Empty if no part of the estimator has
        a sample rate; several if its parts disagree.
    """
    name = type(estimator).__name__
    if isinstance(estimator, Pipeline):
        rates: dict[float, str] = {}
        for step in estimators_in(estimator.steps):
            rates = array_rates(step) | rates
            if _makes_values(step):
                break
        return rates
    params = estimator.get_params(deep=False)
    sr = params.get("sr")
    if isinstance(estimator, FeatureUnion):
        held = list(estimators_in(estimator.transformer_list))
        if sr is not None:
            # An AudioFeatureUnion states the rate for its features, whatever rate they have.
            held = [member for member in held if not isinstance(member, AudioExtractor)]
    elif sr is not None or isinstance(estimator, AudioExtractor):
        return {DEFAULT_SR if sr is None else sr: name}
    else:
        inside = [params.get(key) for key in ("estimator", "estimators", "extractor")]
        held = list(estimators_in(inside))
    rates = {} if sr is None else {sr: name}
    for inner in held:
        rates = array_rates(inner) | rates
    return rates


def _makes_values(step: Any) -> bool:
    """Return whether a step turns clips into values, so that later steps get no clips."""
    if isinstance(step, Pipeline):
        return any(map(_makes_values, estimators_in(step.steps)))
    return isinstance(step, AudioExtractor | FeatureUnion | SpeakerNormalizer)
