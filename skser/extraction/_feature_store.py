"""What was computed for which clip: a store on disk that processes share."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from skser.audio._items import Items
from skser.exceptions import AudioWarning, SkserError
from skser.extraction._identity import identify_clips, identify_feature
from skser.extraction._member import Member

_FILE = "features.sqlite"
_VERSION = 1
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS feature (
    key BLOB PRIMARY KEY, value BLOB NOT NULL, checksum INTEGER NOT NULL, used INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS feature_used ON feature (used);
PRAGMA user_version = {_VERSION};
"""
_WAIT = 60.0
"""Seconds to wait for another process that is writing."""

_FRESH = 3600
"""Seconds for which a value counts as just used: a read should not write every time."""

_CREATING = threading.Lock()
"""Held from a file's creation until it is closed: no thread may have locked it by then."""

_KEYS_A_QUERY = 500
_BYTES_A_ROW = 96
"""What a row takes beside its value, in the table and its indexes."""

_TRIMMED_TO = 0.9
"""Share of the limit that is left when old values are thrown out, so that it happens rarely."""


@dataclass(frozen=True)
class FeatureStore:
    """Values of features by clip, in an SQLite file of a folder.

    For the `memory` of an `AudioFeatureUnion`, which makes one of a path; make one yourself to
    set its size. Values are raw float32 with a checksum, no pickle; every clip is one
    transaction, so that a process that is killed loses at most the clip in hand. A damaged file
    is set aside and begun anew, with a warning.

    Parameters
    ----------
    folder : str
        Where the file is; made if it is not there, readable for its owner only.
    max_bytes : int, default=2**32
        When the file holds more than this, the values not used for longest are thrown out; the
        room they took is used again.

    See Also
    --------
    cache_info : What is in a folder.
    clear_cache : Empty a folder.

    Notes
    -----
    A value's key is two hashes, of what the clip is and of how it was computed. A file is known by
    path, size and time of modification, samples by their content; a feature by its class,
    version, plan and parameters, and the source of classes that are not skser's. What a
    function does cannot be told from outside: features with a callable parameter, such as
    `pooling`, are not kept, nor are those of classes that a script or notebook defines itself.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from skser import RMS, FeatureStore, cache_info, make_audio_union
    >>> clips = np.random.default_rng(0).normal(scale=0.1, size=(3, 22050))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     union = make_audio_union(RMS(), memory=FeatureStore(folder, max_bytes=10**6))
    ...     _ = union.fit_transform(clips)
    ...     cache_info(folder)["n_values"]
    3
    """

    folder: str | os.PathLike[str]
    max_bytes: int = 2**32

    @property
    def file(self) -> Path:
        """Path of the SQLite file."""
        return Path(self.folder) / _FILE

    def keys_of(self, items: Items, members: Sequence[Member]) -> list[list[bytes | None]]:
        """Return the keys under which values are kept.

        Parameters
        ----------
        items : list or ndarray
            Clips.
        members : sequence of Member
            Descriptions of the features.

        Returns
        -------
        keys : list of n_clips lists of bytes or None
            Of each clip, a key for each member; None where a value cannot be kept.
        """
        features = [identify_feature(member) for member in members]
        return [
            [None if clip is None or how is None else clip + how for how in features]
            for clip in identify_clips(items)
        ]

    def opened(self) -> OpenStore:
        """Open the store, to read and write in this process and thread.

        Returns
        -------
        opened : OpenStore
            A context manager.
        """
        return OpenStore(self)

    def info(self) -> dict[str, Any]:
        """Count what is kept.

        Returns
        -------
        info : dict
            `n_values`, `n_bytes` (of the values), `file_bytes` (on disk) and `file`.
        """
        n_values = n_bytes = file_bytes = 0
        if self.file.exists():
            with self.opened() as kept:
                n_values, n_bytes = kept.count()
            file_bytes = self.file.stat().st_size
        return {
            "n_values": n_values,
            "n_bytes": n_bytes,
            "file_bytes": file_bytes,
            "file": str(self.file),
        }


