"""The one place that imports pympi-ling, which is an extra."""

from __future__ import annotations

from typing import Any


def import_pympi(function: str) -> Any:
    """Return the module, or say how to get it.

    Parameters
    ----------
    function : str
        Name of what needs it, for the message.
    """
    try:
        import pympi
    except ImportError as error:
        raise ImportError(
            f"{function} needs pympi-ling, which is not installed: pip install "
            "'skser[annotations]'."
        ) from error
    return pympi
