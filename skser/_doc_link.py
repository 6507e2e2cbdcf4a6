"""Where the "?" of an estimator's diagram leads."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, metadata


def reference_page(estimator: type) -> str:
    """Return the address of a class's page in the reference.

    Parameters
    ----------
    estimator : type

    Returns
    -------
    address : str
        Empty, so that a diagram has no link, for a class that is not public, or while
        ``[project.urls]`` of pyproject.toml names no ``Documentation``.
    """
    import skser

    documentation = _documentation()
    if not documentation or getattr(skser, estimator.__name__, None) is not estimator:
        return ""
    return f"{documentation}/reference/skser.{estimator.__name__}.html"


@cache
def _documentation() -> str:
    """Return where the pages are published, as the metadata of the package says."""
    try:
        urls = metadata("skser").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    named = dict(url.split(", ", 1) for url in urls)
    return str(named.get("Documentation", "")).rstrip("/")
