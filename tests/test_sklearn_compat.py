import ast
from pathlib import Path

import skser

PACKAGE = Path(skser.__file__).parent


def private_imports(file):
    """List what a file imports from scikit-learn that begins with an underscore."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sklearn"):
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                if any(part.startswith("_") for part in name.split(".")):
                    yield name


def test_only_the_shim_imports_private_names_of_scikit_learn():
    found = {
        str(file.relative_to(PACKAGE)): list(private_imports(file))
        for file in PACKAGE.rglob("*.py")
    }
    assert [file for file, names in found.items() if names] == ["_sklearn_compat.py"]
