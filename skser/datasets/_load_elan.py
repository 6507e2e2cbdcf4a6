from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

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


def load_elan(
    files: Files,
    *,
    tier: str | Sequence[str] = "emotion",
    speaker_tier: str | None = None,
    audio: str | os.PathLike[str] | None = None,
    map_labels: Mapping[Any, str | None] | None = None,
    emotions: Emotions = "given",
    name: str | None = None,
) -> Bunch:
    """Load the labelled intervals of long recordings from the annotations of ELAN.

    Needs ``pip install 'skser[annotations]'``, which brings pympi-ling (MIT licence).

    Parameters
    ----------
    files : str, os.PathLike or sequence of such
        An .eaf file; a folder, in which and below which all files ``*.eaf`` are taken; or a list
        of files.
    tier : str or sequence of str, default="emotion"
        Tier whose annotations are labels, or several such tiers, as of one for each speaker, of
        which each file has one at least. An annotation that refers to another one has its time.
        Annotations without text are left out and counted.
    speaker_tier : str, default=None
        Tier whose annotations name the speaker. A label belongs to the speaker who speaks longest
        during it; where nobody does, or two do equally long, it is left out, and a warning says
        so. None: the speaker is the participant of the label's tier, if ELAN knows one.
    audio : str or os.PathLike, default=None
        Folder of the recordings, or the recording of a single file. None: the folder of each
        file. A recording has the name of the media file that ELAN linked, whatever folder it was
        in then; else the name of the .eaf file, and the suffix of a sound file.
    map_labels : dict, default=None
        From label, as it is or by its common name, to emotion; None as the emotion leaves a
        label's intervals out.
    emotions : {"given", "canonical"}, default="given"
        Names of the emotions. "given": the labels as they are. "canonical": their names in the
        common vocabulary, where they have one ("anger" and "Angry" become "angry").
    name : str, default=None
        Name of the corpus. None: that of the file, or of the first file's folder.

    Returns
    -------
    corpus : Bunch
        data, target, target_names, groups, frame and DESCR, as from `load_ravdess`; data holds a
        `Segment` for each label. The frame says in the columns ``tier`` and ``annotation`` where
        each comes from, and ``skipped`` counts what was left out.

    Raises
    ------
    AudioError
        If a file cannot be read, lacks a tier, has invalid times, or ends after its recording; if
        the recording is not found; or if no annotation has a label.
    ImportError
        If pympi-ling is not installed.

    Warns
    -----
    AudioWarning
        If annotations are left out because nobody speaks during them, or two people equally long;
        or if some have a participant and others none, so that ``groups`` is None.

    See Also
    --------
    load_textgrid : Loads annotations of Praat.

    Examples
    --------
    >>> from skser import load_elan
    >>> corpus = load_elan("interviews", tier=["emotion@A", "emotion@B"])  # doctest: +SKIP
    """
    read = _Reader(import_pympi("load_elan"))
    return corpus_from_annotations(
        files,
        read,
        ".eaf",
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
        """Read an .eaf file."""
        try:
            eaf = self._pympi.Eaf(str(path.absolute()), suppress_version_warning=True)
            tiers = [_tier(eaf, name) for name in eaf.tiers]
            recordings = [_file_name(media) for media in eaf.media_descriptors]
        # What a damaged file makes pympi raise has no common class.
        except Exception as error:
            raise AudioError(
                f"{str(path)!r} cannot be read as annotations of ELAN ({error!r}). Open it in ELAN "
                "and save it again."
            ) from error
        return AnnotationFile(tiers, [name for name in recordings if name])


def _tier(eaf: Any, name: str) -> Tier:
    aligned, referring, attributes, _ = eaf.tiers[name]
    texts = {key: text for key, (_, text, *_) in referring.items()}
    texts |= {key: text for key, (_, _, text, _) in aligned.items()}
    intervals = sorted(Interval(*_times(eaf, key), text) for key, text in texts.items())
    return Tier(name, intervals, (attributes.get("PARTICIPANT") or "").strip() or None)


def _times(eaf: Any, key: str) -> tuple[float, float]:
    """Return start and end in seconds, if need be of what an annotation refers to; or NaN."""
    for _ in eaf.annotations:
        aligned, referring, *_ = eaf.tiers[eaf.annotations[key]]
        if key in aligned:
            start, end = (eaf.timeslots[slot] for slot in aligned[key][:2])
            nan = float("nan")
            return nan if start is None else start / 1000, nan if end is None else end / 1000
        key = referring[key][0]
    raise ValueError(f"annotations refer to each other in a circle: {key}")


def _file_name(media: Any) -> str:
    url = media.get("RELATIVE_MEDIA_URL") or media.get("MEDIA_URL") or ""
    return PurePosixPath(unquote(url).replace("\\", "/")).name
