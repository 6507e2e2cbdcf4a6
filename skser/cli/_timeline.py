from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from skser._files import check_writable, writing
from skser.cli._models import open_model
from skser.cli._options import ModelFile
from skser.cli._output import plain, say
from skser.live import timeline as recognize
from skser.live._textgrid import intervals_of, textgrid

if TYPE_CHECKING:
    import pandas as pd

_SUFFIXES = (".csv", ".TextGrid", ".json")


def timeline(
    file: Path,
    model_file: ModelFile,
    output: Path,
    window: float | None,
    hop: float,
    smooth: float | None,
    min_level: float,
) -> None:
    """Write the predictions of a model for each window of a recording."""
    suffix = output.suffix.lower()
    if suffix not in map(str.lower, _SUFFIXES):
        raise ValueError(f"--output {str(output)!r}: name a .csv, a .TextGrid or a .json file.")
    check_writable(output)
    model = open_model(model_file)
    table = recognize(model, str(file), window=window, hop=hop, smooth=smooth, min_level=min_level)
    with writing(output) as temporary:
        if suffix == ".csv":
            table.to_csv(temporary, index=False)
        else:
            text = _json(table) if suffix == ".json" else textgrid(intervals_of(table), "emotion")
            temporary.write_text(text, encoding="utf-8")
    n_labelled = int(table["label"].notna().sum())
    say(f"{len(table)} windows, {n_labelled} of them with a label, written to {output}.")


def _json(table: pd.DataFrame) -> str:
    """Return a JSON list with an object for each window."""
    columns = [name for name in table.columns if name.startswith("p_")]
    rows = []
    for row in table.to_dict("records"):
        shares = {name[2:]: row.pop(name) for name in columns}
        known = bool(columns) and row["label"] is not None
        rows.append({**row, "probabilities": shares if known else None})
    return json.dumps(plain(rows), indent=2, allow_nan=False) + "\n"
