"""Order of the lessons in the gallery: a newcomer's, from recordings to a table for a thesis."""

from __future__ import annotations

LESSONS = [
    "own_recordings",
    "protocols",
    "incremental_selection",
    "feature_importance",
    "voice_by_emotion",
    "network",
    "fusion",
    "knowing_the_speaker",
    "across_corpora",
    "what_a_model_listens_to",
    "timeline",
    "table_for_a_thesis",
]


class LessonOrder:
    """Sort key of an example: its place in `LESSONS`, and the name of its file.

    Parameters
    ----------
    src_dir : str
        Folder of the examples.
    """

    def __init__(self, src_dir: str) -> None:
        self.src_dir = src_dir

    def __call__(self, filename: str) -> tuple[int, str]:
        """Return the key of one file."""
        name = filename.removeprefix("plot_").removesuffix(".py")
        return (LESSONS.index(name) if name in LESSONS else len(LESSONS), name)
