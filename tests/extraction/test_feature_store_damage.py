"""A store whose file was damaged: never a wrong value, and never an error."""

import hashlib
import os
import random
import sqlite3
import warnings

import numpy as np
import pytest

from skser import AudioWarning, FeatureStore, cache_info, clear_cache, make_audio_union
from skser.features._rms import RMS

PAGE = 4096


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "store"


def key(clip, feature):
    return b"".join(hashlib.blake2b(b"%d" % i, digest_size=12).digest() for i in (clip, feature))


@pytest.fixture(scope="module")
def truth():
    rng = np.random.default_rng(0)
    shapes = [(1,), (30,), (4, 60), (7, 300)]
    return {
        key(clip, feature): rng.normal(size=shape).astype(np.float32)
        for clip in range(30)
        for feature, shape in enumerate(shapes)
    }


@pytest.fixture(scope="module")
def images(truth, tmp_path_factory):
    """Bytes of the files of a store: when it is closed, and while its log has half of it."""
    folder = tmp_path_factory.mktemp("whole")
    keys = list(truth)

    def written(first, last):
        store = FeatureStore(folder)._opened()
        for start in range(first, last, 4):
            store.write({key: truth[key] for key in keys[start : start + 4]})
        return store

    with written(0, 60):
        pass
    with written(60, 120):
        is_open = {file.name: file.read_bytes() for file in folder.iterdir()}
    closed = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert len(is_open) == 3
    assert len(closed) == 1
    return closed, is_open


def flip(data, rng):
    for _ in range(rng.choice([1, 1, 1, 2, 8, 64])):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def flip_in_header(data, rng):
    data[rng.randrange(120)] ^= 1 << rng.randrange(8)


def overwrite(data, rng):
    n = rng.choice([1, 16, 512, PAGE, 5 * PAGE])
    start = rng.randrange(len(data)) // n * n
    n = min(n, len(data) - start)
    data[start : start + n] = rng.choice([bytes(n), b"\xff" * n, rng.randbytes(n)])


def truncate(data, rng):
    del data[rng.randrange(len(data)) :]


