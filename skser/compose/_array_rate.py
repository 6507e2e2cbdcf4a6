"""The sample rate at which an estimator takes arrays, which do not have one, to be."""

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
    rates = set(inside) if sr is None else {*inside, sr}
    if len(rates) > 1 and any(isinstance(item, np.ndarray) for item in items):
        listed = " and ".join(f"{rate:g}" for rate in sorted(inside)) + " Hz"
        advice = "State one rate, in the estimator alone (sr=None here)"
        if len(inside) > 1:
            listed += f" ({' and '.join(inside[rate] for rate in sorted(inside))})"
            advice = "Give all of them the same sr"
        own = "" if sr is None else f"{owner} takes arrays to be at sr={sr!r} Hz, but "
        raise ValueError(
            f"{own}the estimator inside {owner} takes arrays to be at {listed}. {advice}, or pass "
            "Audio(y, sr) for arrays."
        )
    if sr is not None:
        return sr
    return rates.pop() if len(rates) == 1 else DEFAULT_SR


def array_rates(estimator: Any) -> dict[float, str]:
    """Return the sample rates in Hz at which an estimator takes arrays to be, and who says so.

    Parameters
    ----------
    estimator : estimator
        Any. In a pipeline, every step counts up to the one that makes values of the clips; in a
        union, every member; in an `AudioFeatureUnion`, the union itself, and members that are not
        features.

    Returns
    -------
    rates : dict of float to str
        The name of a class for each rate. Empty if nothing in the estimator knows of sample rates;
        several if its parts disagree.
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
            # A union of ours states the rate for the features in it, whatever theirs.
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
    """Tell whether what comes after a step gets no clips; sound stays sound, arrays arrays."""
    if isinstance(step, Pipeline):
        return any(map(_makes_values, estimators_in(step.steps)))
    return isinstance(step, AudioExtractor | FeatureUnion | SpeakerNormalizer)
