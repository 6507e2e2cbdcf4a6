"""A store on disk, shared by processes, of the values that were computed for each clip."""

from __future__ import annotations

import os
import re
import sqlite3
import struct
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import lru_cache
from numbers import Real
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from skser.exceptions import AudioWarning, SkserError

_FORMAT = 2
_APPLICATION = 0x736B7372
"""Number in the file's header, "sksr", that distinguishes a store from other SQLite files."""

_NAME = re.compile(r"(skser-features-v\d+-(\d+)\.sqlite)(?:-wal|-shm|-journal)?")
_SIDES = ("-shm", "-wal", "-journal")
_FORMAT_1 = "features.sqlite"
_FORMAT_1_SET_ASIDE = re.compile(r"features\.sqlite\.damaged-\d{19}")

_TABLE = """\
CREATE TABLE feature (
    key BLOB PRIMARY KEY, value BLOB NOT NULL, shape BLOB NOT NULL, checksum INTEGER NOT NULL,
    used INTEGER NOT NULL
)"""
_TABLE_OF_FORMAT_1 = """\
CREATE TABLE feature (
    key BLOB PRIMARY KEY, value BLOB NOT NULL, checksum INTEGER NOT NULL, used INTEGER NOT NULL
)"""
_SCHEMA = f"""
BEGIN IMMEDIATE;
{_TABLE.replace("TABLE", "TABLE IF NOT EXISTS", 1)};
CREATE INDEX IF NOT EXISTS feature_used ON feature (used);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_FORMAT};
COMMIT;
"""
_DTYPE = np.dtype("<f4")

_WAIT = 60.0
"""Seconds to wait for another process that is writing."""

_FRESH = 3600
"""Seconds for which a value counts as recently used, so that not every read has to write."""

_ATTEMPTS = 5
"""Number of times an operation is attempted if the file turns out to be damaged or removed."""

_CREATING = threading.Lock()
"""Lock held from a file's creation until it is closed, before any thread can have locked it."""

_KEYS_A_QUERY = 500
_BYTES_A_ROW = 112
"""Number of bytes that a row takes in addition to its value, in the table and its indexes."""

_TRIMMED_TO = 0.9
"""Fraction of the limit that remains after removing old values, so that this happens rarely."""

_NOT_DAMAGE = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_AUTH,
    }
)
"""Codes of errors that are caused by the environment of the file. The statements of this module
are always the same, so any other error, even of syntax, means that the file is damaged."""

_NO_WRITING = frozenset({sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})

_Row = tuple[bytes, bytes, bytes, int, int]
_T = TypeVar("_T")


