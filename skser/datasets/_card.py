"""The facts known about a corpus before any of its files is opened."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Archive(NamedTuple):
    """A file to download; `known_hash` is in pooch's form ("md5:..."), or None if unknown."""

    url: str
    known_hash: str | None = None


@dataclass(frozen=True, kw_only=True)
class CorpusCard:
    """Source, terms, size and known faults of a corpus."""

    name: str
    title: str
    url: str
    licence: str
    bibtex: str
    languages: tuple[str, ...]
    n_speakers: int
    counts: Mapping[str, int]
    """Number of clips of each class in the full corpus."""
    file_names: str
    faults: tuple[str, ...]
    how_to_get: str
    archives: tuple[Archive, ...] = ()

    @property
    def acronym(self) -> str:
        """The name of the corpus as it is commonly written."""
        return self.title.partition(":")[0]

    @property
    def n_clips(self) -> int:
        """Number of clips in the full corpus."""
        return sum(self.counts.values())

    def render(self, n_clips: int, n_speakers: int, n_passed_over: int) -> str:
        """Format the card, with the numbers of clips and speakers found, for ``Bunch.DESCR``."""
        classes = ", ".join(f"{name} {count}" for name, count in self.counts.items())
        fields = {
            "Clips": f"{n_clips} ({self.n_clips} in the full corpus)",
            "Speakers": f"{n_speakers} ({self.n_speakers} in the full corpus)",
            "Classes": f"{classes} (in the full corpus)",
            "Languages": ", ".join(self.languages),
            "Licence": self.licence,
            "Source": self.url,
            "File names": self.file_names,
            "Skipped": f"{n_passed_over} audio files with other names",
        }
        lines = [self.title, "-" * len(self.title), ""]
        lines += [_wrap(f":{name}: {text}", "  ") for name, text in fields.items()]
        lines += ["", "Known faults:", ""]
        lines += [_wrap(f"- {fault}", "  ") for fault in self.faults or ("none known",)]
        lines += ["", "Please cite::", "", textwrap.indent(self.bibtex.strip(), "    "), ""]
        return "\n".join(lines)


def _wrap(text: str, indent: str) -> str:
    return textwrap.fill(
        text, 98, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
