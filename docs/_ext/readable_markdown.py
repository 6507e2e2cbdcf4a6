"""Let the pages be plain Markdown that reads as well without Sphinx.

Every `MFCC` or `MFCC(20)` in the text becomes a link to its page of the API reference, and examples
lose the blank line at their end that doctest needs.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from public_reference import public_names
from sphinx.addnodes import desc_signature, pending_xref

_NAME = re.compile(r"(?:skser\.)?(\w+)(?:\(.*\))?", re.DOTALL)
_LINKED_ALREADY = (nodes.reference, nodes.title, nodes.rubric, pending_xref, desc_signature)


def link(app: Any, document: nodes.document) -> None:
    """Wrap literals that are public names in cross-references."""
    import skser

    listed = public_names(Path(skser.__file__).with_suffix(".pyi"))
    names = {name for members in listed.values() for name in members}
    here = app.env.docname.removeprefix("reference/skser.")
    for literal in list(document.findall(nodes.literal)):
        match = _NAME.fullmatch(literal.astext())
        if not match or match[1] not in names - {here} or _is_inside(literal, _LINKED_ALREADY):
            continue
        reference = pending_xref(
            "", refdomain="py", reftype="obj", reftarget=f"skser.{match[1]}", refexplicit=True
        )
        reference["refdoc"] = app.env.docname
        literal.replace_self(reference)
        reference += literal


def trim(app: Any, document: nodes.document) -> None:
    """Remove blank lines at the end of code."""
    for code in document.findall(nodes.literal_block):
        if code.rawsource == code.astext():  # else it is marked up, line by line
            text = code.rawsource.rstrip()
            code.rawsource = text
            code[:] = [nodes.Text(text)]


def _is_inside(node: nodes.Node, kinds: tuple[type, ...]) -> bool:
    while node.parent is not None:
        node = node.parent
        if isinstance(node, kinds):
            return True
    return False


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("doctree-read", link)
    app.connect("doctree-read", trim)
    return {"parallel_read_safe": True}
