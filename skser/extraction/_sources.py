"""Identify the code that computes a feature by versions of packages, or else by source."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import skser

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_PACKAGES = frozenset({"numpy", "scipy", "librosa", "soxr", "soundfile"})
"""Packages that may compute any value of skser's own features."""

_PARTS = frozenset({"analysis", "audio", "extraction", "features"})
"""Subpackages of skser that compute every value, in addition to that of the feature's class."""

_NO_ARITHMETIC = frozenset({"sklearn"})
"""Packages that skser's features import but that do not affect their values."""

_RENDERING = frozenset({"PIL", "matplotlib"})
"""Further packages of skser's features, which are assumed if their source is not available."""

_DISTRIBUTIONS = {"PIL": "pillow", "sklearn": "scikit-learn"}
"""Distributions whose name differs from that of the package. Looking others up is slow."""

_IMPORT_LINE = re.compile(r"^ *(?:import|from) (\w+)(?=[\w.]*(?: import| as|$))", re.MULTILINE)
"""An import in a module of skser; parsing a module would take twenty times as long."""

_MOST_MODULES = 500

_PLAIN = (bool, int, float, complex, str, bytes, tuple, type(None))
"""Types of constants that are compared: literals that cannot change in place."""

_SCRIPTS = frozenset({"__main__", "__mp_main__"})
_RUNS_CODE = frozenset({"exec", "eval", "__import__"})
_LOADS_MODULES = frozenset(
    {"import_module", "exec_module", "load_module", "run_path", "run_module"}
)
_LOADS_BINARIES = frozenset({"ctypes", "cffi"})


class UnknownError(Exception):
    """Raised if the behaviour of a class, or the value of a parameter, cannot be identified."""


_defined_at: dict[str, int] = {}
"""Time in ns at which the latest class of each module was defined, by the module's name."""


def note_definition(cls: type) -> None:
    """Record when a class was defined, as later changes to its file do not affect what runs."""
    if "<locals>" not in cls.__qualname__:
        _defined_at[cls.__module__] = time.time_ns()


def identify_code(classes: Sequence[type]) -> dict[str, Any]:
    """Describe the code that computes a feature.

    Installed packages are described by their version. Everything else is described by its source:
    the modules of classes that are not part of skser, and the modules that these import from their
    own package or from a place where nothing is installed.

    Parameters
    ----------
    classes : sequence of type
        The class of the feature, followed by its bases.

    Returns
    -------
    code : dict
        Names, versions and digests, for `json.dumps`.

    Raises
    ------
    UnknownError
        If the code cannot be identified: it was typed in or defined in a function, is compiled,
        has changed since it was imported, or loads code by itself.
    """
    found = _Code(_top(classes[0].__module__), _earliest(classes))
    for cls in classes:
        found.add_class(cls)
    return {
        "python": sys.version_info[:2],
        "skser": skser.__version__,
        "parts": {part: _digest_part(part) for part in sorted(found.parts)},
        "packages": {name: _installed(name) for name in sorted(found.packages)},
        "libsndfile": _libsndfile(),
        "classes": [f"{cls.__module__}.{cls.__qualname__}" for cls in classes],
        "sources": dict(sorted(found.sources.items())),
    }


class _Code:
    """The parts of skser, installed packages and sources that were found so far."""

    def __init__(self, own: str, imported: int) -> None:
        self.own = own
        self.imported = imported
        self.parts = set(_PARTS)
        self.packages = set(_PACKAGES)
        self.sources: dict[str, str] = {}

    def add_class(self, cls: type) -> None:
        """Add a class of the feature."""
        name = cls.__module__
        if _top(name) in _NO_ARITHMETIC or self._add_installed(name):
            return
        if _attribute(sys.modules.get(name), cls.__qualname__) is not cls:
            # It was defined in a function, whose variables it may use, or redefined since.
            raise UnknownError
        self._add_source(name)

    def _add_installed(self, name: str) -> bool:
        """Add a module that has a version and needs no source; return whether it has."""
        top = _top(name)
        if top in sys.stdlib_module_names:
            return True
        if top == "skser":
            self.parts.add(name.partition(".")[2].partition(".")[0])
            self.packages |= _packages_of(name)
            return True
        if top != self.own and (top in _PACKAGES or _installed(top) is not None):
            self.packages.add(top)
            return True
        return False

    def _add_source(self, first: str) -> None:
        """Add the source of a module, and that of the modules it imports."""
        todo = [first]
        while todo:
            name = todo.pop()
            if name in self.sources or self._add_installed(name):
                continue
            module = _module(name, _defined_at.get(name, self.imported))
            self.sources[name] = module.digest
            if len(self.sources) > _MOST_MODULES:
                raise UnknownError
            for base, attribute in module.imports:
                todo += self._imported(base, attribute)

    def _imported(self, base: str, attribute: str | None) -> list[str]:
        """Return the modules from which an import statement takes something."""
        top = _top(base)
        if top in _LOADS_BINARIES:
            raise UnknownError
        if attribute is None or (top != "skser" and self._add_installed(base)):
            return [base]
        value = getattr(sys.modules.get(base), attribute, None)
        if isinstance(value, ModuleType):
            return [value.__name__]
        if value is None and _spec(f"{base}.{attribute}") is not None:
            return [f"{base}.{attribute}"]
        origin = getattr(value, "__module__", None)
        if not isinstance(origin, str):
            return [base]
        # skser itself states where its public names come from.
        return [origin] if base == "skser" else [base, origin]


