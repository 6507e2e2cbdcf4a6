"""The command line, thin over the rest: ``skser --help``."""

from skser.cli._app import app, main

__all__ = ["app", "main"]
