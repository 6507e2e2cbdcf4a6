"""Leave out clips that cannot be read, and list all of them at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sklearn.utils import Bunch

from skser.cli._options import OnError
from skser.cli._output import say
from skser.datasets import subset_corpus
from skser.datasets._drop_unreadable import without_place
from skser.exceptions import AudioError


def usable_clips(corpus: Bunch, failures: Mapping[int, AudioError], on_error: OnError) -> Bunch:
    """Leave out the clips that cannot be used, and print which and why.

    Parameters
    ----------
    corpus : Bunch
        Any corpus.
    failures : mapping
        Errors by the position of the clip.
    on_error : OnError
        Whether to raise an error after all clips have been listed.

    Returns
    -------
    usable : Bunch
        The corpus without these clips.

    Raises
    ------
    AudioError
        If unusable clips are an error, or no clip is left.
    """
    if not failures:
        return corpus
    n_clips = len(corpus.data)
    counted = f"{len(failures)} of {n_clips} clip{'s' if n_clips > 1 else ''} could not be read"
    listed = "\n".join(f"  {without_place(failures[place], place)}" for place in sorted(failures))
    if on_error is OnError.raise_ or len(failures) == n_clips:
        say(f"{counted}:\n{listed}")
        them = "it" if len(failures) == 1 else "them"
        way_out = ", or pass --on-error skip" if len(failures) < n_clips else ""
        raise AudioError(f"{counted}, as listed above. Replace or remove {them}{way_out}.")
    say(f"{counted} and {'was' if len(failures) == 1 else 'were'} left out:\n{listed}")
    return subset_corpus(corpus, np.setdiff1d(np.arange(n_clips), [*failures]))
