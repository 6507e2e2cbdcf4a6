"""What a store takes for the same feature: the code that computes it, wherever that is."""

import importlib
import importlib.metadata
import os
import py_compile
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

import skser
from skser import MFCC, RMS, MelImage, cache_info, make_audio_union
from skser.extraction import _sources
from skser.extraction._sources import UnknownError, identify_code

FEATURE = """
from dataclasses import dataclass
from skser.features import AudioFeature
{imports}

{helper}

@dataclass(eq=False, repr=False)
class Loudness({base}):
    def _frames(self, analysis):
        return {value} * analysis.rms[None]
"""


def feature(imports="", helper="", base="AudioFeature", value="1"):
    return FEATURE.format(imports=imports, helper=helper, base=base, value=value)


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write modules, and return the class `Loudness` of the first one, newly imported."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    names = set()

    def forget():
        for name in [name for name in sys.modules if name.partition(".")[0] in names]:
            del sys.modules[name]

    def write(modules):
        forget()
        for name, source in modules.items():
            file = tmp_path / name
            file.parent.mkdir(exist_ok=True, parents=True)
            file.write_text(textwrap.dedent(source))
            names.add(Path(name).parts[0].removesuffix(".py"))
        importlib.invalidate_caches()
        first = next(iter(modules)).removesuffix(".py").replace("/", ".")
        return importlib.import_module(first).Loudness

    yield write
    forget()


@pytest.fixture
def clips(rng):
    return [rng.normal(scale=0.1, size=4000) for _ in range(3)]


HELPER = "def scaled():\n    return {n}\n"

# Modules, in which {n} is what changes.
PLACES = {
    "the class": {"loudness.py": feature(value="{n}")},
    "a function of its module": {"loudness.py": feature(helper=HELPER, value="scaled()")},
    "a constant of its module": {"loudness.py": feature(helper="SCALE = {n}", value="SCALE")},
    "a base class": {
        "loudness.py": feature("from louder import Louder", base="Louder", value="self.scale()"),
        "louder.py": """
            from skser.features import AudioFeature
            class Louder(AudioFeature):
                def scale(self):
                    return {n}
            """,
    },
    "a mixin": {
        "loudness.py": feature(
            "from mixed import Scaled", base="Scaled, AudioFeature", value="self.n"
        ),
        "mixed.py": "class Scaled:\n    n = {n}\n",
    },
    "a module beside": {
        "loudness.py": feature("import helpers", value="helpers.scaled()"),
        "helpers.py": HELPER,
    },
    "a module of its package": {
        "voices/loudness.py": feature("from voices.helpers import scaled", value="scaled()"),
        "voices/__init__.py": "",
        "voices/helpers.py": HELPER,
    },
    "a relative import": {
        "voices/loudness.py": feature("from . import helpers as h", value="h.scaled()"),
        "voices/__init__.py": "",
        "voices/helpers.py": HELPER,
    },
    "a relative import from above": {
        "voices/loud/loudness.py": feature("from ..helpers import scaled", value="scaled()"),
        "voices/loud/__init__.py": "",
        "voices/__init__.py": "",
        "voices/helpers.py": HELPER,
    },
    "a package's own file": {
        "voices/loudness.py": feature("from voices import SCALE", value="SCALE"),
        "voices/__init__.py": "SCALE = {n}",
    },
    "what a package takes from a module": {
        "voices/loudness.py": feature("from voices import scaled", value="scaled()"),
        "voices/__init__.py": "from .helpers import *",
        "voices/helpers.py": HELPER,
    },
    "a name for a package": {
        "voices/loudness.py": feature("import voices.helpers", value="voices.other.scaled()"),
        "voices/__init__.py": "from . import other",
        "voices/helpers.py": "",
        "voices/other.py": HELPER,
    },
    "an import in a function": {
        "voices/loudness.py": feature(
            helper="def later():\n    from .helpers import scaled\n    return scaled()",
            value="later()",
        ),
        "voices/__init__.py": "",
        "voices/helpers.py": HELPER,
    },
    "an import of an import": {
        "loudness.py": feature("import first", value="first.second.scaled()"),
        "first.py": "import second\nimport loudness",
        "second.py": HELPER,
    },
}