@dataclass(frozen=True)
class FeatureStore:
    """Cache of the values of features for each clip, in an SQLite file in a folder.

    An `AudioFeatureUnion` creates one if its `memory` is a path; create one yourself to set its
    size. Values are stored as raw float32 with a checksum, without pickle. Every clip is one
    transaction, so that a process that is killed loses at most the current clip. If a file is
    damaged, it is set aside, a new one is created, and a warning is issued. A store that cannot be
    written to, for example on a read-only disk, can still be read; a warning says that the values
    it does not contain are computed each time.

    Parameters
    ----------
    folder : str or os.PathLike
        Folder of the file. It is created if it does not exist, and readable by its owner only.
    max_bytes : int, default=2**32
        Maximum size of the file in bytes. If the file is larger, the least recently used values
        are removed, and their space is used again.

    Raises
    ------
    ValueError
        If `folder` is not a valid name, or `max_bytes` is not positive.

    See Also
    --------
    cache_info : Count the values in a folder.
    clear_cache : Remove the store in a folder.

    Notes
    -----
    The key of a value consists of two hashes, one of the clip and one of the computation. A file is
    identified by path, size and modification time, samples by their content. A feature is
    identified by its class, version, plan and parameters, and by the code that computes it. For
    this code, the key contains the versions of Python, skser, NumPy, SciPy, librosa, soxr,
    soundfile and libsndfile, and a hash of the modules of skser that compute values. For a class
    that is not part of skser, it also contains the source of the module of the class and of its
    bases, the source of all modules that these import from the same package or from a place where
    nothing is installed, and the versions of all other packages that they import.

    Values whose computation cannot be identified are not stored: those of features with a callable
    parameter, such as `pooling`; of classes that are defined in a script, a notebook or a function;
    and of classes whose modules have no source, run code from strings, import by computed names, or
    were edited after they were imported. Data that a module reads by itself, such as a file of
    weights, is not tracked: make its `pathlib.Path` a parameter.

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

    def __post_init__(self) -> None:
        if "\0" in os.fsdecode(self.folder):
            raise ValueError(
                f"memory={os.fspath(self.folder)!r} contains a null character, which is not "
                "allowed in the name of a folder. Use another name, or memory=None."
            )
        if not (isinstance(self.max_bytes, Real) and self.max_bytes > 0):
            raise ValueError(
                f"max_bytes={self.max_bytes!r} must be a positive number, such as 2**30 for one "
                "gigabyte. To keep no values, pass memory=None to the union."
            )

    @property
    def file(self) -> Path:
        """Path of the SQLite file in use: the last one if earlier ones were damaged."""
        generation = 1
        while os.path.exists(self._name(generation + 1)):
            generation += 1
        return Path(self._name(generation))

    def _name(self, generation: int) -> str:
        # A name is not reused after its file was found to be damaged. SQLite finds the log of a
        # file by name, and a process that still has the old file open must not find a new log.
        return os.path.join(self.folder, f"skser-features-v{_FORMAT}-{generation}.sqlite")

    def _opened(self) -> OpenStore:
        """Open the store for reading and writing in this process and thread."""
        return OpenStore(self)

    def info(self) -> dict[str, Any]:
        """Count the values in the store.

        Returns
        -------
        info : dict
            `n_values`, `n_bytes` (of the values), `file_bytes` (on disk) and `file`.
        """
        n_values = n_bytes = file_bytes = 0
        if self.file.exists():
            with self._opened() as kept:
                n_values, n_bytes = kept.count()
            with suppress(FileNotFoundError):
                file_bytes = self.file.stat().st_size
        return {
            "n_values": n_values,
            "n_bytes": n_bytes,
            "file_bytes": file_bytes,
            "file": str(self.file),
        }


class OpenStore:
    """A store whose file is open; a file that turns out to be damaged is replaced by a new one.

    Parameters
    ----------
    store : FeatureStore
        Store to open.
    """

    def __init__(self, store: FeatureStore) -> None:
        self._store = store
        self._connection: sqlite3.Connection | None = None
        self._file = Path()
        self._inode: tuple[int, int] | None = None
        # Reason why nothing can be written; None if the file is writable.
        self._read_only: Exception | None = None
        # Whether the file is damaged and no new one can be created.
        self._lost = False
        self._told = False

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
        """Return the values that the store contains.

        Parameters
        ----------
        keys : sequence of bytes
            Keys from `keys_of`.

        Returns
        -------
        values : dict of bytes to ndarray
            Arrays with the shapes in which they were written; missing keys are left out.
        """
        return self._run(lambda connection: self._read(connection, keys), {})

    def write(self, values: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Write values in one transaction.

        Parameters
        ----------
        values : dict of bytes to ndarray
            Arrays of any shape, by key.
        """
        now = int(time.time())
        rows = [_row(key, value, now) for key, value in values.items()]
        self._run(lambda connection: self._write(connection, rows), None)

    def count(self) -> tuple[int, int]:
        """Return the number of values, and the number of bytes that they take."""
        query = "SELECT COUNT(*), TOTAL(LENGTH(value)) FROM feature"
        n_values, n_bytes = self._run(lambda c: c.execute(query).fetchone(), (0, 0))
        return n_values, int(n_bytes)

    def _read(
        self, connection: sqlite3.Connection, keys: Sequence[bytes]
    ) -> dict[bytes, NDArray[np.float32]]:
        found: dict[bytes, NDArray[np.float32]] = {}
        stale, damaged = [], []
        now = int(time.time())
        long_ago = now - _FRESH
        for start in range(0, len(keys), _KEYS_A_QUERY):
            part = keys[start : start + _KEYS_A_QUERY]
            marks = ",".join("?" * len(part))
            query = f"SELECT key, value, shape, checksum, used FROM feature WHERE key IN ({marks})"
            for key, value, shape, checksum, used in connection.execute(query, part):
                try:
                    if used < long_ago:
                        stale.append((now, key))
                    dimensions, seed = _unpack(shape)
                    intact = crc32(value, crc32(key, seed)) == checksum
                except (TypeError, struct.error):
                    # The row contains a number instead of bytes, or too few bytes.
                    intact = False
                if intact:
                    found[key] = np.ndarray(dimensions, _DTYPE, value)
                else:
                    damaged.append((key,))
        if (stale or damaged) and self._read_only is None:
            _note(connection, stale, damaged)
        if damaged:
            warnings.warn(
                f"{self._file}: {len(damaged)} values were damaged and are computed again.",
                AudioWarning,
                stacklevel=5,
            )
        return found

    def _write(self, connection: sqlite3.Connection, rows: Sequence[_Row]) -> None:
        if self._read_only is not None:
            if _code(self._read_only) & 0xFF not in _NO_WRITING:
                raise _unusable(self._store, self._read_only) from self._read_only
            self._tell(f"{self._file} cannot be written to ({self._read_only}).", stacklevel=6)
            return
        with connection:
            connection.executemany("INSERT OR REPLACE INTO feature VALUES (?, ?, ?, ?, ?)", rows)
            excess = _bytes_in_use(connection, self._store.max_bytes) - self._store.max_bytes
            if excess > 0:
                _throw_out(connection, excess + (1 - _TRIMMED_TO) * self._store.max_bytes)

    def _run(self, operation: Callable[[sqlite3.Connection], _T], otherwise: _T) -> _T:
        """Run an operation, and repeat it in the next file if this one turns out to be damaged."""
        for _ in range(_ATTEMPTS):
            if self._lost:
                return otherwise
            try:
                if self._connection is None:
                    self._connection = self._open()
                return operation(self._connection)
            except sqlite3.ProgrammingError:
                raise
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                # UnicodeDecodeError: SQLite's message may quote bytes that are not valid text.
                if not self._is_damage(error):
                    raise _unusable(self._store, error) from error
                self._leave(error)
        raise SkserError(
            f"{self._file} was damaged or removed {_ATTEMPTS} times in a row. Check the disk, use "
            "another folder, or pass memory=None."
        )

    def _open(self) -> sqlite3.Connection:
        for _ in range(_ATTEMPTS):
            try:
                Path(self._store.folder).mkdir(mode=0o700, parents=True, exist_ok=True)
                self._file = self._store.file
                with _CREATING:
                    created = _create(self._file)
                self._inode = _inode(self._file)
            except OSError as error:
                raise _unusable(self._store, error) from error
            try:
                connection = self._connect()
            except SkserError:
                if _inode(self._file) == self._inode:
                    raise
                # Another process has removed it in the meantime.
                continue
            # SQLite has opened the log by name; make sure that it is the log of this file.
            if _inode(self._file) == self._inode is not None:
                if created:
                    _mention_format_1(self._store)
                return connection
            connection.close()
        raise _unusable(self._store, FileNotFoundError(f"{self._file} is removed repeatedly"))

    def _connect(self) -> sqlite3.Connection:
        """Open the file for reading and writing or, if that fails, for reading only."""
        self._read_only = None
        if _is_writable(self._file):
            try:
                return _connect(self._file, "mode=rw")
            except sqlite3.OperationalError as error:
                if not _can_be_read(error):
                    raise
                self._read_only = error
        else:
            self._read_only = PermissionError("it is read-only")
        try:
            return _connect(self._file, "mode=ro")
        except sqlite3.OperationalError as error:
            if not _can_be_read(error):
                raise
        try:
            # This mode needs no side files, and ignores the log.
            return _connect(self._file, "mode=ro&immutable=1")
        except sqlite3.OperationalError as error:
            if not _can_be_read(error):
                raise
            raise _unusable(self._store, self._read_only) from error

    def _is_damage(self, error: Exception) -> bool:
        if _code(error) & 0xFF == sqlite3.SQLITE_READONLY:
            # A damaged flag in the header causes the same error.
            return self._read_only is None and _is_writable(self._file)
        return _is_damage(error)

    def _leave(self, error: Exception) -> None:
        """Set a damaged file aside, and create the next one."""
        self._close()
        if _inode(self._file) != self._inode:
            # Another process has removed it in the meantime, and perhaps created it again.
            return
        following = Path(self._store._name(_generation(self._file) + 1))
        created, reason = False, self._read_only
        if reason is None:
            try:
                with _CREATING:
                    created = _create(following)
            except OSError as failure:
                reason = failure
        damage = f"{self._file} is damaged ({error})"
        if reason is not None:
            self._lost = True
            self._tell(f"{damage} and cannot be replaced ({reason}).", stacklevel=5)
        if created:
            warnings.warn(
                f"{damage}. It is set aside until clear_cache removes it. Values are computed "
                f"again and kept in {following.name}.",
                AudioWarning,
                stacklevel=4,
            )

    def _tell(self, what: str, stacklevel: int) -> None:
        if not self._told:
            self._told = True
            warnings.warn(
                f"{what} Values that it does not contain are computed each time.",
                AudioWarning,
                stacklevel=stacklevel,
            )

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    """Open a store; create the table if the file is empty."""
    connection = _sqlite(file, mode)
    try:
        # A damaged value may be marked as text without being valid text.
        connection.text_factory = bytes
        connection.execute("PRAGMA synchronous=NORMAL")
        if _marks(connection) != (_APPLICATION, _FORMAT):
            match _kind(connection):
                case "empty":
                    _begin(connection)
                case "foreign":
                    raise _foreign(file)
                case "damaged":
                    raise sqlite3.DatabaseError("it does not have the header of a store")
    except BaseException:
        connection.close()
        raise
    return connection


