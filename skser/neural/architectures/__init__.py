"""Networks: one builder function per file, registered by name."""

from importlib import import_module
from pkgutil import iter_modules

# Importing the file of a network registers it.
for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
