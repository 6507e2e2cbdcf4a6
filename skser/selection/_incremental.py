"""Parameter grids for scikit-learn that add one feature at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def incremental_grid(
    step: str, keep: Iterable[str], add: Sequence[str], **more: Sequence[Any]
) -> list[dict[str, list[Any]]]:
    """Make parameter grids that add features one by one to those that every grid contains.

    The first grid drops all features of `add`; each further grid adds the next of them. All other
    members of the union are in every grid, whether `keep` names them or not. The grids are meant
    for `GridSearchCV`, whose results `selection_table` and `SelectionDisplay` read.

    Parameters
    ----------
    step : str
        Name of the pipeline step that is an `AudioFeatureUnion` (or any `FeatureUnion`), such as
        "features".
    keep : iterable of str
        Members that every grid contains. If empty, the first grid has the first member of `add`.
        The names are not compared with those of the union, which this function does not get.
    add : sequence of str
        Members to add, in order.
    **more : sequence
        Further parameters to search, such as ``reduce=[PCA(10), "passthrough"]``. Parameters of a
        feature (``features__mfcc__n_mfcc=[20, 100]``, or the feature itself,
        ``features__mfcc=[MFCC(20), MFCC(40)]``) are searched only in grids that do not drop it.

    Returns
    -------
    grids : list of dict
        Value for the `param_grid` of `GridSearchCV`.

    Raises
    ------
    ValueError
        If a feature is named twice, no feature is named, or a value of `more` is not a sequence.

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
        raise ValueError("keep and add are both empty. Name the features to select from.")
    twice = {name for name in keep + add if (keep + add).count(name) > 1}
    if twice:
        raise ValueError(f"keep and add name {sorted(twice)} more than once. Name each once.")
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
