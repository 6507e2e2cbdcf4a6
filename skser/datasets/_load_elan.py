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
    """Load the labelled intervals of long recordings from ELAN annotations.

    This function needs pympi-ling (MIT licence): ``pip install 'skser[annotations]'``.

    Parameters
    ----------
    files : str, os.PathLike or sequence of such
        An .eaf file, a list of files, or a folder, from which all ``*.eaf`` files are read,
        including those in subfolders.
    tier : str or sequence of str, default="emotion"
        Tier whose annotations are the labels, or several such tiers, for example one for each
        speaker; each file must have at least one of them. An annotation that refers to another one
        has the times of the latter. Annotations without text are left out and counted.
    speaker_tier : str, default=None
        Tier whose annotations name the speaker. A label is assigned to the speaker who speaks
        longest during it; if nobody speaks, or two people speak equally long, it is left out with a
        warning. If None, the speaker is the participant of the label's tier, if the tier has one.
    audio : str or os.PathLike, default=None
        Folder of the recordings, or the recording of a single file. If None, the folder of each
        annotation file is used. A recording is found by the name of the media file that ELAN links,
        whatever its folder, or else by the name of the .eaf file with the suffix of an audio file.
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
        contains a `Segment` for each label. The columns ``tier`` and ``annotation`` of the frame
        name the source of each label, and ``skipped`` counts the annotations that were left out.

    Raises
    ------
    AudioError
        If a file cannot be read, lacks a tier, has invalid times or ends after its recording, if
        the recording is not found, or if no annotation has a label.
    ImportError
        If pympi-ling is not installed.

    Warns
    -----
    AudioWarning
        If annotations are left out because nobody speaks during them or two people speak equally
        long; or if only some have a participant, so that ``groups`` is None.

    See Also
    --------
    load_textgrid : Load Praat annotations.

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
        # The errors that pympi raises for damaged files have no common base class.
        except Exception as error:
            raise AudioError(
                f"{str(path)!r} cannot be read as an ELAN annotation file ({error!r}). Open it in "
                "ELAN and save it again."
            ) from error
        return AnnotationFile(tiers, [name for name in recordings if name])


def _tier(eaf: Any, name: str) -> Tier:
    aligned, referring, attributes, _ = eaf.tiers[name]
    texts = {key: text for key, (_, text, *_) in referring.items()}
    texts |= {key: text for key, (_, _, text, _) in aligned.items()}
    intervals = sorted(Interval(*_times(eaf, key), text) for key, text in texts.items())
    return Tier(name, intervals, (attributes.get("PARTICIPANT") or "").strip() or None)


def _times(eaf: Any, key: str) -> tuple[float, float]:
    """Return start and end in seconds, if necessary from the annotation referred to; or NaN."""
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
