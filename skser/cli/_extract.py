from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from skser._text import counted
from skser.cli._corpora import open_corpus
from skser.cli._options import Described, OnError, Source
from skser.cli._output import print_json, say
from skser.cli._pipelines import extract_once, kept_features, make_union, say_size
from skser.cli._tables import apart_from, check_table, own_columns, write_table
from skser.cli._windows import check_window, extract_windows

_WHO = ("path", "start", "end", "speaker", "emotion")

_OF_THE_FILE = ("corpus", "duration", "sample_rate")
"""Columns of every corpus that are not written, because they describe the file, not the speech."""


def extract(
    source: Source,
    output: Path,
    described: Described,
    window: float | None,
    hop: float | None,
    on_error: OnError,
    memory: Path | None,
    n_jobs: int,
    json: bool,
) -> None:
    """Write the features of a corpus to a table."""
    check_table(output, (".csv", ".xlsx", ".parquet"))
    union = make_union(described.features, described.pooling, described.deltas)
    cut = check_window(window, hop)
    corpus = open_corpus(source)
    if output.suffix.lower() == ".parquet":
        _check_text(corpus.frame)
    if cut is None:
        with kept_features(memory) as folder:
            corpus = extract_once(union, corpus, folder, n_jobs=n_jobs, on_error=on_error)
            values = union.fit_transform(corpus.data)
        known = _known(corpus.frame, source.corpus)
    else:
        union.set_params(memory=memory)
        say_size(corpus, union)
        corpus, windows = extract_windows(union, corpus, *cut, n_jobs=n_jobs, on_error=on_error)
        values = np.concatenate([part.values for part in windows])
        rows = np.repeat(np.arange(len(windows)), [len(part.times) for part in windows])
        known = _known(corpus.frame, source.corpus).iloc[rows].reset_index(drop=True)
        known[["start", "end"]] = np.concatenate([part.times for part in windows])
    # The published names of eGeMAPS are kept, so that tables can be joined by them.
    names = [name.removeprefix("egemaps__") for name in union.get_feature_names_out()]
    known = pd.DataFrame(apart_from(dict(known.items()), names))
    table = known.join(pd.DataFrame(values, columns=names))
    write_table(table, output)
    if json:
        counts = {"n_clips": len(corpus.data), "n_rows": len(table)}
        print_json({"output": output, **counts, "features": names})
        return
    written = counted(len(corpus.data), "clip")
    if cut is not None:
        written = f"{counted(len(table), 'window')} of {written}"
    say(f"{output}: {written}, {counted(len(names), 'value')} each")


def _known(frame: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return the columns that every output has, followed by the other columns of the corpus."""
    taken = {*_WHO, *_OF_THE_FILE}
    if "label" in frame and frame["label"].equals(frame.get("emotion")):
        taken.add("label")
    if "corpus" in frame and (frame["corpus"].nunique() > 1 or _names_corpora(frame, source)):
        taken.remove("corpus")
    others = own_columns(frame, but=taken)
    return frame.reindex(columns=list(_WHO)).assign(**others).reset_index(drop=True)


def _names_corpora(frame: pd.DataFrame, source: str) -> bool:
    """Return whether a table has its own column "corpus", not just the name of its file."""
    file = Path(source) if Path(source).is_file() else Path(source.partition(":")[2])
    return file.is_file() and bool((frame["corpus"] != file.stem).any())


def _check_text(frame: pd.DataFrame) -> None:
    """Raise before the computation if a .parquet file cannot store a name."""
    for path in frame["path"].dropna() if "path" in frame else ():
        try:
            str(path).encode()
        except UnicodeEncodeError:
            raise ValueError(
                f"The name {str(path)!r} cannot be encoded in UTF-8, which a .parquet file "
                "requires. Rename the file, or write a .csv file."
            ) from None
