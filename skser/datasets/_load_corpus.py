from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from sklearn.utils import Bunch

from skser.audio._files import AUDIO_SUFFIXES, FFMPEG_SUFFIXES
from skser.datasets._audformat import load_audformat
from skser.datasets._columns import AdvisedError
from skser.datasets._corpus import check_folder, find_clips, read_names
from skser.datasets._emotional_speech import make_emotional_speech
from skser.datasets._emotions import Emotions
from skser.datasets._folder import load_folder
from skser.datasets._known import KNOWN
from skser.datasets._load_elan import load_elan
from skser.datasets._load_table import load_table
from skser.datasets._load_textgrid import load_textgrid
from skser.exceptions import AudioError, AudioWarning

_OWN = ("folder", "table", "audformat", "textgrid", "elan")
ANNOTATIONS = {".textgrid": "textgrid", ".eaf": "elan"}
"""Loaders of annotations, by the suffix of the files."""


def load_corpus(
    corpus: str | os.PathLike[str],
    *,
    label: str | None = None,
    group: str | None = None,
    path: str | None = None,
    start: str | None = None,
    end: str | None = None,
    sheet: str | None = None,
    root: str | os.PathLike[str] | None = None,
    audio: str | os.PathLike[str] | None = None,
    emotions: Emotions | None = None,
    missing: Literal["raise", "keep"] = "raise",
) -> Bunch:
    r"""Load a corpus by name or path: a folder, a table, a known corpus or the built-in speech.

    This function is meant for scripts and commands that take a corpus as an argument.

    Parameters
    ----------
    corpus : str or os.PathLike
        Corpus to load. "synthetic" stands for `make_emotional_speech` with 6 speakers and 5 clips
        of each emotion. ``NAME:PATH`` uses the loader of that name: ravdess, crema_d, tess, savee,
        emo_db, emov_db, folder, table, audformat, textgrid or elan. Any other string is the path of
        a table, a TextGrid, an .eaf file or a folder. A folder is loaded as a known corpus if all
        of its audio files follow the naming scheme of that corpus, and by `load_folder` if none
        does. A `pathlib.Path` is always a path.
    label, group : str, default=None
        Source of the labels and of the speakers: "parent" or a regular expression for a folder, a
        column for a table, a tier for annotations. Several label tiers, for example one per
        participant, are separated by commas. If None, the default of the loader is used. These
        parameters raise an error for corpora whose labels and speakers are known.
    path, start, end, sheet : str, default=None
        Columns and sheet of a table, as for `load_table`. These parameters raise an error for
        anything else.
    root : str or os.PathLike, default=None
        Folder that the relative paths in a table start from. If None, the folder of the table is
        used. This parameter raises an error for anything but a table.
    audio : str or os.PathLike, default=None
        Folder of the recordings that TextGrids or .eaf files annotate, or the recording of a single
        file. If None, the folder of each annotation file is used. This parameter raises an error
        for anything but annotations.
    emotions : {"given", "canonical"}, default=None
        How to name the emotions, as for `load_table`. If None, "given" is used for folders and
        tables. Known corpora always use the canonical names.
    missing : {"raise", "keep"}, default="raise"
        How to treat missing files of a table, as for `load_table`.

    Returns
    -------
    corpus : Bunch
        data, target, target_names, groups, frame and DESCR, as returned by `load_ravdess`.

    Raises
    ------
    AudioError
        If `corpus` is neither text nor a path, does not exist or contains no clips; or if only some
        files of a folder follow the naming scheme of a known corpus, or a name has an unknown code.
        In the latter cases, pass ``NAME:PATH``. Also if an argument does not apply to the corpus.

    Examples
    --------
    >>> from skser import load_corpus
    >>> corpus = load_corpus("synthetic")
    >>> len(corpus.data), len(set(corpus.groups))
    (150, 6)
    >>> load_corpus("folder:clips", group=r"speaker(\d+)")  # doctest: +SKIP
    """
    columns = {"path": path, "start": start, "end": end, "sheet": sheet}
    if isinstance(corpus, str) and corpus == "synthetic":
        _refuse_hows("synthetic", label, group)
        _refuse_columns("synthetic", columns)
        _refuse_folders("synthetic", root, audio)
        return make_emotional_speech(n_speakers=6, n_per_class=5, random_state=0)
    kind, place = kind_of_corpus(corpus, known=label is None and group is None)
    if kind != "table":
        _refuse_columns(kind, columns)
    _refuse_folders(kind, root, audio)
    if kind in KNOWN:
        _refuse_hows(kind, label, group)
        load_known: Callable[[str], Bunch] = getattr(KNOWN[kind], f"load_{kind}")
        return load_known(place)
    names = emotions or "given"
    if kind == "folder":
        with warnings.catch_warnings():
            # Files named like a known corpus are loaded by folder only if the prefix says so.
            warnings.filterwarnings("ignore", "All files in .* named like", AudioWarning)
            return load_folder(place, label or "parent", group=group, emotions=names)
    if kind == "table":
        return load_table(
            place,
            path=path,
            label=label,
            group=group,
            start=start,
            end=end,
            sheet=sheet,
            root=root,
            emotions=names,
            missing=missing,
        )
    if kind in ANNOTATIONS.values():
        load: Callable[..., Bunch] = load_textgrid if kind == "textgrid" else load_elan
        tiers = _tiers(label or "emotion")
        return load(place, tier=tiers, speaker_tier=group, audio=audio, emotions=names)
    return load_audformat(
        place, label=label or "emotion", group=group or "speaker", root=root, emotions=names
    )


