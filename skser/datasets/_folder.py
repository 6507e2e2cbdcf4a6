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
from skser.datasets._load_table import corpus_from_table
from skser.datasets._search_names import search_names
from skser.exceptions import AudioError, AudioWarning

How: TypeAlias = "str | re.Pattern[str] | Callable[[Path], Any]"
"""How a file's label or group is found: "parent", a regular expression, or a function."""


def load_folder(
    path: str | os.PathLike[str],
    label: How = "parent",
    *,
    group: How | None = None,
    map_labels: Mapping[Any, str | None] | None = None,
    emotions: Emotions = "given",
    name: str | None = None,
) -> Bunch:
    r"""Load a folder of audio files whose paths tell the labels.

    Parameters
    ----------
    path : str or os.PathLike
        Folder with audio files (wav, flac, ogg, mp3 ...) in it or below, or files that are read
        through ffmpeg where it is installed (m4a, wma, mp4, mkv ...). Hidden and other files are
        passed over, and files for ffmpeg beside an audio file of the same name.
    label : "parent", str, re.Pattern or callable, default="parent"
        Where a file's label is. "parent": the name of the folder it is in. A regular
        expression: searched for in the path relative to `path`, with ``/`` between folders; the
        label is its group named "label", else its first group, else the whole match. A callable
        is given that relative path (`pathlib.Path`) and returns the label, or None to leave the
        file out. An expression is searched for in all paths within 10 s, and 1 ms more for each
        path, in a process of its own; a callable may take any time.
    group : "parent", str, re.Pattern or callable, default=None
        Where the speaker is, likewise (group "group" of an expression). None: unknown; then
        ``groups`` is None, and nothing can keep speakers apart.
    map_labels : dict, default=None
        From label, as it is or by its common name, to emotion; None as the emotion leaves a
        label's clips out.
    emotions : {"given", "canonical"}, default="given"
        Names of the emotions. "given": the labels as they are. "canonical": their names in the
        common vocabulary, where they have one ("anger" and "Angry" become "angry").
    name : str, default=None
        Name of the corpus. None: that of the folder.

    Returns
    -------
    corpus : Bunch
        data, target, target_names, groups, frame and DESCR, as from `load_ravdess`.

    Raises
    ------
    AudioError
        If there is no audio, a regular expression matches nothing or takes too long, or a file has
        no group, or a name is not UTF-8.

    Warns
    -----
    AudioWarning
        If files are left out because the expression does not match them, or because an audio file
        of the same name is beside them; if files need ffmpeg, and it is not installed; or if some
        files are in the folder itself and others in folders in it, and "parent" names these.

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
            f"{str(folder)!r} holds no audio (wav, flac, ogg, mp3 ...), in it or below. Pass the "
            "folder of the clips."
        )
    relative = [Path(file.relative_to(folder)) for file in files]
    labels = _read(label, "label", relative, folder)
    _warn_of_two_depths(label, group, relative, folder)
    labelled = [i for i, found in enumerate(labels) if found is not None]
    if not labelled:
        what = (
            f"{_shown(label)} finds no label in any of {len(files)} paths, such as "
            f"{relative[0].as_posix()!r} (relative to {str(folder)!r}). Correct it."
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
                f"--label {what} Correct it.",
            )
    if len(labelled) < len(files) and not _is_function(label):
        first = next(r for r, found in zip(relative, labels, strict=True) if found is None)
        warnings.warn(
            f"{len(files) - len(labelled)} of {len(files)} files are left out, as label="
            f"{_shown(label)} (--label in a command) does not match them: {first.as_posix()!r} is "
            "the first. In Python, a callable that returns None for them says that this is meant.",
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
            why = "without it the clip cannot be kept on one side of a split"
            of = f"in {where}, and {why}. Correct it."
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
    """Leave out the videos of sound files beside them, and say how many these are."""
    sounds = {file.with_suffix("") for file in files if file.suffix.lower() in AUDIO_SUFFIXES}
    copies = [
        file
        for file in files
        if file.suffix.lower() in FFMPEG_SUFFIXES and file.with_suffix("") in sounds
    ]
    if copies:
        warnings.warn(
            f"{len(copies)} file{'s are' if len(copies) > 1 else ' is'} left out, because an audio "
            f"file of the same name is beside {'them' if len(copies) > 1 else 'it'}: "
            f"{str(copies[0])!r} is the first.",
            AudioWarning,
            stacklevel=3,
        )
    left_out = {*copies}
    return [file for file in files if file not in left_out], len(copies)


def _read(how: How, what: str, files: list[Path], folder: Path) -> list[Any]:
    if isinstance(how, str) and how == "parent":
        return [(folder.resolve() / file).parent.name for file in files]
    if isinstance(how, str | re.Pattern):
        try:
            pattern = re.compile(how)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(
                f"{what}={how!r} is no regular expression ({error}). Correct it, or pass 'parent' "
                "or a callable."
            ) from error
        if not isinstance(pattern.pattern, str):
            raise TypeError(f"{what}={how!r} is a pattern of bytes. Pass one of text.")
        group = what if what in pattern.groupindex else min(pattern.groups, 1)
        return search_names(pattern, group, [file.as_posix() for file in files], what)
    if not callable(how):
        raise TypeError(f"{what}={how!r}: pass 'parent', a regular expression or a callable.")
    return [how(file) for file in files]


def _warn_of_two_depths(label: How, group: How | None, files: list[Path], folder: Path) -> None:
    """Warn if "parent" gives the name of the whole folder to some of the files only."""
    outside = [file.as_posix() for file in files if len(file.parts) == 1]
    parameters = [
        parameter
        for parameter, how in (("label", label), ("group", group))
        if isinstance(how, str) and how == "parent"
    ]
    if parameters and 0 < len(outside) < len(files):
        warnings.warn(
            f"{len(outside)} of {len(files)} files are in {str(folder)!r} itself, and the others "
            f"in folders in it: {outside[0]!r} is the first. By {parameters[0]}='parent' these "
            f"files get the {parameters[0]} {folder.resolve().name!r}. Move them into a folder, or "
            "pass a regular expression or a callable.",
            AudioWarning,
            stacklevel=3,
        )


def _is_blank(found: Any) -> bool:
    return not found.strip() if isinstance(found, str) else pd.isna(found) is True


def _is_function(how: How) -> bool:
    return not isinstance(how, str | re.Pattern)


def _shown(how: How) -> str:
    return repr(how.pattern if isinstance(how, re.Pattern) else how)