def _sqlite(file: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?{mode}", uri=True, timeout=_WAIT)


def _marks(connection: sqlite3.Connection) -> tuple[int, int]:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return application, version


def _kind(connection: sqlite3.Connection) -> str:
    """Return "store", "empty", "damaged" (partly a store) or "foreign" (another database)."""
    connection.execute("BEGIN")
    marks = _marks(connection)
    tables = [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master")]
    (n_pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.rollback()
    if marks == (_APPLICATION, _FORMAT):
        return "store"
    if marks == (0, 0) and not tables and n_pages <= 1:
        return "empty"
    if marks[0] == _APPLICATION or _TABLE.encode() in tables or not tables:
        return "damaged"
    return "foreign"


def _begin(connection: sqlite3.Connection) -> None:
    """Create the table, and wait for others, as SQLite does not when it switches to WAL."""
    until = time.monotonic() + _WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)
            return
        except sqlite3.OperationalError as error:
            connection.rollback()
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.05)


def _create(file: Path) -> bool:
    """Create an empty file for its owner only; SQLite gives its side files the same mode.

    Never open an existing file: closing it would release the locks that SQLite holds on it for
    other threads of this process, and several processes could then write at once.
    """
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if not file.is_file():
            raise
        return False
    return True


def _is_writable(file: Path) -> bool:
    return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)


