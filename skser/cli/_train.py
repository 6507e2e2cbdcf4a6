from __future__ import annotations

from pathlib import Path

from sklearn.utils import Bunch

from skser._files import check_writable
from skser._text import visible
from skser.cli._checks import check_trainable
from skser.cli._corpora import open_corpus
from skser.cli._models import card_of, check_carries_graphs, write_model
from skser.cli._options import OnError, Recipe, Source
from skser.cli._output import print_json, say
from skser.cli._pipelines import (
    extract_once,
    fit_with_probabilities,
    kept_features,
    make_recipe,
    say_what_is_missing,
)


def train(
    source: Source,
    output: Path,
    recipe: Recipe,
    onnx: bool,
    on_error: OnError,
    memory: Path | None,
    n_jobs: int,
    json: bool,
) -> None:
    """Train a recogniser on a whole corpus and write it to a file."""
    check_writable(output)
    if onnx:
        # This check runs before hours of training, not after.
        check_carries_graphs(output)
    recognizer = make_recipe(recipe, memory, n_jobs)
    corpus = open_corpus(source)
    check_trainable(corpus)
    with kept_features(memory) as folder:
        usable = extract_once(recognizer, corpus, folder, n_jobs=n_jobs, on_error=on_error)
        if usable is not corpus:
            check_trainable(usable)
        fit_with_probabilities(recognizer, usable, recipe.random_state)
        write_model(recognizer, output, card_of(source, usable), onnx=onnx)
    say_what_is_missing(recognizer, recipe)
    classes = recognizer.classes_.tolist()
    if json:
        print_json({"output": output, "n_clips": len(usable.data), "classes": classes})
    else:
        names = ", ".join(visible(str(name)) for name in classes)
        say(f"{output}: trained on {len(usable.data)} clips of {names}.")
        say(_what_to_do_next(usable))


def _what_to_do_next(corpus: Bunch) -> str:
    if corpus.groups is None:
        return (
            "The speakers are unknown. To see how well the model does on new speakers, say where "
            "they are with --speaker, and run 'skser evaluate' with the same flags."
        )
    if len(set(corpus.groups)) < 2:
        return "To see how well the model does on new speakers, add recordings of other speakers."
    return (
        "To see how well the model does on new speakers, run 'skser evaluate' with the same flags."
    )