@dataclass(frozen=True)
class _Module:
    """The source of a module.

    It consists of its digest, its imports (pairs of a module and a name in it), and its constants
    and those of its classes (pairs of a name and a value).
    """

    digest: str
    imports: tuple[tuple[str, str | None], ...]
    constants: tuple[tuple[str, Any], ...]


def _earliest(classes: Sequence[type]) -> int:
    """Return when the first of those classes was defined whose source is hashed."""
    return min((_defined_at[cls.__module__] for cls in classes if _is_noted(cls)), default=0)


def _is_noted(cls: type) -> bool:
    return _top(cls.__module__) != "skser" and cls.__module__ in _defined_at


@cache
def _process_start() -> int:
    """Return the start time of this process in ns; an older file is what was imported."""
    import psutil

    return int(psutil.Process().create_time() * 1e9)


def _module(name: str, imported: int) -> _Module:
    """Read the source of a module that was imported by a given time; raise if it has changed."""
    spec = _spec(name)
    if name in _SCRIPTS or (spec is None and name in sys.modules):
        # Definitions in a script, a notebook or a program may differ the next time.
        raise UnknownError
    if spec is None:
        # This is an optional import of a missing module.
        return _Module("absent", (), ())
    signature = _signature(spec)
    if signature is not None and signature[-1] > max(imported, _process_start()):
        raise UnknownError
    module = _read(name, signature)
    for qualname, value in module.constants:
        found = _attribute(sys.modules.get(name), qualname)
        if type(found) in _PLAIN and (type(found), found) != (type(value), value):
            # The constant was set from outside, so the file is not what runs.
            raise UnknownError
    return module


def _signature(spec: ModuleSpec) -> tuple[int, ...] | None:
    """Return numbers that change when a file does; None if not a file, as in a zip archive."""
    try:
        stat = os.stat(spec.origin or "")
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


@lru_cache(maxsize=2 * _MOST_MODULES)
def _read(name: str, signature: tuple[int, ...] | None) -> _Module:
    spec = _spec(name)
    source = None if spec is None else _source(spec)
    if spec is None or source is None:
        raise UnknownError
    try:
        tree = ast.parse(source)
        _compare_with_loaded(name, source)
    except (SyntaxError, ValueError) as error:
        raise UnknownError from error
    package = name if spec.submodule_search_locations is not None else name.rpartition(".")[0]
    if any(_loads_code(node) for node in ast.walk(tree)) or _has_dynamic_attributes(tree):
        raise UnknownError
    digest = hashlib.blake2b(source.encode(errors="replace"), digest_size=12).hexdigest()
    imports = tuple(dict.fromkeys(_imports(tree, package)))
    return _Module(digest, imports, tuple(_constants(tree)))


def _source(spec: ModuleSpec) -> str | None:
    """Return the source of a module, or None if it has none."""
    get_source = getattr(spec.loader, "get_source", None)
    try:
        if get_source is not None:
            source: str | None = get_source(spec.name)
            return source
        if spec.origin is not None and spec.origin.endswith(".py"):
            # The module has a custom loader, such as pytest's.
            with open(spec.origin, "rb") as file:
                return importlib.util.decode_source(file.read())
    except (ImportError, OSError, SyntaxError, UnicodeError):
        pass
    return None


def _loads_code(node: ast.AST) -> bool:
    match node:
        case ast.Name(id=name):
            return name in _RUNS_CODE or name in _LOADS_MODULES
        case ast.Attribute(attr=name):
            return name in _LOADS_MODULES
    return False


def _has_dynamic_attributes(tree: ast.Module) -> bool:
    """Return whether a module has a `__getattr__`, which may import anything."""
    for node in tree.body:
        match node:
            case ast.FunctionDef(name="__getattr__"):
                return True
            case ast.Assign():
                names = (n for target in node.targets for n in ast.walk(target))
                if any(isinstance(n, ast.Name) and n.id == "__getattr__" for n in names):
                    return True
    return False


def _constants(tree: ast.Module) -> Iterator[tuple[str, Any]]:
    """Yield the names that a module and its classes set to a literal exactly once, with values."""
    stored = Counter(
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    )
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for prefix, body in [("", tree.body), *((f"{cls.name}.", cls.body) for cls in classes)]:
        for node in body:
            match node:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=ast.expr() as written)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as written)
                ) if stored[name] == 1:
                    try:
                        value = ast.literal_eval(written)
                    except ValueError:
                        continue
                    if type(value) in _PLAIN:
                        yield prefix + name, value


