"""One self-contained HTML page that shows what a pipeline recognises and what it confuses."""

from skser.report._make_report import make_report

__all__ = ["make_report"]
