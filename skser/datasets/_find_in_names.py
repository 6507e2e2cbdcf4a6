"""Search names for a regular expression.

This file is also a program that `search_names` runs. It imports only the standard library, reads a
task from stdin, and writes a line for each name as soon as it has been searched.
"""

from __future__ import annotations

import faulthandler
import json
import re
import sys
from collections.abc import Iterable, Iterator


def find_in_names(
    pattern: str, flags: int, group: int | str, names: Iterable[str]
) -> Iterator[str | None]:
    """Yield the match of the group in each name; None if nothing matches or the match is empty."""
    compiled = re.compile(pattern, flags)
    for name in names:
        found = compiled.search(name)
        yield None if found is None else found[group] or None


if __name__ == "__main__":
    seconds, *task = json.load(sys.stdin)
    # Nothing else ends a search that is stuck if the process that started it has died.
    faulthandler.dump_traceback_later(2 * seconds, exit=True)
    for result in find_in_names(*task):
        print(json.dumps(result), flush=True)