@pytest.mark.parametrize("place", PLACES)
def test_a_change_anywhere_in_the_code_of_a_feature_gives_other_values(
    place, written, clips, tmp_path
):
    folder = tmp_path / "store"
    values = []
    for n in (1, 2, 2):
        modules = {name: text.replace("{n}", str(n)) for name, text in PLACES[place].items()}
        values.append(make_audio_union(written(modules)(), memory=folder).fit_transform(clips))
    np.testing.assert_allclose(values[1], 2 * values[0])
    np.testing.assert_array_equal(values[1], values[2])
    # It is kept, and what is the same is not kept twice.
    assert cache_info(folder)["n_values"] == 6


def test_a_package_that_becomes_installed_gives_other_values(written, clips, tmp_path):
    folder = tmp_path / "store"
    imports = "try:\n    from fast import scaled\nexcept ImportError:\n    scaled = lambda: 1"
    modules = {"loudness.py": feature(imports, value="scaled()")}
    one = make_audio_union(written(modules)(), memory=folder).fit_transform(clips)
    modules["fast.py"] = HELPER.format(n=2)
    two = make_audio_union(written(modules)(), memory=folder).fit_transform(clips)
    np.testing.assert_allclose(two, 2 * one)


UNKNOWN = {
    "code in a string": feature(helper="exec('SCALE = 1')", value="SCALE"),
    "an expression in a string": feature(value="eval('1')"),
    "a computed name": feature("import importlib", "m = importlib.import_module('ma' + 'th')"),
    "a computed name, shorter": feature(
        "from importlib import import_module", "m = import_module('math')"
    ),
    "a computed name, in Python's way": feature(helper="m = __import__('math')"),
    "a library of its own": feature("import ctypes"),
    "a compiled module": feature("import compiled"),
    "a module whose names are computed": feature("from lazy import scaled", value="scaled"),
    "a name that is too far up": feature("if False:\n    from ... import helpers"),
}


@pytest.mark.parametrize("reason", UNKNOWN)
def test_what_cannot_be_told_is_not_kept(reason, written, clips, tmp_path):
    (tmp_path / "empty.py").touch()
    py_compile.compile(str(tmp_path / "empty.py"), cfile=str(tmp_path / "compiled.pyc"))
    lazy = """
        def __getattr__(name):
            if name == "scaled":
                return 1
            raise AttributeError
        """
    loudness = written({"loudness.py": UNKNOWN[reason], "lazy.py": lazy})
    make_audio_union(loudness(), RMS(), memory=tmp_path / "store").fit_transform(clips)
    # Of RMS only.
    assert cache_info(tmp_path / "store")["n_values"] == 3


def test_a_class_of_a_function_is_not_kept(written, clips, tmp_path):
    """It may use the function's variables, which its source does not tell."""
    source = (
        "def make(n):\n" + textwrap.indent(feature(value="n"), "    ") + "\n    return Loudness\n"
    )
    written({"loudness.py": source + "\nLoudness = make(1)"})
    make = sys.modules["loudness"].make
    one, two = (
        make_audio_union(make(n)(), memory=tmp_path / "store").fit_transform(clips) for n in (1, 2)
    )
    np.testing.assert_allclose(two, 2 * one)


def test_a_feature_of_a_script_is_not_kept(written, clips, tmp_path, monkeypatch):
    for name in ("__main__", "__mp_main__"):
        loudness = written({"loudness.py": feature()})
        monkeypatch.setattr(loudness, "__module__", name)
        make_audio_union(loudness(), memory=tmp_path / "store").fit_transform(clips)
    assert cache_info(tmp_path / "store")["n_values"] == 0


