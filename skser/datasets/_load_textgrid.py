from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sklearn.utils import Bunch

from skser.datasets._annotations import (
    AnnotationFile,
    Files,
    Interval,
    Tier,
    corpus_from_annotations,
)
from skser.datasets._emotions import Emotions
from skser.datasets._import_pympi import import_pympi
from skser.exceptions import AudioError


def load_textgrid(
    files: Files,
    *,
    tier: str | Sequence[str] = "emotion",
    speaker_tier: str | None = None,
    audio: str | os.PathLike[str] | None = None,
    map_labels: Mapping[Any, str | None] | None = None,
    emotions: Emotions = "given",
    name: str | None = None,
) -> Bunch:
    """Load the labelled intervals of long recordings from TextGrids, Praat's annotation files.

    This function needs pympi-ling (MIT licence): ``pip install 'skser[annotations]'``.

    Parameters
    ----------
    files : str, os.PathLike or sequence of such
        A TextGrid in the long or short text format or the binary format, a list of files, or a
        folder, from which all ``*.TextGrid`` files are read, including those in subfolders.
    tier : str or sequence of str, default="emotion"
        Interval tier whose text is the label, or several such tiers; each file must have at least
        one of them. Intervals without text are left out and counted.
    speaker_tier : str, default=None
        Interval tier whose text is the speaker. A labelled interval is assigned to the speaker who
        speaks longest during it; if nobody speaks, or two people speak equally long, it is left out
        with a warning. If None, the speakers are unknown, and ``groups`` is None.
    audio : str or os.PathLike, default=None
        Folder of the recordings, or the recording of a single file. If None, the folder of each
        annotation file is used. A recording has the name of its TextGrid with the suffix of an
        audio file.
    map_labels : dict, default=None
        Mapping from labels, as given or by their common names, to emotions. Intervals whose label
        is mapped to None are left out.
    emotions : {"given", "canonical"}, default="given"
        How to name the emotions. "given" keeps the labels as they are. "canonical" replaces each
        label by its name in the common vocabulary, if it has one ("anger" and "Angry" become
        "angry").
    name : str, default=None
        Name of the corpus. If None, the name of the file is used, or that of the first file's
        folder if there are several.

    Returns
    -------
    corpus : Bunch
        data, target, target_names, groups, frame and DESCR, as returned by `load_ravdess`; data
        contains a `Segment` for each labelled interval. The columns ``tier`` and ``annotation`` of
        the frame name the source of each interval, and ``skipped`` counts the intervals that were
        left out.

    Raises
    ------
    AudioError
        If a file cannot be read, lacks a tier, has invalid times or ends after its recording, if
        the recording is not found, or if no interval has a label.
    ImportError
        If pympi-ling is not installed.

    Warns
    -----
    AudioWarning
        If intervals are left out because nobody speaks during them or two people speak equally
        long.

    See Also
    --------
    load_elan : Load ELAN annotations.
    timeline : Compute predictions over time, which can be saved as a TextGrid.

    Examples
    --------
    >>> from skser import load_textgrid
    >>> corpus = load_textgrid("interviews", tier="emotion",
    ...                        speaker_tier="speaker")  # doctest: +SKIP
    """
    read = _Reader(import_pympi("load_textgrid"))
    return corpus_from_annotations(
        files,
        read,
        ".TextGrid",
        tier=tier,
        speaker_tier=speaker_tier,
        audio=audio,
        map_labels=map_labels,
        emotions=emotions,
        name=name,
    )


class _Reader:
    def __init__(self, pympi: Any) -> None:
        self._pympi = pympi

    def __call__(self, path: Path) -> AnnotationFile:
        """Read a TextGrid."""
        with open(path, "rb") as file:
            head = file.read(200)
        codec = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        start = head.replace(b"\0", b"")
        is_binary = start.startswith(b"ooBinaryFile")
        if not (is_binary or b"ooTextFile" in start) or b"TextGrid" not in start:
            raise AudioError(
                f"{str(path)!r} is not a TextGrid: its header does not say so. Save it in Praat as "
                "a text file or as a short text file."
            )
        try:
            grid = self._pympi.TextGrid(str(path), codec=codec)
        except UnicodeDecodeError as error:
            raise AudioError(
                f"{str(path)!r} is neither in UTF-8 nor in UTF-16 ({error}). Save it again in "
                "Praat, with the text writing preference UTF-8."
            ) from error
        # The errors that pympi raises for damaged files have no common base class.
        except Exception as error:
            raise AudioError(
                f"{str(path)!r} is a damaged TextGrid and cannot be read ({error!r}). Save it "
                "again in Praat."
            ) from error
        return AnnotationFile([_tier(tier) for tier in grid.tiers], [])


def _tier(tier: Any) -> Tier:
    if tier.tier_type != "IntervalTier":
        return Tier(tier.name, None)
    return Tier(tier.name, [Interval(*interval) for interval in tier.intervals])
