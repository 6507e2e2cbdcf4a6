import doctest
import importlib
import importlib.util
import pkgutil
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


def packages():
    """Every package and public module below skser, by its name without skser."""
    return {
        module.name.removeprefix("skser."): importlib.import_module(module.name)
        for module in pkgutil.walk_packages(skser.__path__, "skser.")
        if not any(part.startswith("_") for part in module.name.split(".")[1:])
    }


def test_the_reference_lists_every_public_name(public_reference):
    names = public_reference.documented_names()
    listed = [
        name
        for key, members in public_reference.grouped_names(names).items()
        for name in re.findall(r"^   (\w+)$", public_reference.group_page(key, members), flags=re.M)
    ]
    assert sorted(listed) == sorted(name for members in names.values() for name in members)
    subpackages = {name for name in skser.__all__ if hasattr(getattr(skser, name), "__path__")}
    top_level = [
        name
        for package, members in names.items()
        if package not in public_reference.BY_FULL_NAME
        for name in members
    ]
    assert sorted(top_level) == sorted(set(skser.__all__) - subpackages - {"__version__"})


def test_every_group_of_the_reference_has_names(public_reference):
    grouped = public_reference.grouped_names(public_reference.documented_names())
    assert all(grouped.values())


def test_what_a_package_calls_public_is_what_the_reference_documents(public_reference):
    public = {
        name: sorted(package.__all__)
        for name, package in packages().items()
        if hasattr(package, "__all__")
    }
    documented = {name: sorted(of) for name, of in public_reference.documented_names().items()}
    assert public == documented


def test_every_documented_package_can_be_reached_from_skser(public_reference):
    reached = {name for name in skser.__all__ if hasattr(getattr(skser, name), "__path__")}
    documented = {name for name in public_reference.documented_names() if "." not in name}
    assert reached == documented - {"exceptions"}


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