@pytest.mark.parametrize("what", ["feature", "helper"])
def test_values_of_code_that_was_edited_but_not_imported_again_are_not_kept(
    what, written, clips, tmp_path
):
    """As in a notebook: what runs is the old code, and the file says otherwise."""
    folder = tmp_path / "store"
    sources = {
        "loudness.py": feature("import helpers", value="1 * helpers.scaled()"),
        "helpers.py": HELPER.format(n=1),
    }
    edited = {
        "feature": ("loudness.py", feature("import helpers", value="2 * helpers.scaled()")),
        "helper": ("helpers.py", HELPER.format(n=2)),
    }
    loudness = written(sources)
    one = make_audio_union(loudness(), memory=folder).fit_transform(clips)
    name, source = edited[what]
    (tmp_path / name).write_text(source)
    again = make_audio_union(loudness(), memory=folder).fit_transform(clips)
    np.testing.assert_array_equal(again, one)
    assert cache_info(folder)["n_values"] == 3
    two = make_audio_union(written(sources | dict([edited[what]]))(), memory=folder)
    np.testing.assert_allclose(two.fit_transform(clips), 2 * one)
    assert cache_info(folder)["n_values"] == 6
    # A class of before the module was imported again.
    make_audio_union(loudness(), memory=folder).fit_transform(clips)
    assert cache_info(folder)["n_values"] == 6


UNTOLD_BY_FUNCTIONS = {
    "a constant": ("loudness.py", feature(helper="GAIN = {n}", value="GAIN")),
    "a constant of a class": (
        "loudness.py",
        feature(helper="class Gains:\n    n = {n}", value="Gains.n"),
    ),
    "a default": (
        "loudness.py",
        feature(helper="def scaled(n={n}):\n    return n", value="scaled()"),
    ),
    "a constant of a helper": ("helpers.py", "GAIN = {n}"),
}


@pytest.mark.parametrize("where", UNTOLD_BY_FUNCTIONS)
def test_what_was_edited_before_it_was_first_used_is_not_kept(where, written, clips, tmp_path):
    """The functions of the old file are those of the new one."""
    name, source = UNTOLD_BY_FUNCTIONS[where]
    sources = {"loudness.py": feature("import helpers", value="helpers.GAIN")} | {name: source}
    old = {file: text.replace("{n}", "1") for file, text in sources.items()}
    loudness = written(old)
    time.sleep(0.02)
    (tmp_path / name).write_text(source.replace("{n}", "5"))
    folder = tmp_path / "store"
    one = make_audio_union(loudness(), memory=folder).fit_transform(clips)
    assert cache_info(folder)["n_values"] == 0
    new = written(old | {name: source.replace("{n}", "5")})
    five = make_audio_union(new(), memory=folder).fit_transform(clips)
    np.testing.assert_allclose(five, 5 * one)
    assert cache_info(folder)["n_values"] == 3


def test_a_constant_that_is_set_from_outside_is_not_kept(written, clips, tmp_path):
    loudness = written({"loudness.py": feature(helper="GAIN = 1.0", value="GAIN")})
    union = make_audio_union(loudness(), memory=tmp_path / "store")
    union.fit_transform(clips)
    sys.modules["loudness"].GAIN = 7.0
    make_audio_union(loudness(), memory=tmp_path / "store").fit_transform(clips[:1])
    assert cache_info(tmp_path / "store")["n_values"] == 3
    sys.modules["loudness"].GAIN = 1.0
    assert identify_code(loudness.__mro__)


def test_an_enumeration_is_no_constant_that_was_set(written):
    helper = "import enum\nclass Gain(enum.IntEnum):\n    LOUD = 2"
    assert identify_code(written({"loudness.py": feature(helper=helper)}).__mro__)


