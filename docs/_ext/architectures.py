"""The directive ``architectures``: a table of the registered networks of each kind."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

import skser

_DIMENSIONS = {"Conv1DClassifier": 1, "Conv2DClassifier": 2, "DenseClassifier": 0}
_SPACE = "\N{NO-BREAK SPACE}"


class Architectures(SphinxDirective):
    """Write the tables from `list_architectures`."""

    def run(self) -> list[nodes.Node]:
        """Return the tables."""
        lines = []
        listed = skser.list_architectures()
        for classifier, dimensions in _DIMENSIONS.items():
            networks = listed[listed["dimensions"] == dimensions]
            lines += [f"For `{classifier}`:", ""]
            lines += ["| name | input | parameters | source |", "|---|---|---:|---|"]
            for network in networks.itertuples():
                size = f"{_SPACE}x{_SPACE}".join(str(n) for n in network.reference_input)
                length = f" (any{_SPACE}length)" if network.any_length else ""
                count = f"{network.parameters:,}".replace(",", _SPACE)
                lines.append(f"| `{network.name}` | {size}{length} | {count} | {network.source} |")
            lines.append("")
        return self.parse_text_to_nodes("\n".join(lines))


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.add_directive("architectures", Architectures)
    return {"parallel_read_safe": True}
