"""How often a clip is computed, and how many are in memory at once."""

import os
import sqlite3
import time
import weakref
from dataclasses import dataclass

import numpy as np
import pytest
import soundfile
from joblib.externals.loky import get_reusable_executor
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from skser import (
    MFCC,
    RMS,
    ZCR,
    Audio,
    AudioError,
    AudioWarning,
    FeatureStore,
    cache_info,
    make_audio_union,
)
from skser.extraction import _clip, _extraction

SR = 8000


@dataclass(eq=False, repr=False)
class Logged(RMS):
    """Writes a line to a file each time it computes a clip."""

    log: str = ""

    def _compute(self, analysis):
        with open(self.log, "a") as file:
            file.write(f"{len(analysis.y)}\n")
        return super()._compute(analysis)


def _close_processes():
    get_reusable_executor().shutdown(wait=True)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def paths(tmp_path, rng):
    files = [str(tmp_path / f"{i}.wav") for i in range(40)]
    for i, file in enumerate(files):
        soundfile.write(file, rng.normal(scale=0.1, size=4000 + i), SR)
    return files


def test_folds_in_processes_do_not_double_the_work(paths, folder, tmp_path):
    log = tmp_path / "log"
    union = make_audio_union(Logged(log=str(log)), MFCC(4), sr=SR, memory=folder)
    search = GridSearchCV(
        Pipeline([("features", union), ("classify", SVC())]),
        {"classify__C": [1, 10, 100]},
        cv=2,
        n_jobs=2,
        refit=False,
        error_score="raise",
    )
    search.fit(paths, [0, 1] * 20)
    n_computed = len(log.read_text().splitlines())
    # Without the store, it would be 240; two processes may be at one clip at the same time.
    assert 40 <= n_computed <= 50
    assert cache_info(folder)["n_values"] == 80


@pytest.mark.parametrize("with_store", [False, True])
def test_one_clip_is_in_memory_at_a_time(with_store, paths, folder, monkeypatch):
    alive = weakref.WeakSet()
    most = 0

    class Counted(_clip.Analysis):
        def __init__(self, y, plan):
            nonlocal most
            super().__init__(y, plan)
            alive.add(self)
            most = max(most, len(alive))

    memory = folder if with_store else None
    union = make_audio_union(RMS(), ZCR(), MFCC(4), sr=SR, memory=memory).fit(paths)
    monkeypatch.setattr(_clip, "Analysis", Counted)
    union.transform(paths)
    # The one before is let go when the next is there.
    assert 1 <= most <= 2


def test_a_store_that_has_all_starts_no_processes(paths, folder, monkeypatch):
    union = make_audio_union(RMS(), sr=SR, memory=folder)
    expected = union.fit_transform(paths)
    tasks = []
    monkeypatch.setattr(_extraction, "delayed", tasks.append)
    np.testing.assert_array_equal(union.set_params(n_jobs=2).fit(paths).transform(paths), expected)
    assert tasks == []


# What a clip is


def test_a_file_is_one_clip_under_all_its_paths(paths, folder, tmp_path, reads, monkeypatch):
    (tmp_path / "linked folder").symlink_to(tmp_path)
    (tmp_path / "link.wav").symlink_to(paths[0])
    union = make_audio_union(RMS(), sr=SR, memory=folder).fit(paths[:1])
    union.transform(paths[:1])
    reads.clear()
    monkeypatch.chdir(tmp_path)
    names = ["0.wav", "./0.wav", "link.wav", "linked folder/0.wav", tmp_path / "0.wav"]
    union.transform(names)
    assert reads == []


def test_a_link_to_another_file_is_another_clip(paths, folder, tmp_path, rng):
    # Of one size and one time, so that only the path tells them apart.
    soundfile.write(paths[1], rng.normal(scale=0.3, size=4000), SR)
    for path in paths[:2]:
        os.utime(path, ns=(0, 0))
    link = tmp_path / "link.wav"
    union = make_audio_union(RMS(), sr=SR, memory=folder).fit(paths[:1])
    values = []
    for path in paths[:2]:
        link.unlink(missing_ok=True)
        link.symlink_to(path)
        values.append(union.transform([link]).item())
    assert values[0] != values[1]


@pytest.mark.parametrize("bad", [None, 3, "a\0b", "missing.wav", np.zeros(0), Audio("abc", None)])
def test_what_is_no_clip_is_not_looked_up(bad, paths, folder):
    union = make_audio_union(RMS(), sr=SR, memory=folder, on_error="nan")
    with pytest.warns(AudioWarning, match="1 of 41 clips"):
        values = union.fit_transform([*paths, bad])
    assert np.isnan(values).ravel().tolist() == [False] * 40 + [True]
    assert cache_info(folder)["n_values"] == 40


# The file


def test_side_files_are_the_owners_too(folder):
    with FeatureStore(folder)._opened() as store:
        store.write({b"key": np.ones(3, np.float32)})
        files = list(folder.iterdir())
        assert len(files) == 3
        assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_what_is_read_counts_as_used(folder):
    store = FeatureStore(folder)
    with store._opened() as opened:
        opened.write({b"old": np.ones(3, np.float32), b"read": np.ones(3, np.float32)})
    connection = sqlite3.connect(store.file)
    with connection:
        connection.execute("UPDATE feature SET used = 0")
    with store._opened() as opened:
        opened.read([b"read"])
    used = dict(connection.execute("SELECT key, used FROM feature"))
    connection.close()
    assert used[b"old"] == 0 < used[b"read"]


def test_a_store_found_damaged_is_begun_anew_at_once(folder):
    store = FeatureStore(folder)
    with store._opened() as opened:
        opened.write({b"%d" % i: np.full(100, i, np.float32) for i in range(200)})
    data = bytearray(store.file.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    store.file.write_bytes(data)
    with store._opened() as opened:
        with pytest.warns(AudioWarning, match="damaged"):
            assert opened.read([b"%d" % i for i in range(200)]) == {}
        opened.write({b"new": np.ones(3, np.float32)})
        assert list(opened.read([b"new", b"0"])) == [b"new"]


def test_a_process_that_helps_while_others_start_computes_no_clip_twice(tmp_path, rng):
    clips = [rng.normal(size=800 + i).astype(np.float32) for i in range(130)]
    log = tmp_path / "log"
    union = make_audio_union(Logged(log=str(log)), sr=SR).fit(clips[:1])
    expected = union.transform(clips)
    log.unlink()
    _close_processes()
    np.testing.assert_array_equal(union.set_params(n_jobs=2).transform(clips), expected)
    assert sorted(map(int, log.read_text().split())) == [800 + i for i in range(130)]


def test_a_single_clip_starts_no_process(paths):
    union = make_audio_union(RMS(), sr=SR, n_jobs=2).fit(paths[:1])
    with open(paths[0], "rb") as file:  # which could not be sent to another process
        np.testing.assert_array_equal(union.transform([file]), union.transform(paths[:1]))


class Slow(RMS):
    """Takes a while, so that processes overtake each other."""

    def _compute(self, analysis):
        time.sleep(0.005)
        return super()._compute(analysis)


def test_an_error_in_another_process_is_told_at_once(rng):
    clips = [rng.normal(size=800).astype(np.float32) for _ in range(1500)]
    union = make_audio_union(Slow(), sr=SR, n_jobs=2).fit(clips[:1])
    union.transform(clips[:80])
    clips[3] = np.full(400, np.nan, dtype=np.float32)
    began = time.perf_counter()
    with pytest.raises(AudioError, match=r"X\[3\]"):
        union.transform(clips)
    # One process alone would take 7.5 s for the others.
    assert time.perf_counter() - began < 4
