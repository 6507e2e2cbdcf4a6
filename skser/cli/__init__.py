"""The command line, thin over the rest: ``skser --help``."""