def _inode(file: Path) -> tuple[int, int] | None:
    try:
        stat = os.stat(file)
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def _code(error: Exception) -> int:
    """Return SQLite's code of an error."""
    if isinstance(error, PermissionError):
        return sqlite3.SQLITE_PERM
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)


def _is_damage(error: Exception) -> bool:
    code = _code(error)
    # A read fails with this code if the file is too short.
    return code == sqlite3.SQLITE_IOERR_SHORT_READ or code & 0xFF not in _NOT_DAMAGE


def _can_be_read(error: Exception) -> bool:
    """Return whether a file that could not be opened for writing may still be readable."""
    primary = _code(error) & 0xFF
    full = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
    return primary in _NO_WRITING or (primary in full and not _is_damage(error))


def _unusable(store: FeatureStore, error: Exception) -> SkserError:
    return SkserError(
        f"memory={os.fspath(store.folder)!r} cannot be used as a store ({error}). Check that the "
        "folder is writable and that the disk is not full, use another folder, or pass memory=None."
    )


def _foreign(file: Path) -> SkserError:
    return SkserError(
        f"{file} is a database that was not created by skser. It is not changed. Use another "
        "folder."
    )


# Rows


def _row(key: bytes, value: NDArray[np.float32], now: int) -> _Row:
    blob = value.astype(_DTYPE, copy=False).tobytes()
    shape = _pack(value.shape)
    # The checksum includes the key, so that a value is not taken for that of another clip.
    return key, blob, shape, crc32(blob, crc32(key, crc32(shape))), now


@lru_cache
def _pack(shape: tuple[int, ...]) -> bytes:
    return struct.pack(f"<B{len(shape)}Q", len(shape), *shape)


@lru_cache
def _unpack(shape: bytes) -> tuple[tuple[int, ...], int]:
    """Return a shape, and its checksum, with which the value's checksum begins."""
    return struct.unpack(f"<B{len(shape) // 8}Q", shape)[1:], crc32(shape)


def _note(
    connection: sqlite3.Connection,
    stale: Sequence[tuple[int, bytes]],
    damaged: Sequence[tuple[bytes]],
) -> None:
    """Record that values were used, and remove damaged ones."""
    try:
        with connection:
            connection.executemany("UPDATE feature SET used = ? WHERE key = ?", stale)
        if damaged:
            # The index itself may be damaged, and lead to the rows of other keys.
            connection.execute("REINDEX feature")
        with connection:
            connection.executemany("DELETE FROM feature WHERE key = ?", damaged)
    except sqlite3.OperationalError as error:
        # The values that were found are valid, even if the disk is full, for example.
        if _is_damage(error):
            raise


