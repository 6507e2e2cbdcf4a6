"""The files of a store: whose they are, and what happens where they cannot be written."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import warnings
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from skser import (
    RMS,
    ZCR,
    AudioWarning,
    FeatureStore,
    SkserError,
    cache_info,
    clear_cache,
    make_audio_union,
)
from skser.extraction import _feature_store


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def clips(rng):
    return [rng.normal(scale=0.1, size=4000) for _ in range(4)]


def union(memory):
    return make_audio_union(ZCR(), RMS(), sr=8000, memory=memory)


VALUES = {b"%d" % i: np.full((2, 30), i, np.float32) for i in range(50)}


def write(folder, values=VALUES):
    with FeatureStore(folder)._opened() as store:
        store.write(values)


def check_values(folder):
    with FeatureStore(folder)._opened() as store:
        found = store.read(list(VALUES))
    assert len(found) == len(VALUES)
    for key, value in found.items():
        np.testing.assert_array_equal(value, VALUES[key])


def make_database(file, *statements):
    file.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE people (name TEXT)")
        connection.execute("INSERT INTO people VALUES ('Ada')")
        for statement in statements:
            connection.execute(statement)
    return file.read_bytes()


# Whose a file is


@pytest.mark.parametrize("version", [0, 1, 2, 99])
@pytest.mark.parametrize("application", [0, 42])
def test_a_database_of_something_else_is_refused(folder, clips, version, application):
    file = FeatureStore(folder).file
    data = make_database(
        file, f"PRAGMA user_version = {version}", f"PRAGMA application_id = {application}"
    )
    with pytest.raises(
        SkserError, match=r"a database that was not created by skser.*another folder"
    ):
        union(folder).fit_transform(clips)
    with pytest.raises(SkserError, match="was not created by skser"):
        cache_info(folder)
    with pytest.raises(SkserError, match="was not created by skser"):
        clear_cache(folder)
    assert file.read_bytes() == data
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT * FROM sqlite_master").fetchall()[0][1] == "people"


def test_clearing_leaves_what_is_not_the_stores(folder, clips):
    union(folder).fit_transform(clips)
    name = FeatureStore(folder).file.name
    other = {
        "features.sqlite": make_database(folder / "features.sqlite"),
        "features.sqlite3": make_database(folder / "features.sqlite3"),
    }
    for mine in (
        *("features.sqlite.bak", "features.sqlite-notes.txt", "features.sqlite.damaged-today"),
        *(f"{name}.bak", f"{name}-export.csv", f"{name}3", f"my-{name}", "notes.txt"),
    ):
        (folder / mine).write_text(mine)
        other[mine] = mine.encode()
    (folder / "skser-features-v7-1.sqlite").mkdir()
    clear_cache(folder)
    assert not (folder / name).exists()
    assert {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()} == other
    assert (folder / "skser-features-v7-1.sqlite").is_dir()


def test_clearing_removes_side_files_and_stores_of_other_versions(folder):
    write(folder)
    file = FeatureStore(folder).file
    for side in ("-wal", "-shm", "-journal"):
        Path(f"{file}{side}").touch()
    shutil.copy(file, folder / "skser-features-v3-1.sqlite")
    Path(f"{folder / 'skser-features-v3-2.sqlite'}-wal").touch()
    clear_cache(folder)
    assert list(folder.iterdir()) == []


def test_a_store_in_use_is_not_removed(folder, monkeypatch):
    monkeypatch.setattr(_feature_store, "_WAIT", 0.05)
    with FeatureStore(folder)._opened() as store:
        store.write(VALUES)
        with pytest.raises(SkserError, match="is in use and cannot be removed"):
            clear_cache(folder)
        assert len(store.read(list(VALUES))) == len(VALUES)
    check_values(folder)
    clear_cache(folder)
    assert list(folder.iterdir()) == []


def make_store_of_format_1(folder):
    folder.mkdir()
    with closing(sqlite3.connect(folder / "features.sqlite")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(
            """