def kind_of_corpus(corpus: str | os.PathLike[str], *, known: bool = True) -> tuple[str, str]:
    """Return the name of the loader for a corpus, and the path of the corpus.

    Parameters
    ----------
    corpus : str or os.PathLike
        Text or path, as for `load_corpus`.
    known : bool, default=True
        Whether to recognise a folder as one of the known corpora by its file names.

    Returns
    -------
    kind, path : str

    Raises
    ------
    AudioError
        If `corpus` is neither text nor a path, does not exist, or is a folder whose file names are
        ambiguous.
    """
    if isinstance(corpus, os.PathLike):
        return _kind_of_path(os.fsdecode(corpus), known=known)
    if not isinstance(corpus, str):
        what = "None" if corpus is None else f"of type {type(corpus).__name__}"
        raise AudioError(
            f"corpus is {what}, but must be text or a path. Pass a folder, a table, NAME:PATH or "
            "'synthetic'."
        )
    name, colon, path = corpus.partition(":")
    name = re.sub(r"[ -]", "_", name.lower())
    if colon and name in (*KNOWN, *_OWN):
        if not path:
            raise AudioError(f"{corpus!r} names no path. Pass {name}:PATH.")
        return name, path
    return _kind_of_path(corpus, known=known)


def _kind_of_path(path: str, *, known: bool) -> tuple[str, str]:
    if path and Path(path).is_dir():
        return _kind_of_folder(path) if known else "folder", path
    if Path(path).suffix.lower() in (*AUDIO_SUFFIXES, *FFMPEG_SUFFIXES):
        raise AudioError(
            f"{path!r} is a single clip. Pass a folder of clips, or a table that lists them."
        )
    if Path(path).is_file():
        return ANNOTATIONS.get(Path(path).suffix.lower(), "table"), path
    raise AudioError(
        f"{path!r} is neither a folder nor a table (the current directory is "
        f"{str(Path.cwd())!r}), nor NAME:PATH with one of the names "
        f"{', '.join([*KNOWN, *_OWN])}, nor 'synthetic'. Check the path."
    )


def _kind_of_folder(path: str) -> str:
    folder = check_folder(path, "a corpus")
    files = find_clips(folder)
    for name, module in KNOWN.items():
        acronym = module.CARD.acronym
        try:
            clips = read_names(module.CARD, folder, files, module._parse)
        except AudioError as error:
            raise AudioError(
                f"{error} If the folder is not {acronym}, pass 'folder:{path}'."
            ) from error
        if clips and len(clips) == len(files):
            return name
        if clips:
            known = {file for file, _ in clips}
            first = next(file for file in files if file not in known)
            raise AudioError(
                f"Only {len(clips)} of {len(files)} audio files in {path!r} are named like the "
                f"clips of {acronym}; the first other file is {str(first)!r}. Pass "
                f"'{name}:{path}' to load only {acronym}, or 'folder:{path}' to load all files."
            )
    return "folder"


def _tiers(label: str) -> str | list[str]:
    """Return the possible names of a tier: the label, or its comma-separated parts."""
    parts = [name.strip() for name in label.split(",") if name.strip()]
    return [label, *parts] if len(parts) > 1 else label


def _refuse_hows(kind: str, label: str | None, group: str | None) -> None:
    if label is not None or group is not None:
        raise AudioError(
            f"The labels and speakers of {kind} are known. Omit the label and the speaker, or pass "
            "folder:PATH."
        )


def _refuse_columns(kind: str, columns: Mapping[str, str | None]) -> None:
    given = [name for name, column in columns.items() if column is not None]
    if given:
        advice = "Omit it, or pass a table."
        what = f"applies only to tables, but the kind of the corpus is {kind!r}. {advice}"
        raise AdvisedError("", f"{given[0]}={columns[given[0]]!r} {what}", f"--{given[0]} {what}")


def _refuse_folders(
    kind: str,
    root: str | os.PathLike[str] | None,
    audio: str | os.PathLike[str] | None,
) -> None:
    is_table, is_annotation = kind in ("table", "audformat"), kind in ANNOTATIONS.values()
    for name, other, folder, applies, is_of_other, what in (
        ("root", "audio", root, is_table, is_annotation, "tables"),
        ("audio", "root", audio, is_annotation, is_table, "TextGrid and .eaf files"),
    ):
        if folder is None or applies:
            continue
        problem = f"applies only to {what}, but the kind of the corpus is {kind!r}."
        raise AdvisedError(
            "",
            f"{name}={os.fspath(folder)!r} {problem} "
            + (f"Pass {other}= instead." if is_of_other else "Omit it."),
            f"--{name} {problem} " + (f"Pass --{other} instead." if is_of_other else "Omit it."),
        )