def _throw_out(connection: sqlite3.Connection, n_bytes: float) -> None:
    """Remove the least recently used values."""
    oldest = connection.execute("SELECT rowid, LENGTH(value) FROM feature ORDER BY used, rowid")
    out = []
    for row, length in oldest:
        if n_bytes <= 0:
            break
        out.append((row,))
        n_bytes -= length + _BYTES_A_ROW
    connection.executemany("DELETE FROM feature WHERE rowid = ?", out)


def _bytes_in_use(connection: sqlite3.Connection, limit: int) -> int:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    if pages * size <= limit:
        return int(pages * size)
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    return int((pages - free) * size)


# Files


def _generation(file: Path) -> int:
    match = _NAME.fullmatch(file.name)
    return int(match[2]) if match else 0


def _mention_format_1(store: FeatureStore) -> None:
    old = Path(store.folder, _FORMAT_1)
    if _is_format_1(old):
        warnings.warn(
            f"{old} was created by an earlier version of skser and is no longer used. Remove it, "
            "or call clear_cache to remove everything that skser keeps in the folder.",
            AudioWarning,
            stacklevel=5,
        )


def _is_format_1(file: Path) -> bool:
    """Return whether a file is a store of an earlier version, which has no application_id."""
    if not file.is_file():
        return False
    # If there is no log, SQLite would create one to read the file.
    mode = "mode=ro" if os.path.exists(f"{file}-wal") else "mode=ro&immutable=1"
    try:
        with closing(_sqlite(file, mode)) as connection:
            tables = [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master")]
            return _marks(connection) == (0, 1) and _TABLE_OF_FORMAT_1 in tables
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return False


def _remove(file: Path) -> bool:
    """Remove a store and its side files; return False if it is a database of another program."""
    if not file.is_file():
        if not file.exists():
            _unlink(file)
        return True
    try:
        opened = _sqlite(file, "mode=rw")
    except sqlite3.OperationalError as error:
        raise SkserError(
            f"{file} cannot be opened ({error}), so it is not removed. Check its permissions."
        ) from error
    with closing(opened) as connection:
        try:
            connection.text_factory = bytes
            if _kind(connection) == "foreign":
                return False
            # No process may have the store open while its side files are removed.
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            if _code(error) & 0xFF == sqlite3.SQLITE_BUSY:
                raise SkserError(
                    f"{file} is in use and cannot be removed. Try again when no process uses it."
                ) from error
        if os.name == "nt":
            # Windows does not remove a file that any process, including this one, has open.
            connection.close()
        _unlink(file)
    return True


def _unlink(file: Path) -> None:
    # Remove the file itself last: while it exists, no process creates another with its name.
    for side in (*_SIDES, ""):
        Path(f"{file}{side}").unlink(missing_ok=True)


def cache_info(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """Count the values in the store of a folder.

    Parameters
    ----------
    folder : str or os.PathLike
        Folder of the store: the `memory` of a union.

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

    Stores of earlier versions of skser are removed too. All other files are kept, even a database
    that has the name of a store but was not created by skser.

    Parameters
    ----------
    folder : str or os.PathLike
        Folder of the store: the `memory` of a union.

    Raises
    ------
    SkserError
        If the store is in use, or if a file with its name was not created by skser.

    Examples
    --------
    >>> from skser import clear_cache
    >>> clear_cache("no-such-folder")
    """
    files = list(Path(folder).iterdir()) if Path(folder).is_dir() else []
    if _is_format_1(Path(folder, _FORMAT_1)):
        _unlink(Path(folder, _FORMAT_1))
    for file in files:
        if _FORMAT_1_SET_ASIDE.fullmatch(file.name):
            file.unlink(missing_ok=True)
    stores = {file.with_name(match[1]) for file in files if (match := _NAME.fullmatch(file.name))}
    foreign = [file for file in sorted(stores, key=_generation) if not _remove(file)]
    if foreign:
        raise _foreign(foreign[0])


def as_store(memory: str | os.PathLike[str] | FeatureStore | None) -> FeatureStore | None:
    """Return the store for the `memory` of a union.

    Parameters
    ----------
    memory : str, os.PathLike, FeatureStore or None
        Folder, or store.

    Returns
    -------
    store : FeatureStore or None
    """
    if memory is None or isinstance(memory, FeatureStore):
        return memory
    return FeatureStore(memory)
