"""Write the API reference's list of names from the public list, ``skser/__init__.pyi``."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from typing import Any

INTRODUCTION = """\
API reference
=============

Everything here is imported from ``skser`` itself: ``from skser import MFCC``; only the layers at
the end are imported from ``skser.neural.layers``. Estimators also have
the methods of scikit-learn's base classes that are not repeated on their pages: ``get_params``,
``set_params``, ``set_output``, and ``score`` for classifiers. ``skser.__version__`` is the version.

.. currentmodule:: skser
"""

OBJECTS = {
    "uar_scorer": """\
`uar_score` as a scorer, for the ``scoring`` of a search or a cross-validation.

See Also
--------
uar_score : The score itself.

Examples
--------
>>> from sklearn.model_selection import cross_val_score
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.svm import SVC
>>> from skser import MFCC, make_emotional_speech, uar_scorer
>>> speech = make_emotional_speech(n_speakers=2, n_per_class=2, random_state=0)
>>> pipe = make_pipeline(MFCC(), SVC())
>>> cross_val_score(pipe, speech.data, speech.target, cv=2, scoring=uar_scorer).shape
(2,)
"""
}
"""Public names that are neither class nor function, which have no docstring of their own."""

BY_FULL_NAME = ["neural.layers"]
"""Packages whose names are not in ``skser`` itself: importing this one imports Keras."""


def public_names(stub: Path) -> dict[str, list[str]]:
    """Return the public names of each package, as the stub imports them.

    Parameters
    ----------
    stub : Path
        ``skser/__init__.pyi``.

    Returns
    -------
    names : dict of str to list of str
        Package, such as "features", to names.
    """
    imports = (
        node for node in ast.parse(stub.read_text()).body if isinstance(node, ast.ImportFrom)
    )
    return {node.module: [name.name for name in node.names] for node in imports if node.module}


def documented_names() -> dict[str, list[str]]:
    """Return the names that the reference lists, by package: "features", "neural.layers", ...

    Returns
    -------
    names : dict of str to list of str
        The public names of ``skser``, and those of the packages in `BY_FULL_NAME`.
    """
    import skser

    stub = Path(skser.__file__).with_suffix(".pyi")
    further = {package: import_module(f"skser.{package}").__all__ for package in BY_FULL_NAME}
    return {**public_names(stub), **further}


def reference_page(names: dict[str, list[str]]) -> str:
    """Return the page in reStructuredText: a section a package, an entry a name."""
    parts = [INTRODUCTION]
    for package, members in names.items():
        title = f"skser.{package}"
        says = (import_module(title).__doc__ or "").strip()
        entries = "\n".join(f"   {name}" for name in members)
        parts.append(f"{title}\n{'-' * len(title)}\n\n{says}\n")
        if package in BY_FULL_NAME:
            parts.append(f".. currentmodule:: {title}\n")
        parts.append(f".. autosummary::\n   :toctree: .\n   :nosignatures:\n\n{entries}\n")
    return "\n".join(parts)


def write_page(app: Any, config: Any) -> None:
    """Write ``reference/index.rst``, before autosummary looks for names in it."""
    page = Path(app.srcdir, "reference", "index.rst")
    text = reference_page(documented_names())
    page.parent.mkdir(exist_ok=True)
    # An unchanged file keeps its time, and Sphinx does not read it again.
    if not page.exists() or page.read_text() != text:
        page.write_text(text)


def skip_foreign(
    app: Any, what: str, name: str, member: Any, skip: bool, options: Any
) -> bool | None:
    """Leave out members that scikit-learn or Python defines, and values of fields."""
    function = getattr(member, "fget", member)
    if not (getattr(function, "__module__", None) or "").startswith("skser"):
        return True
    return None


def document_object(
    app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]
) -> None:
    """Give a name of `OBJECTS` its docstring, before numpydoc reads it."""
    if what == "data":
        lines[:] = OBJECTS[name.removeprefix("skser.")].splitlines()


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("config-inited", write_page)
    app.connect("autodoc-skip-member", skip_foreign)
    app.connect("autodoc-process-docstring", document_object, priority=400)
    return {"parallel_read_safe": True}
