"""Mixin for transformers whose output does not fit into a table."""

from __future__ import annotations

from typing import Self

from skser._sklearn_compat import ADAPTERS_MANAGER


class ArrayOutputMixin:
    """Make a pipeline's ``set_output`` work with a step that returns sounds or images.

    scikit-learn raises an error if a step of the pipeline has no `set_output`.
    """

    def set_output(self, *, transform: str | None = None) -> Self:
        """Set the container of two-dimensional output; sounds and images remain arrays.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            Container of tables. If None, the container is unchanged.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        ValueError
            If the container is unknown.
        """
        check_output(transform)
        # scikit-learn's own method exists if the values have names.
        inherited = getattr(super(), "set_output", None)
        if inherited is not None:
            inherited(transform=transform)
        return self


def check_output(transform: str | None) -> None:
    """Raise scikit-learn's error for a container that it does not know.

    scikit-learn itself checks the container only when it wraps the output of `transform`, and
    arrays that remain arrays are not wrapped.

    Parameters
    ----------
    transform : str or None
        Parameter of `set_output`.

    Raises
    ------
    ValueError
        If the container is unknown.
    """
    known = ADAPTERS_MANAGER.supported_outputs
    if transform is not None and transform not in known:
        raise ValueError(f"output config must be in {sorted(known)}, got {transform}")
