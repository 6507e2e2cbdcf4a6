from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from skser._files import check_writable, writing
from skser.cli._corpora import open_corpus
from skser.cli._options import OnError, Source
from skser.cli._output import print_json, say
from skser.cli._pipelines import extract_once, kept_features, make_union

_WHO = ("path", "start", "end", "speaker", "emotion")


def extract(
    source: Source,
    output: Path,
    features: str,
    pooling: str,
    deltas: int,
    on_error: OnError,
    memory: Path | None,
    n_jobs: int,
    json: bool,
) -> None:
    """Write the features of a corpus to a table."""
    _check_format(output)
    check_writable(output)
    union = make_union(
        features,
        pooling,
        deltas,
    )
    corpus = open_corpus(source)
    if output.suffix.lower() == ".parquet":
        _check_text(corpus.frame)
    with kept_features(memory) as folder:
        corpus = extract_once(union, corpus, folder, n_jobs=n_jobs, on_error=on_error)
        values = union.fit_transform(corpus.data)
    # Those of eGeMAPS are known outside, so tables can be joined by them.
    names = [name.removeprefix("egemaps__") for name in union.get_feature_names_out()]
    table = corpus.frame.reindex(columns=list(_WHO)).join(pd.DataFrame(values, columns=names))
    with writing(output) as temporary:
        if output.suffix.lower() == ".csv":
            # The bytes of a name that is no text are written as they are, so that it can be found.
            table.to_csv(temporary, index=False, errors="surrogateescape")
        else:
            table.to_parquet(temporary, index=False)
    if json:
        print_json({"output": output, "n_clips": len(table), "features": names})
    else:
        say(f"{output}: {len(table)} clips, {len(names)} values each")


def _check_format(output: Path) -> None:
    """Fail before the work, not after."""
    if output.suffix.lower() not in (".csv", ".parquet"):
        raise ValueError(f"{str(output)!r}: name a .csv or a .parquet file.")
    if output.suffix.lower() == ".parquet" and find_spec("pyarrow") is None:
        raise ImportError(
            "A .parquet file needs pyarrow: pip install pyarrow (the extra `parquet`), or name a "
            ".csv file."
        )


def _check_text(frame: pd.DataFrame) -> None:
    """Raise if a .parquet file cannot hold a name: before the work, not after."""
    for path in frame["path"].dropna() if "path" in frame else ():
        try:
            str(path).encode()
        except UnicodeEncodeError:
            raise ValueError(
                f"The name {str(path)!r} cannot be written in UTF-8, as a .parquet file needs. "
                "Rename the file, or write a .csv file."
            ) from None
