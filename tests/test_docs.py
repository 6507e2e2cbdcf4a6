import doctest
import importlib.util
import re
from pathlib import Path

import pytest

import skser

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    *ROOT.glob("*.md"),
    *(page for page in ROOT.glob("docs/**/*.md") if "_build" not in page.parts),
]
MADE_BY_THE_BUILD = ("gallery", "pictures", "reference")


@pytest.fixture
def public_reference():
    """The extension that writes the list of the API reference."""
    file = ROOT / "docs" / "_ext" / "public_reference.py"
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_lists_every_public_name(public_reference):
    names = public_reference.public_names(Path(skser.__file__).with_suffix(".pyi"))
    listed = re.findall(r"^   (\w+)$", public_reference.reference_page(names), flags=re.M)
    packages = {name for name in skser.__all__ if hasattr(getattr(skser, name), "__path__")}
    assert sorted(listed) == sorted(set(skser.__all__) - packages - {"__version__"})


def test_what_is_neither_class_nor_function_is_described(public_reference):
    things = {name: getattr(skser, name) for name in set(skser.__all__) - {"__version__"}}
    plain = {name for name, thing in things.items() if not hasattr(thing, "__name__")}
    assert plain == set(public_reference.OBJECTS)


def test_the_examples_of_public_objects_run(public_reference):
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
    for name, text in public_reference.OBJECTS.items():
        runner.run(parser.get_doctest(text, {}, name, None, None))
    assert runner.summarize(verbose=False).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_between_pages_leads_to_a_file(page):
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        target = (page.parent / link).resolve()
        made = {*target.parents} & {ROOT / "docs" / folder for folder in MADE_BY_THE_BUILD}
        assert made or target.exists(), f"{page.name} links to {link}"


def test_every_page_of_the_guide_is_listed():
    listed = re.findall(r"^guide/(.+)$", (ROOT / "docs" / "guide.md").read_text(), flags=re.M)
    assert sorted(listed) == sorted(page.stem for page in (ROOT / "docs" / "guide").glob("*.md"))
