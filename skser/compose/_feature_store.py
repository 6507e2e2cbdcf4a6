"""What was computed for which clip: a store on disk that processes share."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import sqlite3
import time
import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser.audio import Audio, Item, Segment
from skser.exceptions import AudioWarning, SkserError
from skser.features import AudioExtractor

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

_KEYS_A_QUERY = 500
_BYTES_A_ROW = 80
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
    A value's key is a hash of what the clip is and of how it was computed. A file is known by
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

    def read(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """Return the values that are there.

        Parameters
        ----------
        keys : sequence of bytes
            From `keys_of`.

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
        with self._connection() as connection:
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
                f"{self.file}: {len(damaged)} values were damaged; they are computed again.",
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
        with self._connection() as connection:
            connection.executemany("INSERT OR REPLACE INTO feature VALUES (?, ?, ?, ?)", rows)
            if _bytes_in_use(connection) > self.max_bytes:
                self._throw_out(connection)

    def keys_of(self, item: Item, members: Sequence[AudioExtractor]) -> list[bytes | None]:
        """Return the key of each member's value; None where it cannot be kept.

        Parameters
        ----------
        item : path, Segment, Audio or ndarray
            A clip.
        members : sequence of AudioExtractor
            Features whose plan is settled.

        Returns
        -------
        keys : list of bytes or None
        """
        clip = _clip_identity(item)
        return [
            None if clip is None or how is None else _digest(clip + how)
            for how in map(_feature_identity, members)
        ]

    def info(self) -> dict[str, Any]:
        """Count what is kept.

        Returns
        -------
        info : dict
            `n_values`, `n_bytes` (of the values), `file_bytes` (on disk) and `file`.
        """
        if not self.file.exists():
            return {"n_values": 0, "n_bytes": 0, "file_bytes": 0, "file": str(self.file)}
        with self._connection() as connection:
            query = "SELECT COUNT(*), TOTAL(LENGTH(value)) FROM feature"
            n_values, n_bytes = connection.execute(query).fetchone()
        return {
            "n_values": n_values,
            "n_bytes": int(n_bytes),
            "file_bytes": self.file.stat().st_size,
            "file": str(self.file),
        }

    def _throw_out(self, connection: sqlite3.Connection) -> None:
        excess = _bytes_in_use(connection) - _TRIMMED_TO * self.max_bytes
        oldest = connection.execute("SELECT key, LENGTH(value) FROM feature ORDER BY used, rowid")
        out = []
        for key, length in oldest:
            if excess <= 0:
                break
            out.append((key,))
            excess -= length + _BYTES_A_ROW
        connection.executemany("DELETE FROM feature WHERE key = ?", out)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction; begin anew where it is damaged.

        Opened each time, for a connection must not be taken along to another process.
        """
        try:
            with closing(self._open()) as connection, connection:
                yield connection
        except sqlite3.OperationalError as error:
            raise self._unusable(error) from error
        except sqlite3.DatabaseError as error:
            self._set_aside(error)
            raise _DamagedError from error

    def _open(self) -> sqlite3.Connection:
        folder = Path(self.folder)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # SQLite gives its side files the mode of the file.
            os.close(os.open(self.file, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise self._unusable(error) from error
        connection = sqlite3.connect(self.file, timeout=_WAIT)
        try:
            connection.execute("PRAGMA synchronous=NORMAL")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == 0:
                self._begin(connection)
            elif version != _VERSION:
                raise SkserError(
                    f"{self.file} was made by another version of skser (store version {version}, "
                    f"here {_VERSION}). Name another folder, or clear_cache this one."
                )
        except (sqlite3.DatabaseError, SkserError):
            connection.close()
            raise
        return connection

    def _begin(self, connection: sqlite3.Connection) -> None:
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

    def _unusable(self, error: Exception) -> SkserError:
        return SkserError(
            f"memory={os.fspath(self.folder)!r} cannot be used as a store ({error}). Is the folder "
            "writable, and on a disk that is not full? Name another one, or memory=None."
        )

    def _set_aside(self, error: Exception) -> None:
        aside = self.file.with_name(f"{_FILE}.damaged-{time.time_ns()}")
        try:
            os.rename(self.file, aside)
        except FileNotFoundError:
            # Another process was quicker.
            return
        for side in ("-wal", "-shm"):
            Path(f"{self.file}{side}").unlink(missing_ok=True)
        warnings.warn(
            f"{self.file} was damaged ({error}). It was set aside as {aside.name}; features are "
            "computed again.",
            AudioWarning,
            stacklevel=2,
        )


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


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


def _clip_identity(item: Item) -> bytes | None:
    match item:
        case Audio(y, sr):
            return _digest(_samples(np.asarray(y)) + repr(float(sr)).encode())
        case np.ndarray():
            return _digest(_samples(item))
        case Segment(path, start, end):
            file = _file_identity(path)
            return None if file is None else file + repr((float(start), float(end))).encode()
        case str() | os.PathLike():
            return _file_identity(item)
        case _:
            return None


def _samples(y: NDArray[Any]) -> bytes:
    return f"{y.dtype.str}{y.shape}".encode() + np.ascontiguousarray(y).tobytes()


def _file_identity(path: str | os.PathLike[str]) -> bytes | None:
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return repr((os.path.realpath(path), stat.st_size, stat.st_mtime_ns)).encode()


def _bytes_in_use(connection: sqlite3.Connection) -> int:
    pragmas = ("page_count", "freelist_count", "page_size")
    pages, free, size = (connection.execute(f"PRAGMA {p}").fetchone()[0] for p in pragmas)
    return int((pages - free) * size)


def _feature_identity(member: AudioExtractor) -> bytes | None:
    """Say how a member computes its values; None if that cannot be told."""
    parameters = member.get_params(deep=False)
    own = {
        name: value
        for name, value in parameters.items()
        # The plan says what these come to.
        if name not in ("sr", "n_fft", "hop_length", "window", "duration")
    }
    try:
        how = {
            "classes": [_class_identity(cls) for cls in type(member).__mro__ if _is_feature(cls)],
            "version": member._version,
            "plan": asdict(member.plan_),
            "n_samples": member.n_samples_,
            "parameters": own,
        }
        return json.dumps(how, sort_keys=True, default=_value_identity).encode()
    except _UnknownError:
        return None


class _UnknownError(Exception):
    """A class or parameter of which cannot be told what it does."""


def _is_feature(cls: type) -> bool:
    return issubclass(cls, AudioExtractor)


def _class_identity(cls: type) -> str:
    """Name a class; of one that is not skser's own, with a hash of its source."""
    name = f"{cls.__module__}.{cls.__qualname__}"
    if cls.__module__.partition(".")[0] == "skser":
        return name
    if cls.__module__ == "__main__":
        # What a script or notebook calls by a name may be something else the next time.
        raise _UnknownError
    try:
        return name + _digest(inspect.getsource(cls).encode()).hex()
    except (OSError, TypeError) as error:
        raise _UnknownError from error


def _value_identity(value: Any) -> Any:
    match value:
        case np.generic():
            return value.item()
        case np.ndarray() if value.dtype != object:
            return [value.dtype.str, list(value.shape), _digest(_samples(value)).hex()]
        case os.PathLike():
            return os.fspath(value)
    raise _UnknownError


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