def test_too_many_modules_are_not_followed(written, monkeypatch):
    loudness = written(
        {"loudness.py": feature("import helpers"), "helpers.py": "import more", "more.py": ""}
    )
    assert set(identify_code(loudness.__mro__)["sources"]) == {"loudness", "helpers", "more"}
    monkeypatch.setattr(_sources, "_MOST_MODULES", 2)
    with pytest.raises(UnknownError):
        identify_code(loudness.__mro__)


# Versions


@pytest.fixture
def forgetful():
    """Versions are looked up once per process: look them up again."""

    def forget():
        for function in (_sources._installed, _sources._libsndfile, _sources._digest_part):
            function.cache_clear()

    forget()
    yield forget
    forget()


@pytest.mark.parametrize("package", ["numpy", "scipy", "librosa", "soxr", "soundfile"])
def test_another_version_of_a_package_gives_other_values(
    package, clips, tmp_path, monkeypatch, forgetful
):
    folder = tmp_path / "store"
    make_audio_union(RMS(), memory=folder).fit_transform(clips)
    find = importlib.metadata.distribution

    def distribution(name):
        found = find(name)
        if name != package:
            return found
        other = tmp_path / f"{package}-99.dist-info"
        other.mkdir(exist_ok=True)
        (other / "METADATA").write_text(f"Name: {package}\nVersion: 99\n")
        changed = importlib.metadata.PathDistribution(other)
        monkeypatch.setattr(changed, "locate_file", found.locate_file, raising=False)
        return changed

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)
    forgetful()
    assert identify_code(RMS.__mro__)["packages"][package] == "99"
    for _ in range(2):
        make_audio_union(RMS(), memory=folder).fit_transform(clips)
        assert cache_info(folder)["n_values"] == 6


def test_another_libsndfile_or_skser_gives_other_values(clips, tmp_path, monkeypatch, forgetful):
    folder = tmp_path / "store"
    make_audio_union(RMS(), memory=folder).fit_transform(clips)
    monkeypatch.setattr(soundfile, "__libsndfile_version__", "99")
    forgetful()
    make_audio_union(RMS(), memory=folder).fit_transform(clips)
    assert cache_info(folder)["n_values"] == 6
    monkeypatch.setattr(skser, "__version__", "99")
    make_audio_union(RMS(), memory=folder).fit_transform(clips)
    assert cache_info(folder)["n_values"] == 9


def test_versions_are_those_of_what_a_feature_uses(written):
    assert set(identify_code(MFCC.__mro__)["packages"]) == {
        *("numpy", "scipy", "librosa", "soxr", "soundfile")
    }
    assert {"PIL", "matplotlib"} < set(identify_code(MelImage.__mro__)["packages"])
    code = identify_code(written({"loudness.py": feature("import pandas")}).__mro__)
    assert code["packages"]["pandas"] == importlib.metadata.version("pandas")
    assert all(code["packages"].values())


IDENTIFY = """
from skser import RMS
from skser.extraction._sources import identify_code
import json, skser
print(json.dumps(identify_code(RMS.__mro__)["parts"]), skser.__file__)
"""


def identified(root):
    done = subprocess.run(
        [sys.executable, "-c", IDENTIFY],
        env=os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
    )
    parts, _, file = done.stdout.strip().partition("} ")
    assert str(root) in file
    return parts


@pytest.mark.slow
def test_an_edited_skser_gives_other_values_and_so_does_one_without_sources(tmp_path):
    """Its version stands still while it is developed."""
    copy = tmp_path / "skser"
    shutil.copytree(Path(skser.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = identified(tmp_path)
    assert identified(tmp_path) == before
    edited = copy / "analysis" / "_spectral.py"
    edited.write_text(edited.read_text() + "\nTHRESHOLD = 2\n")
    assert identified(tmp_path) != before
    for file in sorted(copy.rglob("*.py")):
        py_compile.compile(str(file), cfile=str(file.with_suffix(".pyc")))
        file.unlink()
    compiled = identified(tmp_path)
    assert compiled != before
    assert identified(tmp_path) == compiled
