"""The command that a report shows."""

from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from skser.cli._options import OnError
from skser.cli._repeat import command_line


@pytest.fixture
def repeated():
    """Return the line that a command with arguments like those of `skser report` writes out."""
    app = typer.Typer()

    @app.callback()
    def skser() -> None:
        pass

    @app.command()
    def report(
        context: typer.Context,
        corpus: str,
        output: Annotated[Path, typer.Option("--output", "-o")] = Path("report.html"),
        speaker: str = "",
        folds: int = 5,
        on_error: OnError = OnError.skip,
        select: Annotated[bool, typer.Option("--select")] = False,
    ) -> None:
        typer.echo(command_line(context))

    return lambda *words: CliRunner().invoke(app, ["report", *words]).output.strip()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (["clips"], "clips"),
        (["clips", "-o", "r.html", "--folds", "5"], "clips --output r.html --folds 5"),
        (["clips", "--select", "--on-error", "raise"], "clips --on-error raise --select"),
        (["clips", "--speaker", r"/(s\d+)_"], r"clips --speaker '/(s\d+)_'"),
        (["/home/anna/clips", "-o", "/home/anna/r.html"], "'…/clips' --output '…/r.html'"),
        (["ravdess:/home/anna/clips"], "'ravdess:…/clips'"),
        (["ravdess:data/clips"], "ravdess:data/clips"),
    ],
)
def test_only_what_was_given_is_written_without_folders(repeated, given, shown):
    assert repeated(*given) == f"skser report {shown}"
