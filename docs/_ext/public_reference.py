"""Write the pages of the API reference from the public list, ``skser/__init__.pyi``."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

INTRODUCTION = """\
API reference
=============

Everything is imported from ``skser`` itself, as in ``from skser import MFCC``; only the layers of
networks are imported from ``skser.neural.layers``. Estimators also have the methods of
scikit-learn's base classes, which are not repeated on their pages: ``get_params``, ``set_params``,
``set_output``, and ``score`` for classifiers. ``skser.__version__`` is the version.
"""


class Group(NamedTuple):
    """Public names that serve one purpose, on a page of the reference."""

    title: str
    says: str
    packages: tuple[str, ...] = ()
    """Packages whose names it lists, except for those that another group names."""
    names: tuple[str, ...] = ()
    """Names of other packages."""
    bases: tuple[str, ...] = ()
    """Base classes in ``skser.features``; the features made from them belong here."""


GROUPS = {
    "clips": Group(
        "Clips",
        "What X holds: files, parts of files and samples; and transformers from sound to sound.",
        packages=("audio",),
    ),
    "features": Group(
        "Features",
        "Transformers from clips to the spectral and temporal features that librosa computes, and "
        "to features of your own.",
        packages=("features",),
    ),
    "voice": Group(
        "Voice",
        "Features of the voice: pitch, voice quality, formants, loudness, rhythm, and eGeMAPS.",
        names=("VoiceAnalysis", "SpeechRhythm"),
        bases=("VoiceFeature", "SpeechFeature", "EGeMAPS"),
    ),
    "images": Group(
        "Images",
        "Spectrograms as images for convolutional networks, and transformers that prepare them.",
        packages=("preprocessing",),
        names=("MelImage",),
        bases=("AudioImage",),
    ),
    "embeddings": Group(
        "Pretrained embeddings",
        "Features computed by a pretrained network.",
        packages=("pretrained",),
    ),
    "union": Group(
        "Union and store",
        "Many features of a clip that is read and analysed once, and the store that keeps them.",
        packages=("extraction", "analysis"),
        names=("make_audio_union", "AudioFeatureUnion", "prefetch"),
    ),
    "networks": Group(
        "Networks",
        "Keras networks as classifiers, their architectures and the layers they are made of.",
        packages=("neural", "neural.layers"),
    ),
    "recognizers": Group(
        "Recognisers and speakers",
        "A recogniser to start with, classifiers made of other classifiers, and normalisation by "
        "speaker.",
        packages=("recipes", "compose"),
    ),
    "augmentation": Group(
        "Augmentation",
        "Random changes of sound, which are applied to training clips only.",
        packages=("augmentation",),
        names=("AugmentedClassifier",),
    ),
    "selection": Group(
        "Selection",
        "Searches over features, step by step, and scores of what they choose.",
        packages=("selection",),
    ),
    "corpora": Group(
        "Corpora",
        "Loaders of corpora, tables and annotations, and checks for leaks and damaged clips.",
        packages=("datasets",),
    ),
    "scores": Group(
        "Scores",
        "Scores on new speakers, confusions, and comparisons of protocols.",
        packages=("metrics",),
    ),
    "inspection": Group(
        "Inspection",
        "What a fitted model listens to, and what each feature contributes.",
        packages=("inspection",),
        names=("group_importance",),
    ),
    "displays": Group(
        "Displays and the report",
        "Figures in matplotlib, sound in a notebook, and a report as one HTML page.",
        packages=("displays", "report"),
    ),
    "models": Group(
        "Models",
        "Model files that run no code when they are opened, and export to ONNX.",
        packages=("persistence",),
    ),
    "live": Group(
        "Long recordings and live sound",
        "Emotion over time, in a long recording or from a microphone.",
        packages=("live",),
    ),
    "exceptions": Group(
        "Errors and warnings",
        "What skser raises, besides the errors of scikit-learn.",
        packages=("exceptions",),
    ),
}
"""Pages of the reference, by their file; a name that no group claims stays with its package."""

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


def grouped_names(names: dict[str, list[str]]) -> dict[str, dict[str, list[str]]]:
    """Assign every public name to a group.

    Parameters
    ----------
    names : dict of str to list of str
        As `documented_names` returns it.

    Returns
    -------
    grouped : dict of str to dict of str to list of str
        Group to module ("skser", or a package of `BY_FULL_NAME` in full) to names.
    """
    group_of_package = {name: key for key, group in GROUPS.items() for name in group.packages}
    claimed = {name: key for key, group in GROUPS.items() for name in group.names}
    grouped: dict[str, dict[str, list[str]]] = {key: {} for key in GROUPS}
    for package, members in names.items():
        module = f"skser.{package}" if package in BY_FULL_NAME else "skser"
        for name in members:
            key = claimed.get(name) or _group_by_base(package, name) or group_of_package[package]
            grouped[key].setdefault(module, []).append(name)
    return grouped


def _group_by_base(package: str, name: str) -> str | None:
    """Return the group of a feature by the classes it derives from."""
    if package != "features":
        return None
    bases = {base.__name__ for base in inspect.getmro(getattr(import_module("skser"), name))}
    return next((key for key, group in GROUPS.items() if bases & {*group.bases}), None)


def group_page(key: str, members: dict[str, list[str]]) -> str:
    """Return the page of a group in reStructuredText: a table for each module."""
    group = GROUPS[key]
    parts = [f"{group.title}\n{'=' * len(group.title)}\n\n{group.says}\n"]
    for module, names in members.items():
        if module != "skser":
            title = f"In ``{module}``"
            says = (import_module(module).__doc__ or "").strip()
            parts.append(f"{title}\n{'-' * len(title)}\n\n{says}\n")
        entries = "\n".join(f"   {name}" for name in names)
        parts.append(f".. currentmodule:: {module}\n")
        parts.append(f".. autosummary::\n   :toctree: .\n   :nosignatures:\n\n{entries}\n")
    return "\n".join(parts)


def index_page(grouped: dict[str, dict[str, list[str]]]) -> str:
    """Return the first page of the reference: every group with all its names."""
    parts = [INTRODUCTION]
    for key, members in grouped.items():
        links = ", ".join(
            f":py:obj:`~{module}.{name}`" for module, names in members.items() for name in names
        )
        title = f":doc:`{key}`"
        parts.append(f".. rubric:: {title}\n   :class: group\n\n{GROUPS[key].says}\n\n{links}\n")
    entries = "\n".join(f"   {key}" for key in grouped)
    parts.append(f".. toctree::\n   :hidden:\n\n{entries}\n")
    return "\n".join(parts)


def write_pages(app: Any, config: Any) -> None:
    """Write the index and the page of each group, before autosummary looks for names in them."""
    grouped = grouped_names(documented_names())
    pages = {key: group_page(key, members) for key, members in grouped.items()}
    folder = Path(app.srcdir, "reference")
    folder.mkdir(exist_ok=True)
    for name, text in {"index": index_page(grouped), **pages}.items():
        page = folder / f"{name}.rst"
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
    app.connect("config-inited", write_pages)
    app.connect("autodoc-skip-member", skip_foreign)
    app.connect("autodoc-process-docstring", document_object, priority=400)
    return {"parallel_read_safe": True}