def swap_pages(data, rng):
    a, b = (PAGE * rng.randrange(len(data) // PAGE) for _ in range(2))
    data[a : a + PAGE], data[b : b + PAGE] = data[b : b + PAGE], data[a : a + PAGE]


def check_damaged(seed, images, truth, folder):
    """Damage a copy of a store, and use it as a union does."""
    rng = random.Random(seed)
    files = {name: bytearray(data) for name, data in rng.choice(images).items()}
    sides = [name for name in files if name.endswith("-shm")]
    harm = rng.choice([flip, flip, flip_in_header, overwrite, overwrite, truncate, swap_pages])
    # SQLite makes the shared index of the log anew, if nobody has the store open.
    harm(files[rng.choice(sorted(set(files) - set(sides)))], rng)
    if sides and rng.random() < 0.5:
        del files[sides[0]]
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    if rng.random() < 0.3:
        assert cache_info(folder)["n_values"] <= len(truth) + 60
    found = {}
    n_rounds = 0
    # What was lost is computed again. Some damage is found only when the store is written.
    while set(found) != set(truth):
        n_rounds += 1
        with FeatureStore(folder)._opened() as store:
            found = store.read(list(truth))
            for key, value in found.items():
                np.testing.assert_array_equal(value, truth[key], strict=True)
            store.write({key: truth[key] for key in truth if key not in found})
    assert n_rounds < 5
    clear_cache(folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "seeds", [range(60), pytest.param(range(60, 2000), marks=pytest.mark.slow)]
)
def test_damage_gives_no_wrong_value_and_no_error(seeds, images, truth, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AudioWarning)
        for seed in seeds:
            check_damaged(seed, images, truth, tmp_path / str(seed))


def flip_bits_of_the_index(data):
    """Flip the last bits of numbers of rows in the index, one in each variant."""
    for page in range(0, len(data), PAGE):
        header = page or 100
        # A leaf of an index.
        if data[header] != 10:
            continue
        n_cells = int.from_bytes(data[header + 3 : header + 5], "big")
        for cell in range(n_cells):
            at = header + 8 + 2 * cell
            start = page + int.from_bytes(data[at : at + 2], "big")
            # The payload's length, then the record: the row's number is its last byte.
            damaged = bytearray(data)
            damaged[start + data[start]] ^= 1
            yield damaged


def test_a_damaged_index_hands_out_no_value_of_another_clip(images, truth, tmp_path):
    ((name, data),) = images[0].items()
    variants = list(flip_bits_of_the_index(data))
    n_led_astray = 0
    for i, damaged in enumerate(variants[::6]):
        folder = tmp_path / str(i)
        folder.mkdir()
        (folder / name).write_bytes(damaged)
        with (
            warnings.catch_warnings(record=True) as warned,
            FeatureStore(folder)._opened() as store,
        ):
            warnings.simplefilter("always")
            found = store.read(list(truth))
            for key, value in found.items():
                np.testing.assert_array_equal(value, truth[key])
            store.write(truth)
            assert len(store.read(list(truth))) == len(truth)
        n_led_astray += len(warned)
    # Otherwise, the bits are others.
    assert n_led_astray > 5


def test_a_value_under_the_key_of_another_clip_is_damaged(folder):
    store = FeatureStore(folder)
    with store._opened() as opened:
        opened.write({b"one": np.ones(3, np.float32), b"two": np.full(3, 2, np.float32)})
    connection = sqlite3.connect(store.file)
    with connection:
        columns = {row[1] for row in connection.execute("PRAGMA table_info(feature)")}
        for column in columns - {"key", "used"}:
            connection.execute(
                f"UPDATE feature SET {column} = "
                f"(SELECT {column} FROM feature WHERE key = ?) WHERE key = ?",
                (b"two", b"one"),
            )
    connection.close()
    with store._opened() as opened:
        with pytest.warns(AudioWarning, match="1 values were damaged") as warned:
            assert list(opened.read([b"one", b"two"])) == [b"two"]
        assert warned[0].filename == __file__
        assert list(opened.read([b"one", b"two"])) == [b"two"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("shape", "CAST('text' AS TEXT)"),
        ("shape", "7"),
        ("shape", "x'0200000000000000'"),
        ("shape", "x'010300000000000000'"),
        ("value", "CAST(x'ff' AS TEXT)"),
        ("value", "2.5"),
        ("checksum", "'none'"),
        ("used", "'yesterday'"),
    ],
)
def test_what_is_no_value_is_computed_again(folder, column, value):
    store = FeatureStore(folder)
    with store._opened() as opened:
        opened.write({b"key": np.ones((2, 3), np.float32), b"other": np.ones(4, np.float32)})
    connection = sqlite3.connect(store.file)
    with connection:
        connection.execute(f"UPDATE feature SET {column} = {value} WHERE key = ?", (b"key",))
    connection.close()
    with store._opened() as opened:
        with pytest.warns(AudioWarning, match="1 values were damaged"):
            assert list(opened.read([b"key", b"other"])) == [b"other"]
        opened.write({b"key": np.ones((2, 3), np.float32)})
        assert opened.read([b"key"])[b"key"].shape == (2, 3)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE feature",
        "ALTER TABLE feature RENAME COLUMN used TO unused",
        "PRAGMA user_version = 99",
        "PRAGMA application_id = 99",
    ],
)
def test_a_store_that_is_not_what_it_was_is_set_aside(folder, statement):
    store = FeatureStore(folder)
    with store._opened() as opened:
        opened.write({b"key": np.ones(3, np.float32)})
    damaged = store.file
    connection = sqlite3.connect(damaged)
    connection.execute(statement)
    connection.close()
    with store._opened() as opened:
        message = r"is damaged .*set aside.*features-v2-2.sqlite"
        with pytest.warns(AudioWarning, match=message) as warned:
            assert opened.read([b"key"]) == {}
        assert warned[0].filename == __file__
        opened.write({b"key": np.ones(3, np.float32)})
    assert damaged.exists()
    assert store.file != damaged
    assert cache_info(folder)["n_values"] == 1


@pytest.mark.parametrize("damage", [b"garbage" * 2000, b"SQLite format 3\0" + bytes(8000)])
def test_info_of_a_damaged_store_is_that_of_the_new_one(folder, damage):
    store = FeatureStore(folder)
    with store._opened() as opened:
        opened.write({b"key": np.ones(3, np.float32)})
    store.file.write_bytes(damage)
    with pytest.warns(AudioWarning, match="damaged .*set aside"):
        assert cache_info(folder)["n_values"] == 0
    assert cache_info(folder)["n_values"] == 0


def test_an_error_that_is_not_text_means_damage(folder):
    """SQLite quotes the name of the table, and Python then cannot decode the message."""
    store = FeatureStore(folder)
    with store._opened() as opened:
        opened.write({b"key": np.ones(3, np.float32)})
    data = store.file.read_bytes()
    damaged = data.replace(b"(\n    key BLOB", b"\xe1\n    key BLOB")
    assert damaged != data
    store.file.write_bytes(damaged)
    with pytest.warns(AudioWarning, match="set aside"):
        assert cache_info(folder)["n_values"] == 0
    clear_cache(folder)
    assert list(folder.iterdir()) == []


def test_a_store_that_is_damaged_time_and_again_goes_on(folder, rng):
    clips = [rng.normal(scale=0.1, size=4000) for _ in range(3)]
    expected = make_audio_union(RMS(), sr=8000).fit_transform(clips)
    union = make_audio_union(RMS(), sr=8000, memory=folder)
    union.fit_transform(clips)
    for _ in range(3):
        FeatureStore(folder).file.write_bytes(os.urandom(5000))
        with pytest.warns(AudioWarning, match="set aside"):
            np.testing.assert_array_equal(union.fit_transform(clips), expected)
        np.testing.assert_array_equal(union.fit_transform(clips), expected)
    assert len(list(folder.iterdir())) == 4
    clear_cache(folder)
    assert list(folder.iterdir()) == []
