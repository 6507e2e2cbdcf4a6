from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
from sklearn.utils import Bunch

from skser.audio._files import AUDIO_SUFFIXES, FFMPEG_SUFFIXES
from skser.datasets._columns import AdvisedError
from skser.datasets._corpus import check_folder, find_clips
from skser.datasets._emotions import Emotions
from skser.datasets._known import named_like
from skser.datasets._load_table import corpus_from_table
from skser.datasets._search_names import search_names
from skser.exceptions import AudioError, AudioWarning

How: TypeAlias = "str | re.Pattern[str] | Callable[[Path], Any]"
"""How to find a file's label or group: "parent", a regular expression, or a function."""


def load_folder(
    path: str | os.PathLike[str],
    label: How = "parent",
    *,
    group: How | None = None,
    map_labels: Mapping[Any, str | None] | None = None,
    emotions: Emotions = "given",
    name: str | None = None,
) -> Bunch:
    r"""Load a folder of audio files whose paths contain the labels.

    In a terminal or a notebook, a progress bar is shown if reading the headers of the files takes
    longer than two seconds.

    Parameters
    ----------
    path : str or os.PathLike
        Folder whose audio files (wav, flac, ogg, mp3 ...) are loaded, including those in
        subfolders. Formats that need ffmpeg (m4a, wma, mp4, mkv ...) are read if it is installed.
        Hidden and other files are skipped, and so are files that need ffmpeg if an audio file with
        the same name is next to them.
    label : "parent", str, re.Pattern or callable, default="parent"
        How to find the label of a file. "parent" uses the name of the folder that contains it. A
        regular expression is searched for in the path relative to `path`, with ``/`` between
        folders; the label is its group named "label", else its first group, else the whole match. A
        callable takes this relative path (`pathlib.Path`) and returns the label, or None to leave
        the file out. The search for an expression runs in a separate process and is limited to 10 s
        plus 1 ms per path; a callable may take any time.
    group : "parent", str, re.Pattern or callable, default=None
        How to find the speaker of a file, in the same ways as the label (the group of an expression
        is named "group"). If None, the speakers are unknown and ``groups`` is None, so no split can
        keep speakers apart.
    map_labels : dict, default=None
        Mapping from labels, as given or by their common names, to emotions. Clips whose label is
        mapped to None are left out.
    emotions : {"given", "canonical"}, default="given"
        How to name the emotions. "given" keeps the labels as they are. "canonical" replaces each
        label by its name in the common vocabulary, if it has one ("anger" and "Angry" become
        "angry").
    name : str, default=None
        Name of the corpus. If None, the name of the folder is used.

    Returns
    -------
    corpus : Bunch
        data, target, target_names, groups, frame and DESCR, as returned by `load_ravdess`.

    Raises
    ------
    AudioError
        If there is no audio file, a regular expression matches nothing or takes too long, a file
        has no group, or a name is not UTF-8.

    Warns
    -----
    AudioWarning
        If files are left out because the expression does not match them or because an audio file
        with the same name is next to them; if files need ffmpeg and it is not installed; or if,
        with "parent", some files are in the folder itself and others in subfolders, or all files
        are named like the clips of a known corpus, whose labels and speakers are in the names.

    Examples
    --------
    >>> from skser import load_folder
    >>> corpus = load_folder("clips", r"(?P<label>[a-z]+)_take\d+",
    ...                      group=r"speaker(\d+)")  # doctest: +SKIP
    """
    folder = check_folder(path, "audio files")
    files, n_copies = without_copies(find_clips(folder, (*AUDIO_SUFFIXES, *FFMPEG_SUFFIXES)))
    if not files:
        raise AudioError(
            f"{str(folder)!r} and its subfolders contain no audio files (wav, flac, ogg, mp3 "
            "...). Pass the folder of the clips."
        )
    relative = [Path(file.relative_to(folder)) for file in files]
    labels = _read(label, "label", relative, folder)
    _warn_of_two_depths(label, group, relative, folder)
    _warn_of_known_names(label, group, folder, files)
    labelled = [i for i, found in enumerate(labels) if found is not None]
    if not labelled:
        what = (
            f"{_shown(label)} finds no label in any of {len(files)} paths, such as "
            f"{relative[0].as_posix()!r} (relative to {str(folder)!r}). Correct the expression."
        )
        raise AdvisedError("", f"label={what}", f"--label {what}")
    for i in labelled:
        if _is_blank(labels[i]):
            what = (
                f"{_shown(label)} gives {relative[i].as_posix()!r} the empty label {labels[i]!r}."
            )
            raise AdvisedError(
                "",
                f"label={what} Return a label, or None to leave the file out.",
                f"--label {what} Correct the expression.",
            )
    if len(labelled) < len(files) and not _is_function(label):
        first = next(r for r, found in zip(relative, labels, strict=True) if found is None)
        warnings.warn(
            f"{len(files) - len(labelled)} of {len(files)} files are left out, because label="
            f"{_shown(label)} (--label in a command) does not match them; the first is "
            f"{first.as_posix()!r}. To leave them out on purpose, pass a callable that returns "
            "None for them (in Python).",
            AudioWarning,
            stacklevel=2,
        )
    table = pd.DataFrame(
        {"path": [str(files[i]) for i in labelled], "label": [labels[i] for i in labelled]}
    )
    if group is not None:
        kept = [relative[i] for i in labelled]
        table["speaker"] = speakers = _read(group, "group", kept, folder)
        unknown = [file for file, found in zip(kept, speakers, strict=True) if _is_blank(found)]
        if unknown:
            where = f"{unknown[0].as_posix()!r} (relative to {str(folder)!r})"
            why = "so a split cannot keep the clip on the side of its speaker"
            of = f"in {where}, {why}. Correct the expression."
            raise AdvisedError(
                "",
                f"group={_shown(group)} finds no group {of}",
                f"--speaker {_shown(group)} finds no speaker {of}",
            )
    name = folder.resolve().name if name is None else name
    skipped = {
        "files that label= leaves out": len(files) - len(labelled),
        "files beside one of the same name and another format": n_copies,
    }
    what = f"the folder {str(folder)!r}"
    return corpus_from_table(table, map_labels, name, what, Path(), emotions, skipped)


