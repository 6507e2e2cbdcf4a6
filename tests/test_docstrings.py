import inspect

import pytest
from numpydoc.validate import validate

import skser

IGNORED = {
    "ES01",  # a summary is often enough
    "EX01",  # asked of classes and functions below, not of methods
    "GL01",  # the text may begin on the line of the quotes
    "GL02",
    "GL03",
    "GL08",  # ruff's D rules find what has none
    "RT02",  # results are named, with a type
    "RT03",  # ... which may say all
    "RT04",  # fields of a Bunch are written as they are named
    "SA01",
    "SA04",
    "YD01",
}


def is_skser(thing):
    return getattr(thing, "__module__", "").startswith("skser")


def public_objects():
    for name in sorted(skser.__all__):
        thing = getattr(skser, name)
        if not (inspect.isclass(thing) or inspect.isfunction(thing)):
            continue
        yield name
        if inspect.isclass(thing) and not issubclass(thing, Exception | Warning | tuple):
            for method, function in inspect.getmembers(thing, callable):
                if not method.startswith("_") and is_skser(function):
                    yield f"{name}.{method}"


@pytest.mark.parametrize("name", list(public_objects()))
def test_docstring_is_complete(name):
    errors = [
        f"{code}: {text}"
        for code, text in validate(f"skser.{name}")["errors"]
        if code not in IGNORED
    ]
    assert not errors


@pytest.mark.parametrize("name", [n for n in public_objects() if "." not in n])
def test_class_or_function_has_an_example(name):
    if issubclass(type(getattr(skser, name)), type) and issubclass(
        getattr(skser, name), Exception | Warning
    ):
        pytest.skip("errors are raised, not used")
    assert ">>>" in getattr(skser, name).__doc__