CREATE TABLE IF NOT EXISTS feature (
    key BLOB PRIMARY KEY, value BLOB NOT NULL, checksum INTEGER NOT NULL, used INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS feature_used ON feature (used);
PRAGMA user_version = 1;
"""
        )


def test_a_store_of_an_earlier_version_is_left_alone(folder, clips):
    make_store_of_format_1(folder)
    old = (folder / "features.sqlite").read_bytes()
    expected = union(None).fit_transform(clips)
    with pytest.warns(AudioWarning, match=r"features.sqlite was created by an earlier version"):
        np.testing.assert_array_equal(union(folder).fit_transform(clips), expected)
    # Once is enough.
    np.testing.assert_array_equal(union(folder).fit_transform(clips), expected)
    assert (folder / "features.sqlite").read_bytes() == old
    assert not (folder / "features.sqlite-wal").exists()


def test_a_store_of_an_earlier_version_that_has_a_log_is_known_too(folder):
    make_store_of_format_1(folder)
    with closing(sqlite3.connect(folder / "features.sqlite")) as connection:
        connection.execute("INSERT INTO feature VALUES (x'00', x'00', 0, 0)")
        connection.commit()
        assert (folder / "features.sqlite-wal").exists()
        with pytest.warns(AudioWarning, match="created by an earlier version"):
            write(folder)


def test_clearing_removes_a_store_of_an_earlier_version(folder):
    make_store_of_format_1(folder)
    (folder / "features.sqlite.damaged-1790000000000000000").touch()
    clear_cache(folder)
    assert list(folder.iterdir()) == []


# What cannot be written


def run_as_root(*command):
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def read_only(monkeypatch):
    """Make a folder and the files in it read-only, for root too."""
    mounted = []

    def protect(folder):
        for path in (*folder.iterdir(), folder):
            path.chmod(0o500 if path.is_dir() else 0o400)
        if not os.access(folder, os.W_OK):
            return
        if not run_as_root("mount", "--bind", folder, folder):
            pytest.skip("root writes anywhere, and may not mount here")
        mounted.append(folder)
        assert run_as_root("mount", "-o", "remount,bind,ro", folder)

    yield protect
    for folder in mounted:
        assert run_as_root("umount", folder)


@pytest.mark.parametrize("log", ["none", "with its index", "without its index"])
def test_a_read_only_store_is_read(folder, tmp_path, read_only, log):
    copy = tmp_path / "copy"
    write(folder)
    if log == "none":
        shutil.copytree(folder, copy)
    else:
        with FeatureStore(folder)._opened() as store:
            store.write({b"new": np.ones(3, np.float32)})
            shutil.copytree(folder, copy)
        if log == "without its index":
            next(copy.glob("*-shm")).unlink()
    before = {file.name: file.read_bytes() for file in copy.iterdir()}
    read_only(copy)
    check_values(copy)
    assert cache_info(copy)["n_values"] >= len(VALUES)
    if log == "with its index":
        with FeatureStore(copy)._opened() as store:
            assert list(store.read([b"new"])) == [b"new"]
    assert {file.name: file.read_bytes() for file in copy.iterdir()} == before


def test_what_a_read_only_store_lacks_is_computed(folder, clips, read_only):
    union(folder).fit_transform(clips[:2])
    expected = union(None).fit_transform(clips)
    read_only(folder)
    fitted = union(folder).fit(clips)
    np.testing.assert_array_equal(fitted.transform(clips[:2]), expected[:2])
    with pytest.warns(
        AudioWarning, match=r"cannot be written .*read-only.* are computed each time"
    ):
        np.testing.assert_array_equal(fitted.transform(clips), expected)
    assert cache_info(folder)["n_values"] == 4


@pytest.mark.parametrize("start", [0, 4096])
def test_a_damaged_read_only_store_is_done_without(folder, clips, read_only, start):
    expected = union(folder).fit_transform(clips)
    file = FeatureStore(folder).file
    data = bytearray(file.read_bytes())
    data[start:] = os.urandom(len(data) - start)
    file.write_bytes(data)
    read_only(folder)
    with pytest.warns(AudioWarning, match="is damaged .*and cannot be replaced"):
        np.testing.assert_array_equal(union(folder).fit_transform(clips), expected)
    assert file.read_bytes() == data


def test_a_folder_that_cannot_be_written_is_refused(clips, tmp_path, read_only):
    locked = tmp_path / "locked"
    locked.mkdir()
    read_only(locked)
    for folder in (locked, locked / "store"):
        with pytest.raises(SkserError, match=r"cannot be used as a store.*use another folder"):
            union(folder).fit_transform(clips)


@pytest.mark.skipif(
    not hasattr(os, "seteuid") or os.geteuid() != 0, reason="only root can become somebody else"
)
def test_a_store_of_somebody_else_is_read(clips):
    # Outside of pytest's folder, which is closed to others.
    with tempfile.TemporaryDirectory() as folder:
        write(folder)
        os.chmod(folder, 0o755)
        os.chmod(FeatureStore(folder).file, 0o644)
        os.seteuid(65534)
        try:
            check_values(folder)
            with pytest.warns(AudioWarning, match="cannot be written"):
                write(folder, {b"new": np.ones(3, np.float32)})
        finally:
            os.seteuid(0)
        assert cache_info(folder)["n_values"] == len(VALUES)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 2 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not run_as_root("mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "none", disk):
        pytest.skip("may not mount here")
    yield disk
    assert run_as_root("umount", disk)


def test_a_full_disk_is_an_error_and_leaves_what_was_kept(small_disk, rng):
    folder = small_disk / "store"
    write(folder)
    n_kept = len(VALUES)
    (small_disk / "half").write_bytes(bytes(10**6))
    with pytest.raises(SkserError, match=r"is full.*the disk is not full"):
        for i in range(1000):
            write(folder, {b"image %d" % i: rng.normal(size=(64, 64, 3)).astype(np.float32)})
            n_kept += 1
    check_values(folder)
    # Not even the files that SQLite makes beside the store find room.
    (small_disk / "rest").write_bytes(bytes(shutil.disk_usage(small_disk).free))
    check_values(folder)
    assert cache_info(folder)["n_values"] == n_kept
    with pytest.raises(SkserError, match="cannot be used as a store"):
        write(folder, {b"more": np.ones(10**5, np.float32)})
    (small_disk / "half").unlink()
    check_values(folder)
    write(folder, {b"more": np.ones(10**4, np.float32)})
    assert cache_info(folder)["n_values"] == n_kept + 1


FILL = """
import resource, sys
import numpy as np
from skser import FeatureStore, SkserError
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
with FeatureStore(sys.argv[1])._opened() as store:
    try:
        for i in range(1000):
            store.write({b"row %d" % i: np.ones(1000, np.float32)})
    except SkserError as error:
        print(i, error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of files")
def test_a_file_that_may_not_grow_is_an_error_and_leaves_what_was_kept(folder):
    write(folder)
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(folder)], capture_output=True, text=True, check=True
    )
    n, message = done.stdout.split(" ", 1)
    assert "cannot be used as a store" in message
    check_values(folder)
    assert cache_info(folder)["n_values"] == len(VALUES) + int(n)


