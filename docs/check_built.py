"""Check the built pages: links, examples of public names, thumbnails.

An internal link leads somewhere, a public name has a page with an example, and each example of the
gallery has a thumbnail of its own.

External links are not followed: the build needs no network. Run, after the build:
``python docs/check_built.py docs/_build/html``.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from public_reference import public_names

import skser


class Page(HTMLParser):
    """What a page links to, and what can be linked to in it."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = {"", "top"}
        self.feed(file.read_text())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note a tag's links and anchors."""
        values = dict(attributes)
        self.links |= {values[key] or "" for key in ("href", "src") if key in values}
        self.anchors |= {values[key] or "" for key in ("id", "name") if key in values}


def broken_links(root: Path) -> list[str]:
    """Return a line for every internal link of a page that leads nowhere."""
    pages = {
        file.resolve(): Page(file)
        for file in root.rglob("*.html")
        if "_static" not in file.parts  # the theme's templates
    }
    broken = []
    for file, page in pages.items():
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            known = target in pages and unquote(parts.fragment) in pages[target].anchors
            if not (known or (target not in pages and target.exists())):
                broken.append(f"{file.relative_to(root.resolve())}: {link}")
    return broken


def names_without_example(root: Path) -> list[str]:
    """Return a line for every public name without a page, or an example on it."""
    names = public_names(Path(skser.__file__).with_suffix(".pyi"))
    missing = []
    for name in (name for package in names.values() for name in package):
        page = root / "reference" / f"skser.{name}.html"
        if not page.exists():
            missing.append(f"{name}: no page in the API reference")
        elif not issubclass_of_error(name) and "&gt;&gt;&gt;" not in page.read_text():
            missing.append(f"{name}: no example on its page")
    return missing


def unclear_thumbnails(root: Path) -> list[str]:
    """Return a line for every example that draws nothing, or shares its thumbnail with another."""
    faults = []
    seen: dict[bytes, str] = {}
    for thumbnail in sorted((root / "_images").glob("sphx_glr_*_thumb.png")):
        name = thumbnail.stem.removeprefix("sphx_glr_").removesuffix("_thumb")
        if not list(thumbnail.parent.glob(f"sphx_glr_{name}_0*.png")):
            faults.append(f"{name}: no figure, and so no thumbnail of its own")
        other = seen.setdefault(thumbnail.read_bytes(), name)
        if other != name:
            faults.append(f"{name}: the same thumbnail as {other}")
    return faults


def issubclass_of_error(name: str) -> bool:
    """Tell whether a public name is an error or a warning: raised, not used."""
    thing = getattr(skser, name)
    return isinstance(thing, type) and issubclass(thing, Exception)


if __name__ == "__main__":
    root = Path(sys.argv[1])
    faults = broken_links(root) + names_without_example(root) + unclear_thumbnails(root)
    print("\n".join(faults) or f"{root}: links, API reference and thumbnails are whole")
    sys.exit(bool(faults))
