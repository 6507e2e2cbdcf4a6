"""Search names for a regular expression, with a time limit."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence

from skser.datasets import _find_in_names
from skser.exceptions import AudioError, SkserError

_SECONDS = 10.0
_SECONDS_PER_NAME = 0.001


def search_names(
    pattern: re.Pattern[str], group: int | str, names: Sequence[str], what: str
) -> list[str | None]:
    """Return the match of a group in each name, or None if it matches nothing.

    The search runs in a separate process. Nested repetitions can take practically forever, and `re`
    holds the interpreter's lock meanwhile, so no thread could stop the search.

    Parameters
    ----------
    pattern : re.Pattern
        Regular expression to search for.
    group : int or str
        Group of the expression to return.
    names : sequence of str
        Texts to search.
    what : str
        Name of the parameter that the pattern comes from, for messages.

    Returns
    -------
    found : list of str or None
        Match in each name.

    Raises
    ------
    AudioError
        If the search takes longer than 10 s plus 1 ms for each name.
    """
    # With re.DEBUG, the program would print more than its results.
    task = (pattern.pattern, pattern.flags & ~re.DEBUG, group, list(names))
    if getattr(sys, "frozen", False) or not sys.executable:
        # There is no interpreter to start: sys.executable is the application itself.
        return list(_find_in_names.find_in_names(*task))
    seconds = _SECONDS + _SECONDS_PER_NAME * len(names)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", _find_in_names.__file__],
            input=json.dumps([seconds, *task]).encode(),
            capture_output=True,
            timeout=seconds,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        n_done = (error.stdout or b"").count(b"\n")
        last = names[min(n_done, len(names) - 1)]
        raise AudioError(
            f"{what}={pattern.pattern!r}: the search in {len(names)} paths did not end within "
            f"{seconds:.3g} s and was stopped at {last!r}. Nested repetitions such as '(a+)+' take "
            "very long. Simplify the expression, or pass a callable."
        ) from error
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", b"").decode(errors="replace").strip() or error
        raise SkserError(
            f"{what}={pattern.pattern!r} could not be searched for with {sys.executable!r} "
            f"({reason}). Pass a callable instead."
        ) from error
    return [json.loads(line) for line in done.stdout.splitlines()]
