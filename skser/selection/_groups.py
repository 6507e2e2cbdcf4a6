"""The members of a union, groups of columns that a selection keeps or drops as a whole."""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import FeatureUnion


def members_of(union: FeatureUnion) -> list[str]:
    """Return the names of the members that are not dropped."""
    return [
        name
        for name, member in union.transformer_list
        if not (isinstance(member, str) and member == "drop")
    ]


def find_union(estimator: Any, name: str) -> str:
    """Find the union that is the value of a parameter of an estimator, or inside that value.

    Parameters
    ----------
    estimator : estimator
        Pipeline to search.
    name : str
        Name of a step, or of a parameter at any depth.

    Returns
    -------
    path : str
        Name of the union as a parameter, such as "normalize__extractor".

    Raises
    ------
    ValueError
        If there is no such step, or it holds none or several unions.
    """
    parameters = estimator.get_params(deep=True)
    unions = [key for key, value in parameters.items() if isinstance(value, FeatureUnion)]
    kind = type(estimator).__name__
    if not unions:
        raise ValueError(
            f"The {kind} has no union of features whose members could be selected. Put the "
            "features into make_audio_union(...)."
        )
    if name not in parameters:
        raise ValueError(f"union={name!r} is not a step of the {kind}. Its unions are {unions}.")
    if name in unions:
        return name
    inside = [key for key in unions if key.startswith(f"{name}__")]
    if len(inside) != 1:
        held = f"holds several unions, {inside}" if inside else "is not a union and holds none"
        raise ValueError(f"union={name!r} {held}. Pass one of {unions}.")
    return inside[0]
