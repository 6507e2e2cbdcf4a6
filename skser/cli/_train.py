from __future__ import annotations

from pathlib import Path

from skser._files import check_writable
from skser._text import visible
from skser.cli._corpora import open_corpus
from skser.cli._models import card_of, check_carries_graphs, write_model
from skser.cli._options import Recipe, Source
from skser.cli._output import is_interactive, print_json, say
from skser.cli._pipelines import fit_with_probabilities, make_recipe, say_size, say_what_is_missing
from skser.compose import AudioFeatureUnion
from skser.compose._held import outermost


def train(
    source: Source,
    output: Path,
    recipe: Recipe,
    onnx: bool,
    memory: Path | None,
    n_jobs: int,
    json: bool,
) -> None:
    """Train a recogniser on a whole corpus, and write it to a file."""
    check_writable(output)
    if onnx:
        # Before hours of training, not after them.
        check_carries_graphs(output)
    recognizer = make_recipe(recipe, memory, n_jobs)
    unions = list(outermost(recognizer, AudioFeatureUnion))
    for union in unions:
        union.set_params(progress=is_interactive())
    corpus = open_corpus(source)
    say_size(corpus, unions[0])
    fit_with_probabilities(recognizer, corpus, recipe.random_state)
    write_model(recognizer, output, card_of(source, corpus), onnx=onnx)
    say_what_is_missing(recognizer, recipe)
    classes = recognizer.classes_.tolist()
    if json:
        print_json({"output": output, "n_clips": len(corpus.data), "classes": classes})
    else:
        names = ", ".join(visible(str(name)) for name in classes)
        say(f"{output}: trained on {len(corpus.data)} clips of {names}.")
        say("What it is worth on new speakers: skser evaluate, with the same flags.")
