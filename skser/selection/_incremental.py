"""Adding one feature at a time, as scikit-learn's parameter grids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def incremental_grid(
    step: str, keep: Iterable[str], add: Sequence[str], **more: Sequence[Any]
) -> list[dict[str, list[Any]]]:
    """Make the grids that add one feature after the other to those that are kept.

    The first grid has the features of `keep`, each further one the next of `add` as well; the
    features still to come are dropped. For `GridSearchCV`, whose results `selection_table` and
    `SelectionDisplay` read.

    Parameters
    ----------
    step : str
        Name of the pipeline's step that is an `AudioFeatureUnion` (any `FeatureUnion`), such
        as "features".
    keep : iterable of str
        Members that every grid has. If empty, the first grid has the first of `add`.
    add : sequence of str
        Members to add, in order.
    **more : sequence
        Further parameters to search, such as ``reduce=[PCA(10), "passthrough"]``; those of a
        feature (``features__mfcc__n_mfcc=[20, 100]``, or the feature itself,
        ``features__mfcc=[MFCC(20), MFCC(40)]``) only where it is not dropped.

    Returns
    -------
    grids : list of dict
        As `param_grid` of `GridSearchCV`.

    Raises
    ------
    ValueError
        If a feature is named twice, there is none, or a value of `more` is no sequence.

    Examples
    --------
    >>> from skser import incremental_grid
    >>> for grid in incremental_grid("features", keep=["zcr"], add=["mfcc", "chroma"]):
    ...     print(grid)
    {'features__mfcc': ['drop'], 'features__chroma': ['drop']}
    {'features__chroma': ['drop']}
    {}
    """
    if isinstance(keep, str) or isinstance(add, str):
        raise ValueError(f"keep={keep!r} and add={add!r} must be lists of names.")
    keep, add = list(keep), list(add)
    if not keep + add:
        raise ValueError("keep and add are both empty: name the features to select from.")
    twice = {name for name in keep + add if (keep + add).count(name) > 1}
    if twice:
        raise ValueError(f"named more than once in keep and add: {sorted(twice)}.")
    for name, values in more.items():
        if isinstance(values, str) or not hasattr(values, "__len__") or len(values) == 0:
            raise ValueError(f"{name}={values!r} must be a non-empty list of values to search.")
    grids = []
    for n_added in range(0 if keep else 1, len(add) + 1):
        dropped = [f"{step}__{name}" for name in add[n_added:]]
        searched = {
            name: list(values)
            for name, values in more.items()
            if not any(f"{name}__".startswith(f"{prefix}__") for prefix in dropped)
        }
        grids.append({name: ["drop"] for name in dropped} | searched)
    return grids