def without_copies(files: list[Path]) -> tuple[list[Path], int]:
    """Leave out files for ffmpeg that are next to an audio file of that name; count them, too."""
    sounds = {file.with_suffix("") for file in files if file.suffix.lower() in AUDIO_SUFFIXES}
    copies = [
        file
        for file in files
        if file.suffix.lower() in FFMPEG_SUFFIXES and file.with_suffix("") in sounds
    ]
    if copies:
        warnings.warn(
            f"{len(copies)} file{'s are' if len(copies) > 1 else ' is'} left out, because an audio "
            f"file with the same name is next to {'them' if len(copies) > 1 else 'it'}; the first "
            f"is {str(copies[0])!r}.",
            AudioWarning,
            stacklevel=3,
        )
    left_out = {*copies}
    return [file for file in files if file not in left_out], len(copies)


def _read(how: How, what: str, files: list[Path], folder: Path) -> list[Any]:
    if isinstance(how, str) and how == "parent":
        top = folder.resolve().name
        return [file.parent.name or top for file in files]
    if isinstance(how, str | re.Pattern):
        try:
            pattern = re.compile(how)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(
                f"{what}={how!r} is not a valid regular expression ({error}). Correct it, or pass "
                "'parent' or a callable."
            ) from error
        if not isinstance(pattern.pattern, str):
            raise TypeError(f"{what}={how!r} is a pattern of bytes. Pass a pattern of text.")
        group = what if what in pattern.groupindex else min(pattern.groups, 1)
        return search_names(pattern, group, [file.as_posix() for file in files], what)
    if not callable(how):
        raise TypeError(
            f"{what}={how!r} is invalid: pass 'parent', a regular expression or a callable."
        )
    return [how(file) for file in files]


def _warn_of_two_depths(label: How, group: How | None, files: list[Path], folder: Path) -> None:
    """Warn if "parent" gives only some of the files the name of the top folder."""
    outside = [file.as_posix() for file in files if len(file.parts) == 1]
    parameters = [
        parameter
        for parameter, how in (("label", label), ("group", group))
        if isinstance(how, str) and how == "parent"
    ]
    if parameters and 0 < len(outside) < len(files):
        warnings.warn(
            f"{len(outside)} of {len(files)} files are in {str(folder)!r} itself, and the others "
            f"are in subfolders; the first is {outside[0]!r}. With {parameters[0]}='parent', the "
            f"{parameters[0]} of these files is {folder.resolve().name!r}. Move them into a "
            "subfolder, or pass a regular expression or a callable.",
            AudioWarning,
            stacklevel=3,
        )


def _warn_of_known_names(label: How, group: How | None, folder: Path, files: list[Path]) -> None:
    """Warn if folders are taken for labels though the names of the files contain them."""
    if group is None and isinstance(label, str) and label == "parent":
        known = named_like(folder, files)
        if known is not None:
            warnings.warn(
                f"All files in {str(folder)!r} are named like the clips of {known}, but their "
                "folders are used as labels and their speakers are unknown. Use "
                f"load_{known}, which reads labels and speakers from the names.",
                AudioWarning,
                stacklevel=3,
            )


def _is_blank(found: Any) -> bool:
    return not found.strip() if isinstance(found, str) else pd.isna(found) is True


def _is_function(how: How) -> bool:
    return not isinstance(how, str | re.Pattern)


def _shown(how: How) -> str:
    return repr(how.pattern if isinstance(how, re.Pattern) else how)
