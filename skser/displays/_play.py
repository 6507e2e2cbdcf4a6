from __future__ import annotations

from typing import Any

import numpy as np

from skser.audio._base import DEFAULT_SR
from skser.audio._items import Item
from skser.audio._load import read_clip


def play(item: Item, *, sr: float = DEFAULT_SR) -> Any:
    """Create an audio player for a clip in a notebook.

    The clip is played at its recorded level, unless it exceeds full scale.

    Parameters
    ----------
    item : path, Segment, Audio or ndarray of shape (n_samples,)
        Clip to play; channels are averaged.
    sr : float, default=22050
        Sample rate in Hz of a clip that is an array.

    Returns
    -------
    player : IPython.display.Audio
        Player, which a notebook shows if it is the last value of a cell.

    Raises
    ------
    AudioError
        If the clip cannot be read.
    ImportError
        If IPython is not installed.

    Examples
    --------
    >>> from skser import Segment, play
    >>> play(Segment("interview.wav", 12.5, 14.0))  # doctest: +SKIP
    """
    try:
        from IPython.display import Audio as Player
    except ImportError as error:
        raise ImportError(
            "play needs IPython, which comes with Jupyter: pip install ipython. Outside of a "
            "notebook, open the file in any audio player."
        ) from error
    y, own_sr = read_clip(item, sr)
    return Player(y / max(1.0, np.abs(y).max()), rate=round(own_sr), normalize=False)
