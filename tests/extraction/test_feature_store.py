import importlib
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from skser import (
    MFCC,
    RMS,
    ZCR,
    Audio,
    AudioWarning,
    FeatureStore,
    Segment,
    SkserError,
    cache_info,
    incremental_grid,
    make_audio_union,
)


def union(memory, **kwargs):
    return make_audio_union(ZCR(), MFCC(4), sr=8000, memory=memory, **kwargs)


@pytest.fixture
def paths(tmp_path, rng):
    files = [str(tmp_path / f"{i}.wav") for i in range(6)]
    for file in files:
        soundfile.write(file, rng.normal(scale=0.1, size=4000), 8000)
    return files


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "store"


def test_values_are_those_computed_without_a_store(paths, folder):
    expected = union(None).fit_transform(paths)
    for _ in range(2):
        np.testing.assert_array_equal(union(folder).fit_transform(paths), expected)


@pytest.mark.parametrize("memory", ["a\0b", Path("a\0b")], ids=["text", "path"])
def test_a_name_that_no_folder_can_have_is_refused(paths, memory):
    with pytest.raises(ValueError, match=r"'a\\x00b' contains a null character.* Use another"):
        union(memory).fit(paths)


@pytest.mark.parametrize("max_bytes", [0, -5, float("nan"), None, "1 GB"])
def test_a_limit_that_is_no_size_is_refused(folder, max_bytes):
    with pytest.raises(ValueError, match=r"max_bytes=.* must be a positive number, such as"):
        FeatureStore(folder, max_bytes)


def test_a_clip_is_read_once_ever(paths, folder, reads):
    fitted = union(folder).fit(paths)
    fitted.transform(paths)
    reads.clear()
    fitted.transform(paths)
    union(str(folder)).fit(paths).transform(paths[::-1])
    # Only the fit looks at its first clip.
    assert reads == [(0, 8000)]


def test_a_new_feature_is_all_that_is_computed(paths, folder):
    union(folder).fit_transform(paths)
    assert cache_info(folder)["n_values"] == 12
    make_audio_union(ZCR(), MFCC(4), RMS(), sr=8000, memory=folder).fit_transform(paths)
    assert cache_info(folder)["n_values"] == 18


@pytest.mark.parametrize(
    "changed",
    [
        {"mfcc__n_mfcc": 5},
        {"mfcc__pooling": "std"},
        {"mfcc__deltas": 1},
        {"n_fft": 1024},
        {"sr": 16000},
        {"duration": 0.25},
    ],
)
def test_other_parameters_are_other_values(paths, folder, changed):
    kept = union(folder).fit(paths)
    kept.transform(paths)
    other = clone(kept).set_params(**changed)
    expected = clone(other).set_params(memory=None).fit_transform(paths)
    np.testing.assert_array_equal(other.fit_transform(paths), expected)


def test_a_file_that_changed_is_computed_anew(paths, folder, rng):
    union(folder).fit_transform(paths)
    soundfile.write(paths[2], rng.normal(scale=0.3, size=4000), 8000)
    expected = union(None).fit_transform(paths)
    np.testing.assert_array_equal(union(folder).fit_transform(paths), expected)


def test_samples_are_known_by_their_content(folder, rng, reads):
    y = rng.normal(size=3000)
    fitted = union(folder).fit([y])
    fitted.transform([y, Audio(y, 8000), Audio(y, 16000)])
    reads.clear()
    fitted.transform([Audio(y.copy(), 8000), y.copy(), Audio(y, 16000)])
    assert reads == []


def test_segments_of_a_file_are_clips_of_their_own(paths, folder):
    segments = [Segment(paths[0], 0, 0.2), Segment(paths[0], 0.2, 0.4), paths[0]]
    expected = union(None).fit_transform(segments)
    for _ in range(2):
        np.testing.assert_array_equal(union(folder).fit_transform(segments), expected)


def test_a_callable_pooling_is_not_kept(paths, folder):
    make_audio_union(RMS(pooling=np.ravel, duration=0.1), memory=folder).fit_transform(paths)
    assert cache_info(folder)["n_values"] == 0


LOUDNESS = """
from dataclasses import dataclass
from skser.features import AudioFeature

@dataclass(eq=False, repr=False)
class Loudness(AudioFeature):
    weights: object = None
    def _frames(self, analysis):
        return analysis.rms[None]
"""


@pytest.fixture
def loudness(tmp_path, monkeypatch):
    """A feature of a module that is not part of skser."""
    (tmp_path / "loudness.py").write_text(LOUDNESS)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("loudness").Loudness
    del sys.modules["loudness"]


