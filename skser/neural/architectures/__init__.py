"""Networks: one builder function a file, entered in a registry by name."""

from importlib import import_module
from pkgutil import iter_modules

# A network's file enters it when it is imported.
for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
