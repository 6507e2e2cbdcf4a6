"""Import pympi-ling, an optional dependency; only this module imports it."""

from __future__ import annotations

from typing import Any


def import_pympi(function: str) -> Any:
    """Return the module, or raise an error that says how to install it.

    Parameters
    ----------
    function : str
        Name of the function that needs it, for the message.
    """
    try:
        import pympi
    except ImportError as error:
        raise ImportError(
            f"{function} needs pympi-ling, which is not installed: pip install "
            "'skser[annotations]'."
        ) from error
    return pympi