@pytest.mark.parametrize(
    ("weights", "n_kept"), [(np.zeros(2000), 12), (np.float32(1), 12), (np.ravel, 0), ({1: 2}, 6)]
)
def test_parameters_are_known_by_their_values(paths, folder, loudness, weights, n_kept):
    other = weights
    if isinstance(weights, np.ndarray):
        other = weights.copy()
        other[1000] = 5
    elif n_kept == 12:
        other = weights + 1
    for value in (weights, other):
        make_audio_union(loudness(weights=value), memory=folder).fit_transform(paths)
    assert cache_info(folder)["n_values"] == n_kept


def test_a_file_as_a_parameter_is_known_by_its_content(paths, folder, loudness, tmp_path):
    file = tmp_path / "weights.txt"
    for text in ("1", "2, 3"):
        file.write_text(text)
        make_audio_union(loudness(weights=file), memory=folder).fit_transform(paths)
    assert cache_info(folder)["n_values"] == 12
    make_audio_union(loudness(weights=tmp_path), memory=folder).fit_transform(paths)
    assert cache_info(folder)["n_values"] == 12


def test_clips_of_another_length_are_refused_as_without_a_store(paths, folder, rng):
    framewise = make_audio_union(RMS(pooling=None), sr=8000, memory=folder)
    framewise.fit_transform(paths)
    longer = rng.normal(size=9000)
    make_audio_union(RMS(pooling=None), sr=8000, memory=folder).fit_transform([longer])
    with pytest.raises(ValueError, match=r"X\[1\].*Set duration"):
        framewise.fit(paths).transform([paths[0], longer])


def test_a_clip_that_cannot_be_read_is_not_kept(paths, folder):
    lenient = union(folder, on_error="nan")
    with pytest.warns(AudioWarning, match="1 of 7 clips"):
        values = lenient.fit_transform([*paths, "missing.wav"])
    assert np.isnan(values[-1]).all()
    assert cache_info(folder)["n_values"] == 12


def test_folds_in_processes_share_the_store(paths, folder):
    pipe = Pipeline([("features", union(folder)), ("classify", SVC())])
    grids = incremental_grid("features", ["zcr"], ["mfcc"], classify__C=[1, 10])
    search = GridSearchCV(pipe, grids, cv=2, n_jobs=2).fit(paths, [0, 1] * 3)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert cache_info(folder)["n_values"] == 12


def test_processes_of_a_union_share_the_store(paths, folder):
    np.testing.assert_array_equal(
        union(folder, n_jobs=2).fit_transform(paths), union(None).fit_transform(paths)
    )
    assert cache_info(folder)["n_values"] == 12


def test_only_the_owner_may_read_the_store(paths, folder):
    union(folder).fit_transform(paths)
    assert folder.stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.iterdir())


