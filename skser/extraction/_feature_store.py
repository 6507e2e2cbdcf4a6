"""What was computed for which clip: a store on disk that processes share."""

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
"""What tells a store from another SQLite file: "sksr", in the file's header."""

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
"""Seconds for which a value counts as just used: a read should not write every time."""

_ATTEMPTS = 5
"""How often an operation begins again after the file turned out to be damaged, or was removed."""

_CREATING = threading.Lock()
"""Held from a file's creation until it is closed: no thread may have locked it by then."""

_KEYS_A_QUERY = 500
_BYTES_A_ROW = 112
"""What a row takes beside its value, in the table and its indexes."""

_TRIMMED_TO = 0.9
"""Share of the limit that is left when old values are thrown out, so that it happens rarely."""

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
"""Codes of errors that come from the surroundings of the file. The statements of this module are
always the same, so any other error means that the file is damaged, even if it is one of syntax."""

_NO_WRITING = frozenset({sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})

_Row = tuple[bytes, bytes, bytes, int, int]
_T = TypeVar("_T")


@dataclass(frozen=True)
class FeatureStore:
    """Values of features by clip, in an SQLite file of a folder.

    For the `memory` of an `AudioFeatureUnion`, which makes one of a path; make one yourself to
    set its size. Values are raw float32 with a checksum, no pickle; every clip is one
    transaction, so that a process that is killed loses at most the clip in hand. A damaged file
    is set aside and a new one is made, with a warning. A store that cannot be written, for example
    on a read-only disk, is read; a warning says that the values it does not hold are computed each
    time.

    Parameters
    ----------
    folder : str or os.PathLike
        Where the file is; made if it is not there, readable for its owner only.
    max_bytes : int, default=2**32
        When the file holds more than this, the values not used for longest are thrown out; the
        room they took is used again.

    Raises
    ------
    ValueError
        If no folder can have the name, or `max_bytes` is not positive.

    See Also
    --------
    cache_info : What is in a folder.
    clear_cache : Empty a folder.

    Notes
    -----
    A value's key is two hashes, of what the clip is and of how it was computed. A file is known by
    path, size and time of modification, samples by their content. A feature is known by its class,
    version, plan and parameters, and by the code that computes it. For this code, the key holds
    the versions of Python, skser, NumPy, SciPy, librosa, soxr, soundfile and libsndfile, and a
    hash of the modules of skser that compute. For a class that is not part of skser, it also holds
    the source of the module of the class and of its bases, the source of all modules that these
    import from the same package or from a place where nothing is installed, and the versions of
    all other packages that they import.

    What cannot be told from outside is not kept: features with a callable parameter, such as
    `pooling`; classes that are defined in a script, a notebook or a function; and classes whose
    modules have no source, run code from strings, import by computed names, or were edited after
    they were imported. Data that a module reads by itself, such as a file of weights, is not
    seen: make its `pathlib.Path` a parameter.

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
                f"memory={os.fspath(self.folder)!r} holds a null character, which no name of a "
                "folder may. Name another one, or memory=None."
            )
        if not (isinstance(self.max_bytes, Real) and self.max_bytes > 0):
            raise ValueError(
                f"max_bytes={self.max_bytes!r} must be a positive number, such as 2**30 for a "
                "gigabyte. To keep nothing, pass memory=None to the union."
            )

    @property
    def file(self) -> Path:
        """Path of the SQLite file in use: the last one, where earlier ones were damaged."""
        generation = 1
        while os.path.exists(self._name(generation + 1)):
            generation += 1
        return Path(self._name(generation))

    def _name(self, generation: int) -> str:
        # A name is not used again after its file was found damaged. SQLite finds the log of a
        # file by name, and a process that still has the old file open must not find a new log.
        return os.path.join(self.folder, f"skser-features-v{_FORMAT}-{generation}.sqlite")

    def _opened(self) -> OpenStore:
        """Open the store, to read and write in this process and thread."""
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
    """A store whose file is open; a file that turns out to be damaged is replaced by the next one.

    Parameters
    ----------
    store : FeatureStore
    """

    def __init__(self, store: FeatureStore) -> None:
        self._store = store
        self._connection: sqlite3.Connection | None = None
        self._file = Path()
        self._inode: tuple[int, int] | None = None
        # The reason why nothing can be written; None if the file can be written.
        self._read_only: Exception | None = None
        # Whether the file is damaged and no new one can be made.
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
        """Return the values that are there.

        Parameters
        ----------
        keys : sequence of bytes
            From `keys_of`.

        Returns
        -------
        values : dict of bytes to ndarray
            Of the shapes that were written; keys that are not there are left out.
        """
        return self._run(lambda connection: self._read(connection, keys), {})

    def write(self, values: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Keep values, in one transaction.

        Parameters
        ----------
        values : dict of bytes to ndarray
            Arrays of any shape, by key.
        """
        now = int(time.time())
        rows = [_row(key, value, now) for key, value in values.items()]
        self._run(lambda connection: self._write(connection, rows), None)

    def count(self) -> tuple[int, int]:
        """Return how many values there are, and how many bytes they take."""
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
                    # The row holds a number instead of bytes, or too few bytes.
                    intact = False
                if intact:
                    found[key] = np.ndarray(dimensions, _DTYPE, value)
                else:
                    damaged.append((key,))
        if (stale or damaged) and self._read_only is None:
            _note(connection, stale, damaged)
        if damaged:
            warnings.warn(
                f"{self._file}: {len(damaged)} values were damaged; they are computed again.",
                AudioWarning,
                stacklevel=5,
            )
        return found

    def _write(self, connection: sqlite3.Connection, rows: Sequence[_Row]) -> None:
        if self._read_only is not None:
            if _code(self._read_only) & 0xFF not in _NO_WRITING:
                raise _unusable(self._store, self._read_only) from self._read_only
            self._tell(f"{self._file} cannot be written ({self._read_only}).", stacklevel=6)
            return
        with connection:
            connection.executemany("INSERT OR REPLACE INTO feature VALUES (?, ?, ?, ?, ?)", rows)
            excess = _bytes_in_use(connection, self._store.max_bytes) - self._store.max_bytes
            if excess > 0:
                _throw_out(connection, excess + (1 - _TRIMMED_TO) * self._store.max_bytes)

    def _run(self, operation: Callable[[sqlite3.Connection], _T], otherwise: _T) -> _T:
        """Carry out an operation, again in the next file if this one turns out to be damaged."""
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
                # An error of SQLite may quote bytes of the file, which need not be text.
                if not self._is_damage(error):
                    raise _unusable(self._store, error) from error
                self._leave(error)
        raise SkserError(
            f"{self._file} was damaged or removed {_ATTEMPTS} times in a row. Is the disk in "
            "order? Name another folder, or memory=None."
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
            # SQLite has opened the log by now, by name: it must be the log of this file.
            if _inode(self._file) == self._inode is not None:
                if created:
                    _mention_format_1(self._store)
                return connection
            connection.close()
        raise _unusable(self._store, FileNotFoundError(f"{self._file} is removed repeatedly"))

    def _connect(self) -> sqlite3.Connection:
        """Open the file to read and write; if that cannot be, to read."""
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
            # This mode needs no files beside the store, and ignores its log.
            return _connect(self._file, "mode=ro&immutable=1")
        except sqlite3.OperationalError as error:
            if not _can_be_read(error):
                raise
            raise _unusable(self._store, self._read_only) from error

    def _is_damage(self, error: Exception) -> bool:
        if _code(error) & 0xFF == sqlite3.SQLITE_READONLY:
            # A damaged flag in the header gives the same error.
            return self._read_only is None and _is_writable(self._file)
        return _is_damage(error)

    def _leave(self, error: Exception) -> None:
        """Leave a damaged file as it is, and make the next one."""
        self._close()
        if _inode(self._file) != self._inode:
            # Another process has removed it in the meantime, and perhaps made it anew.
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
                f"{damage}. It is set aside until clear_cache removes it. Features are computed "
                f"again and kept in {following.name}.",
                AudioWarning,
                stacklevel=4,
            )

    def _tell(self, what: str, stacklevel: int) -> None:
        if not self._told:
            self._told = True
            warnings.warn(
                f"{what} Values that it does not give are computed each time.",
                AudioWarning,
                stacklevel=stacklevel,
            )

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    """Open a store; make the table if the file is empty."""
    connection = _sqlite(file, mode)
    try:
        # A damaged value may claim to be text, and then need not be valid text.
        connection.text_factory = bytes
        connection.execute("PRAGMA synchronous=NORMAL")
        if _marks(connection) != (_APPLICATION, _FORMAT):
            match _kind(connection):
                case "empty":
                    _begin(connection)
                case "foreign":
                    raise _foreign(file)
                case "damaged":
                    raise sqlite3.DatabaseError("its header is not that of a store")
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
    """Return "store", "empty", "damaged" (a store in part) or "foreign" (a database of others)."""
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
    """Make the table. SQLite does not wait for others before it turns to WAL: we do."""
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
    """Make an empty file for its owner only; SQLite gives its side files the mode of the file.

    Never open a file that is there: on closing it, the system drops the locks that SQLite holds
    on it for other threads of this process, and processes then write at once.
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
    # A read fails in this way where the file ends too early.
    return code == sqlite3.SQLITE_IOERR_SHORT_READ or code & 0xFF not in _NOT_DAMAGE


def _can_be_read(error: Exception) -> bool:
    """Return whether a file that could not be opened to write may still be there to read."""
    primary = _code(error) & 0xFF
    full = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
    return primary in _NO_WRITING or (primary in full and not _is_damage(error))


def _unusable(store: FeatureStore, error: Exception) -> SkserError:
    return SkserError(
        f"memory={os.fspath(store.folder)!r} cannot be used as a store ({error}). Is the folder "
        "writable, and on a disk that is not full? Name another one, or memory=None."
    )


def _foreign(file: Path) -> SkserError:
    return SkserError(
        f"{file} is a database that skser did not make. It is left as it is. Name another folder."
    )


# Rows


def _row(key: bytes, value: NDArray[np.float32], now: int) -> _Row:
    blob = value.astype(_DTYPE, copy=False).tobytes()
    shape = _pack(value.shape)
    # The key is part of it, so that a value is not taken for that of another clip.
    return key, blob, shape, crc32(blob, crc32(key, crc32(shape))), now


@lru_cache
def _pack(shape: tuple[int, ...]) -> bytes:
    return struct.pack(f"<B{len(shape)}Q", len(shape), *shape)


@lru_cache
def _unpack(shape: bytes) -> tuple[tuple[int, ...], int]:
    """Return a shape, and its checksum to begin the one of the value with."""
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
            # The index may be what is damaged, and lead to the rows of other keys.
            connection.execute("REINDEX feature")
        with connection:
            connection.executemany("DELETE FROM feature WHERE key = ?", damaged)
    except sqlite3.OperationalError as error:
        # The values that were found are right, even if, say, the disk is full.
        if _is_damage(error):
            raise


def _throw_out(connection: sqlite3.Connection, n_bytes: float) -> None:
    """Remove the values that were not used for longest."""
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
            f"{old} was made by an earlier version of skser and is not used any more. Remove it, "
            "or call clear_cache to remove all that skser keeps in the folder.",
            AudioWarning,
            stacklevel=5,
        )


def _is_format_1(file: Path) -> bool:
    """Return whether a file is a store of an earlier version, which has no application_id."""
    if not file.is_file():
        return False
    # Without a log, SQLite would make one to read the file.
    mode = "mode=ro" if os.path.exists(f"{file}-wal") else "mode=ro&immutable=1"
    try:
        with closing(_sqlite(file, mode)) as connection:
            tables = [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master")]
            return _marks(connection) == (0, 1) and _TABLE_OF_FORMAT_1 in tables
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return False


def _remove(file: Path) -> bool:
    """Remove a store and its side files; return False if it is a database of something else."""
    if not file.is_file():
        if not file.exists():
            _unlink(file)
        return True
    try:
        opened = _sqlite(file, "mode=rw")
    except sqlite3.OperationalError as error:
        raise SkserError(f"{file} cannot be opened ({error}) and is left as it is.") from error
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
                    f"{file} is in use and cannot be removed. Try again when nothing uses it."
                ) from error
        if os.name == "nt":
            # Windows removes no file that any process has open, this one included.
            connection.close()
        _unlink(file)
    return True


def _unlink(file: Path) -> None:
    # The file itself comes last: while it exists, no process makes another one of its name.
    for side in (*_SIDES, ""):
        Path(f"{file}{side}").unlink(missing_ok=True)


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

    Stores of earlier versions of skser are removed too. All other files stay, even a database
    that has the name of a store but was not made by skser.

    Parameters
    ----------
    folder : str or os.PathLike
        The `memory` of a union.

    Raises
    ------
    SkserError
        If the store is in use, or if a file of its name was not made by skser.

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