# Whatever SQLite says, wherever it says it


class Failing(sqlite3.Connection):
    """Fails at the n-th statement."""

    n_left = None
    code = None

    def _count(self):
        if Failing.n_left is None:
            return
        Failing.n_left -= 1
        if Failing.n_left == 0:
            # As the module does it.
            is_corrupt = Failing.code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))
            kind = sqlite3.DatabaseError if is_corrupt else sqlite3.OperationalError
            error = kind(f"made up: {Failing.code}")
            error.sqlite_errorcode = getattr(sqlite3, Failing.code)
            raise error

    def execute(self, *args):
        self._count()
        return super().execute(*args)

    def executemany(self, *args):
        self._count()
        return super().executemany(*args)

    def executescript(self, *args):
        self._count()
        return super().executescript(*args)


@pytest.fixture
def failing(monkeypatch):
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **k, factory=Failing))
    yield Failing
    Failing.n_left = Failing.code = None


CODES = {
    "SQLITE_IOERR": False,
    "SQLITE_FULL": False,
    "SQLITE_BUSY": False,
    "SQLITE_CANTOPEN": False,
    "SQLITE_IOERR_SHORT_READ": True,
    "SQLITE_CORRUPT_INDEX": True,
    "SQLITE_ERROR": True,
    "SQLITE_CONSTRAINT": True,
    "SQLITE_READONLY": None,
}
"""Codes, and whether they mean that the file is damaged."""


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("is_new", [True, False])
def test_a_failing_database_is_an_error_that_says_so_or_begun_anew(
    code, is_new, tmp_path, failing, monkeypatch
):
    """At no statement is an error lost, private, or followed by a wrong value."""
    # Every value is stale, so that reading writes too.
    monkeypatch.setattr(_feature_store, "_FRESH", -10)
    outcomes = []
    for n in range(1, 100):
        folder = tmp_path / str(n)
        if not is_new:
            write(folder)
        failing.n_left, failing.code = n, code
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                with FeatureStore(folder)._opened() as store:
                    for key, value in store.read(list(VALUES)).items():
                        np.testing.assert_array_equal(value, VALUES[key])
                    store.write(VALUES)
                aside = any("set aside" in str(warning.message) for warning in warned)
                outcomes.append("set aside" if aside else "done")
            except SkserError as error:
                assert f"made up: {code}" in str(error)
                assert "cannot be used as a store" in str(error)
                outcomes.append("error")
        reached = failing.n_left <= 0
        failing.n_left = None
        write(folder)
        check_values(folder)
        if not reached:
            break
    assert 6 < n < 99
    assert outcomes.pop() == "done"
    if CODES[code] is not None:
        assert ("set aside" in outcomes) == CODES[code]
    if CODES[code] is False:
        assert "error" in outcomes
