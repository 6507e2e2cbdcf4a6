"""Transformers whose output has no place in a table."""

from __future__ import annotations

from typing import Self


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
        """
        # scikit-learn's own exists where the values have names.
        inherited = getattr(super(), "set_output", None)
        if inherited is not None:
            inherited(transform=transform)
        return self
