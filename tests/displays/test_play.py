import sys
from types import ModuleType

import numpy as np
import pytest

from skser import Audio, play


@pytest.fixture
def tone():
    return Audio(0.5 * np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000), 16000)


@pytest.fixture
def player(monkeypatch):
    """Stand in for IPython, which a test need not have, and keep what it is given."""
    display = ModuleType("IPython.display")
    display.Audio = lambda data, **kwargs: {"data": data, **kwargs}
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)


def test_it_plays_samples_as_loud_as_they_are(player, tone):
    given = play(tone)
    np.testing.assert_allclose(given["data"], tone.y, atol=1e-6)
    assert (given["rate"], given["normalize"]) == (16000, False)


def test_samples_beyond_full_scale_are_scaled(player):
    assert np.abs(play(np.array([0.5, -4.0]))["data"]).tolist() == [0.125, 1.0]


def test_without_ipython_it_says_how_to_get_it(monkeypatch, tone):
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    with pytest.raises(ImportError, match="pip install ipython"):
        play(tone)
