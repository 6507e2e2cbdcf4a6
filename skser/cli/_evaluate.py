from __future__ import annotations

from pathlib import Path

import typer

from skser.cli._corpora import open_corpus
from skser.cli._options import ModelFile, Recipe, Source
from skser.cli._output import print_json, say
from skser.cli._pipelines import kept_features, prepared_pipeline
from skser.metrics import compare_protocols


def evaluate(
    source: Source,
    recipe: Recipe,
    model: ModelFile | None,
    folds: int,
    memory: Path | None,
    n_jobs: int,
    json: bool,
) -> None:
    """Print the scores of a pipeline under each protocol."""
    corpus = open_corpus(source, with_speakers=True)
    with kept_features(memory) as folder:
        pipeline = prepared_pipeline(recipe, model, folder, corpus)
        say(f"Training anew for each of {folds} folds, for each way to split")
        table = compare_protocols(
            pipeline, corpus, cv=folds, n_jobs=n_jobs, random_state=recipe.random_state
        )
    chance = 1 / len(corpus.target_names)
    if json:
        print_json({"chance": chance, "protocols": table.to_dict("index")})
        return
    typer.echo(f"{'split':27s} {'UAR':>6s} {'std':>6s} {'folds':>6s} {'clips':>6s}")
    for protocol, row in table.iterrows():
        scores = (
            f"{row['uar']:6.3f} {row['std']:6.3f}" if row["n_folds"] else f"{'-':>6s} {'-':>6s}"
        )
        typer.echo(f"{protocol:27s} {scores} {row['n_folds']:6.0f} {row['n_clips']:6.0f}")
    typer.echo(f"{'chance':27s} {chance:6.3f}")