@pytest.mark.parametrize("n_floats", [1, 1000])
def test_the_file_is_bounded_and_what_was_used_last_stays(folder, n_floats):
    store = FeatureStore(folder, max_bytes=300_000)
    n_values = 600_000 // (4 * n_floats + 80)
    values = {i.to_bytes(16, "big"): np.full(n_floats, i, np.float32) for i in range(n_values)}
    keys = list(values)
    at_once = max(10, n_values // 100)
    for start in range(0, n_values, at_once):
        with store._opened() as opened:
            opened.write({key: values[key] for key in keys[start : start + at_once]})
        connection = sqlite3.connect(store.file)
        with connection:
            connection.execute("UPDATE feature SET used = rowid")
        connection.close()
    with store._opened() as opened:
        kept = opened.read(keys)
    assert keys[-1] in kept
    assert keys[0] not in kept
    assert store.info()["file_bytes"] < 450_000


@pytest.mark.parametrize("shape", [(), (0,), (1,), (7,), (2, 3), (0, 4), (4, 5, 3), (2, 1, 3, 2)])
def test_arrays_keep_their_shape(folder, rng, shape):
    value = np.asarray(rng.normal(size=shape), dtype=np.float32)
    with FeatureStore(folder)._opened() as store:
        store.write({b"C": value, b"Fortran": np.asfortranarray(value).reshape(shape)})
    with FeatureStore(folder)._opened() as store:
        found = store.read([b"C", b"Fortran"])
    assert len(found) == 2
    for kept in found.values():
        assert kept.dtype == np.float32
        assert kept.shape == shape
        np.testing.assert_array_equal(kept, value)


def test_arrays_of_one_feature_may_differ_in_shape(folder, rng):
    values = {b"%d" % n: rng.normal(size=(13, n)).astype(np.float32) for n in range(40)}
    with FeatureStore(folder)._opened() as store:
        store.write(values)
        found = store.read(list(values))
    assert {key: value.shape for key, value in found.items()} == {
        key: value.shape for key, value in values.items()
    }


# Damage


@pytest.mark.parametrize("part", ["all", "header", "middle"])
def test_a_damaged_file_is_set_aside(paths, folder, part):
    expected = union(folder).fit_transform(paths)
    file = FeatureStore(folder).file
    data = bytearray(file.read_bytes())
    start, stop = {"all": (0, len(data)), "header": (0, 100), "middle": (4096, 8192)}[part]
    data[start:stop] = os.urandom(stop - start)
    file.write_bytes(data)
    with pytest.warns(AudioWarning, match="damaged"):
        np.testing.assert_array_equal(union(folder).fit_transform(paths), expected)
    np.testing.assert_array_equal(union(folder).fit_transform(paths), expected)


def test_a_damaged_value_is_computed_again(paths, folder):
    expected = union(folder).fit_transform(paths)
    connection = sqlite3.connect(FeatureStore(folder).file)
    with connection:
        connection.execute("UPDATE feature SET value = zeroblob(LENGTH(value))")
    connection.close()
    with pytest.warns(AudioWarning, match="values were damaged and are computed again"):
        np.testing.assert_array_equal(union(folder).fit_transform(paths), expected)


def test_a_file_in_place_of_the_folder_is_refused(paths, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SkserError, match="cannot be used as a store"):
        union(tmp_path / "file").fit_transform(paths)


EXTRACT = """
import sys
from skser import MFCC, ZCR, make_audio_union
union = make_audio_union(ZCR(), MFCC(4), sr=8000, memory=sys.argv[1])
union.fit_transform(sys.argv[2:])
"""


def test_a_process_killed_while_it_extracts_leaves_a_valid_store(tmp_path, rng, folder):
    paths = [str(tmp_path / f"{i}.wav") for i in range(300)]
    for path in paths:
        soundfile.write(path, rng.normal(scale=0.1, size=8000), 8000)
    process = subprocess.Popen([sys.executable, "-c", EXTRACT, str(folder), *paths])
    until = time.monotonic() + 60
    while cache_info(folder)["n_values"] < 20 and time.monotonic() < until:
        time.sleep(0.005)
    process.kill()
    process.wait()
    kept = cache_info(folder)["n_values"]
    assert kept >= 20
    # A clip is one transaction: of no clip there is only one of the two features.
    assert kept % 2 == 0
    expected = union(None).fit_transform(paths)
    np.testing.assert_array_equal(union(folder).fit_transform(paths), expected)
    assert cache_info(folder)["n_values"] == 600


def _write(folder, first):
    with FeatureStore(folder)._opened() as store:
        for i in range(first, first + 50):
            store.write({i.to_bytes(16, "big"): np.full(10, i, np.float32)})


def test_four_processes_write_at_once(folder):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(folder, 50 * i)) for i in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    with FeatureStore(folder)._opened() as store:
        kept = store.read([i.to_bytes(16, "big") for i in range(200)])
    assert len(kept) == 200
    for key, value in kept.items():
        np.testing.assert_array_equal(value, int.from_bytes(key, "big"))


def _write_in_threads(folder, writer):
    warnings.simplefilter("error")

    def write(thread):
        for i in range(40):
            value = np.full(200, i, np.float32)
            with FeatureStore(folder)._opened() as store:
                store.write({bytes([writer, thread, i]): value})

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))


def test_threads_of_several_processes_write_at_once(folder):
    """A thread that opens the store must not free it of the locks of another one."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_in_threads, args=(folder, i)) for i in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 3
    assert cache_info(folder)["n_values"] == 3 * 4 * 40


def test_a_damaged_file_is_set_aside_by_the_first_who_finds_it(folder):
    store = FeatureStore(folder)
    keys = [i.to_bytes(16, "big") for i in range(300)]
    with store._opened() as kept:
        kept.write({key: np.ones(1000, np.float32) for key in keys})
    with store._opened() as first, store._opened() as second:
        first.read(keys[:1]), second.read(keys[:1])
        store.file.write_bytes(os.urandom(store.file.stat().st_size))
        with pytest.warns(AudioWarning, match="set aside"):
            assert first.read(keys) == {}
        first.write({b"new": np.ones(3, np.float32)})
        assert second.read(keys) == {}
    assert cache_info(folder)["n_values"] == 1