class OpenStore:
    """A store whose file is open; begun anew where the file turns out to be damaged.

    Parameters
    ----------
    store : FeatureStore
    """

    def __init__(self, store: FeatureStore) -> None:
        self._store = store
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()

    def read(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """Return the values that are there.

        Parameters
        ----------
        keys : sequence of bytes
            From `FeatureStore.keys_of`.

        Returns
        -------
        values : dict of bytes to ndarray
            One-dimensional; keys that are not there are left out.
        """
        try:
            return self._read(keys)
        except _DamagedError:
            return {}

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        found: dict[bytes, NDArray[np.float32]] = {}
        stale, damaged = [], []
        now = int(time.time())
        with self._transaction() as connection:
            for start in range(0, len(keys), _KEYS_A_QUERY):
                part = keys[start : start + _KEYS_A_QUERY]
                marks = ",".join("?" * len(part))
                query = f"SELECT key, value, checksum, used FROM feature WHERE key IN ({marks})"
                for key, value, checksum, used in connection.execute(query, part):
                    if zlib.crc32(value) != checksum:
                        damaged.append((key,))
                        continue
                    found[key] = np.frombuffer(value, dtype=np.float32)
                    if used < now - _FRESH:
                        stale.append((now, key))
            if stale:
                connection.executemany("UPDATE feature SET used = ? WHERE key = ?", stale)
            if damaged:
                connection.executemany("DELETE FROM feature WHERE key = ?", damaged)
        if damaged:
            warnings.warn(
                f"{self._store.file}: {len(damaged)} values were damaged; they are computed again.",
                AudioWarning,
                stacklevel=3,
            )
        return found

    def write(self, values: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Keep values, in one transaction.

        Parameters
        ----------
        values : dict of bytes to ndarray
            By key.
        """
        now = int(time.time())
        blobs = {key: value.tobytes() for key, value in values.items()}
        rows = [(key, blob, zlib.crc32(blob), now) for key, blob in blobs.items()]
        try:
            self._write(rows)
        except _DamagedError:
            self._write(rows)

    def _write(self, rows: Sequence[tuple[bytes, bytes, int, int]]) -> None:
        with self._transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO feature VALUES (?, ?, ?, ?)", rows)
            excess = _bytes_in_use(connection) - self._store.max_bytes
            if excess > 0:
                _throw_out(connection, excess + (1 - _TRIMMED_TO) * self._store.max_bytes)

    def count(self) -> tuple[int, int]:
        """Return how many values there are, and how many bytes they take."""
        with self._transaction() as connection:
            query = "SELECT COUNT(*), TOTAL(LENGTH(value)) FROM feature"
            n_values, n_bytes = connection.execute(query).fetchone()
        return n_values, int(n_bytes)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit at the end; set a damaged file aside."""
        try:
            if self._connection is None:
                self._connection = _open(self._store)
            with self._connection:
                yield self._connection
        except sqlite3.OperationalError as error:
            raise _unusable(self._store, error) from error
        except sqlite3.DatabaseError as error:
            self._close()
            _set_aside(self._store.file, error)
            raise _DamagedError from error

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _open(store: FeatureStore) -> sqlite3.Connection:
    try:
        Path(store.folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        with _CREATING:
            _create(store.file)
            connection = sqlite3.connect(store.file, timeout=_WAIT)
    except OSError as error:
        raise _unusable(store, error) from error
    try:
        connection.execute("PRAGMA synchronous=NORMAL")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            _begin(connection)
        elif version != _VERSION:
            raise SkserError(
                f"{store.file} was made by another version of skser (store version {version}, "
                f"here {_VERSION}). Name another folder, or clear_cache this one."
            )
    except (sqlite3.DatabaseError, SkserError):
        connection.close()
        raise
    return connection


def _create(file: Path) -> None:
    """Make an empty file for its owner only; SQLite gives its side files the mode of the file.

    Never open a file that is there: on closing it, the system drops the locks that SQLite holds
    on it for other threads of this process, and processes then write at once.
    """
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if not file.is_file():
            raise


def _begin(connection: sqlite3.Connection) -> None:
    """Make the table. SQLite does not wait for others before it turns to WAL: we do."""
    until = time.monotonic() + _WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.05)


def _unusable(store: FeatureStore, error: Exception) -> SkserError:
    return SkserError(
        f"memory={os.fspath(store.folder)!r} cannot be used as a store ({error}). Is the folder "
        "writable, and on a disk that is not full? Name another one, or memory=None."
    )


def _set_aside(file: Path, error: Exception) -> None:
    if not _is_damaged(file):
        # Another process has begun it anew.
        return
    aside = file.with_name(f"{_FILE}.damaged-{time.time_ns()}")
    try:
        os.rename(file, aside)
    except FileNotFoundError:
        # Another process was quicker.
        return
    for side in ("-wal", "-shm"):
        Path(f"{file}{side}").unlink(missing_ok=True)
    warnings.warn(
        f"{file} was damaged ({error}). It was set aside as {aside.name}; features are "
        "computed again.",
        AudioWarning,
        stacklevel=2,
    )


def _is_damaged(file: Path) -> bool:
    connection = sqlite3.connect(file, timeout=_WAIT)
    try:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError:
        # It could not be read, which says nothing of what is in it.
        return False
    except sqlite3.DatabaseError:
        return True
    finally:
        connection.close()
    return bool(found != "ok")


def _throw_out(connection: sqlite3.Connection, n_bytes: float) -> None:
    """Remove the values that were not used for longest."""
    oldest = connection.execute("SELECT key, LENGTH(value) FROM feature ORDER BY used, rowid")
    out = []
    for key, length in oldest:
        if n_bytes <= 0:
            break
        out.append((key,))
        n_bytes -= length + _BYTES_A_ROW
    connection.executemany("DELETE FROM feature WHERE key = ?", out)


def _bytes_in_use(connection: sqlite3.Connection) -> int:
    pragmas = ("page_count", "freelist_count", "page_size")
    pages, free, size = (connection.execute(f"PRAGMA {p}").fetchone()[0] for p in pragmas)
    return int((pages - free) * size)


class _DamagedError(SkserError):
    """The file turned out to be damaged while it was used, and was set aside."""


def cache_info(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """Count what the store in a folder holds.

    Parameters
    ----------
    folder : str or os.PathLike
        The `memory` of a union.

    Returns
    -------
    info : dict
        `n_values`, `n_bytes` (of the values), `file_bytes` (on disk) and `file`.

    Examples
    --------
    >>> from skser import cache_info
    >>> cache_info("no-such-folder")["n_values"]
    0
    """
    return FeatureStore(folder).info()


def clear_cache(folder: str | os.PathLike[str]) -> None:
    """Remove the store in a folder, and damaged files that were set aside.

    Parameters
    ----------
    folder : str or os.PathLike
        The `memory` of a union; other files in it stay.

    Examples
    --------
    >>> from skser import clear_cache
    >>> clear_cache("no-such-folder")
    """
    for file in Path(folder).glob(f"{_FILE}*"):
        file.unlink(missing_ok=True)


def as_store(memory: str | os.PathLike[str] | FeatureStore | None) -> FeatureStore | None:
    """Make a store of the `memory` of a union.

    Parameters
    ----------
    memory : str, os.PathLike, FeatureStore or None
        A folder, or a store.

    Returns
    -------
    store : FeatureStore or None
    """
    if memory is None or isinstance(memory, FeatureStore):
        return memory
    return FeatureStore(memory)