def _imports(tree: ast.AST, package: str) -> Iterator[tuple[str, str | None]]:
    """Yield module and name of every import, including those in functions."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield alias.name, None
                    if alias.asname is None:
                        # This binds the outermost package, so everything in it is accessible.
                        yield _top(alias.name), None
            case ast.ImportFrom(module=module, names=names, level=level):
                try:
                    base = importlib.util.resolve_name("." * level + (module or ""), package)
                except ImportError as error:
                    raise UnknownError from error
                for alias in names:
                    yield base, None if alias.name == "*" else alias.name


def _compare_with_loaded(name: str, source: str) -> None:
    """Raise if a file has changed since it was imported, so that it is not what runs."""
    loaded = sys.modules.get(name)
    loader = getattr(getattr(loaded, "__spec__", None), "loader", None)
    if loaded is None or not isinstance(loader, SourceFileLoader):
        return
    written = set(_nested(loader.source_to_code(source, loader.path)))
    for function in _functions(loaded):
        if function.__code__.co_filename == loader.path and function.__code__ not in written:
            raise UnknownError


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    """Yield the functions that a module defines, and the methods of its classes."""
    for value in vars(module).values():
        if getattr(value, "__module__", None) != module.__name__:
            continue
        members = vars(value).values() if isinstance(value, type) else [value]
        for member in members:
            match member:
                case staticmethod() | classmethod():
                    member = member.__func__
                case property():
                    member = member.fget
                case cached_property():
                    member = member.func
            if isinstance(member, FunctionType):
                yield member


def _spec(name: str) -> ModuleSpec | None:
    """Find a module without importing it, or its packages."""
    if name in sys.modules:
        return getattr(sys.modules[name], "__spec__", None)
    package = name.rpartition(".")[0]
    if not package:
        return importlib.util.find_spec(name)
    above = _spec(package)
    if above is None or above.submodule_search_locations is None:
        return None
    return PathFinder.find_spec(name, above.submodule_search_locations)


def _attribute(module: ModuleType | None, qualname: str) -> Any:
    value: Any = module
    for name in qualname.split("."):
        value = getattr(value, name, None)
    return value


def _top(name: str) -> str:
    return name.partition(".")[0]


# Code that has a version


@cache
def _installed(top: str) -> str | None:
    """Return the version of a package; None if it is importable but not installed."""
    from importlib.metadata import PackageNotFoundError, distribution, packages_distributions

    spec = _spec(top)
    if spec is None:
        return None
    where = spec.origin or next(iter(spec.submodule_search_locations or []), "")
    try:
        found = [distribution(_DISTRIBUTIONS.get(top, top))]
    except PackageNotFoundError:
        found = [distribution(name) for name in set(packages_distributions().get(top, []))]
    versions = sorted(
        one.version
        for one in found
        # This excludes an editable install, and a checkout with its metadata beside it.
        if where.startswith(str(one.locate_file("")))
        and ("-packages" in where or one.read_text("RECORD") is not None)
    )
    if not versions and top in _PACKAGES:
        # It was frozen into one file with an application, as by PyInstaller.
        return str(importlib.import_module(top).__version__)
    return ", ".join(versions) or None


@cache
def _libsndfile() -> str:
    import soundfile

    return str(soundfile.__libsndfile_version__)


@cache
def _packages_of(name: str) -> frozenset[str]:
    """Return the packages that a module of skser imports."""
    spec = _spec(name)
    source = None if spec is None else _source(spec)
    if source is None:
        return _RENDERING
    imported = set(_IMPORT_LINE.findall(source))
    return frozenset(imported - sys.stdlib_module_names - _NO_ARITHMETIC - {"skser"})


@cache
def _digest_part(part: str) -> str:
    """Hash the files of a subpackage of skser, whose version is constant during development.

    This is done once per process: a file that is edited later is not the code that runs here.
    """
    from importlib.resources import files

    root = files(skser)
    wanted = [root.joinpath(part + suffix) for suffix in ("", ".py", ".pyc")] if part else [root]
    sources = sorted(source for item in wanted for source in _files(item, item.name))
    if not sources:
        raise UnknownError
    found = hashlib.blake2b(digest_size=12)
    for path, content in sources:
        found.update(f"{path} {len(content)} ".encode() + content)
    return found.hexdigest()


def _files(item: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the modules in a folder, which may be in a zip archive."""
    if item.is_dir() and item.name != "__pycache__":
        for child in item.iterdir():
            yield from _files(child, f"{path}/{child.name}")
    # An installation without sources has compiled files instead.
    elif path.endswith((".py", ".pyc")) and item.is_file():
        yield path, item.read_bytes()
