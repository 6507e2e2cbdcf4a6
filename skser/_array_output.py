"""Transformers whose output has no place in a table."""

from __future__ import annotations

from typing import Self

from skser._sklearn_compat import ADAPTERS_MANAGER


class ArrayOutputMixin:
    """Let a pipeline's ``set_output`` pass by a step that returns sounds or images.

    scikit-learn refuses to set the output of a pipeline that has a step without `set_output`.
    """

    def set_output(self, *, transform: str | None = None) -> Self:
        """Set the container of two-dimensional output; sounds and images stay arrays.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            Container of tables; None leaves it as it is.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If there is no such container.
        """
        check_output(transform)
        # scikit-learn's own exists where the values have names.
        inherited = getattr(super(), "set_output", None)
        if inherited is not None:
            inherited(transform=transform)
        return self


def check_output(transform: str | None) -> None:
    """Refuse a container that scikit-learn does not know, in its words.

    scikit-learn itself looks at it when it wraps what `transform` returns, and arrays that stay
    arrays are not wrapped.

    Parameters
    ----------
    transform : str or None
        Parameter of `set_output`.

    Raises
    ------
    ValueError
        If there is no such container.
    """
    known = ADAPTERS_MANAGER.supported_outputs
    if transform is not None and transform not in known:
        raise ValueError(f"output config must be in {sorted(known)}, got {transform}")
