"""A store that several processes use, when it is damaged or when one of them is killed."""

import json
import os
import subprocess
import sys
import warnings

import numpy as np
import pytest

from skser import AudioWarning, FeatureStore, cache_info

ROWS = [b"%d" % i for i in range(30)]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "store"


def damaged_store(folder):
    store = FeatureStore(folder)
    with store._opened() as opened:
        opened.write({row: np.ones(200, np.float32) for row in ROWS})
    data = bytearray(store.file.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    store.file.write_bytes(data)


# Finds a store damaged, and stops before the n-th thing that it does to files of the folder.
STOPPING = """
import json, sys, warnings
import numpy as np
from skser import FeatureStore

warnings.simplefilter("ignore")
folder = None
n_left = -1
EVENTS = {"open", "os.rename", "os.remove", "os.listdir", "os.scandir", "sqlite3.connect"}

def stop(event, args):
    global n_left
    if folder is None or event not in EVENTS or folder not in str(args[0]):
        return
    n_left -= 1
    if n_left == 0:
        print("stopped", flush=True)
        sys.stdin.readline()

sys.addaudithook(stop)
for line in sys.stdin:
    path, n = json.loads(line)
    folder, n_left = path, n
    try:
        with FeatureStore(path)._opened() as store:
            store.read([b"%d" % i for i in range(30)])
            store.write({b"mine": np.ones(3, np.float32)})
    except Exception as error:
        print("failed", repr(error), flush=True)
    else:
        print("done", flush=True)
    folder = None
"""


def test_processes_that_find_a_store_damaged_do_not_undo_each_others_recovery(tmp_path):
    """One stops at each step of its recovery, while the other one recovers and commits."""
    values = {b"theirs %d" % i: np.full(50, i, np.float32) for i in range(20)}
    with subprocess.Popen(
        [sys.executable, "-c", STOPPING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as other:

        def told():
            return other.stdout.readline().strip()

        for n in range(1, 30):
            folder = tmp_path / str(n)
            damaged_store(folder)
            other.stdin.write(json.dumps([str(folder), n]) + "\n")
            answer = told()
            stopped = answer == "stopped"
            with warnings.catch_warnings(), FeatureStore(folder)._opened() as store:
                warnings.simplefilter("ignore", AudioWarning)
                assert store.read(ROWS) == {}
                # While this one is open, its rows are in the log only.
                store.write(values)
                if stopped:
                    other.stdin.write("\n")
                    answer = told()
                assert answer == "done"
                store.write({b"last": np.ones(3, np.float32)})
            with FeatureStore(folder)._opened() as store:
                found = store.read([*values, b"mine", b"last"])
            assert set(found) == {*values, b"mine", b"last"}
            for key, value in values.items():
                np.testing.assert_array_equal(found[key], value)
            if not stopped:
                break
        other.stdin.close()
    assert 2 < n < 29


# Many processes: forked, because to import takes a second.
RECOVERING = """
import os, sys, warnings
import numpy as np
from skser import FeatureStore

warnings.simplefilter("ignore")
folder = sys.argv[1]
begin, go = os.pipe()
children = []
for i in range(6):
    child = os.fork()
    if not child:
        status = 1
        try:
            os.close(go)
            with FeatureStore(folder)._opened() as store:
                # Blocks until all are there.
                os.read(begin, 1)
                store.read([b"%d" % j for j in range(30)])
                for j in range(20):
                    store.write({b"new %d %d" % (i, j): np.full(50, i, np.float32)})
            status = 0
        finally:
            os._exit(status)
    children.append(child)
os.close(go)
print([os.waitpid(child, 0)[1] for child in children])
"""

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that are forked")


@needs_fork
def test_six_processes_recover_at_once(folder):
    damaged_store(folder)
    done = subprocess.run(
        [sys.executable, "-c", RECOVERING, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.stdout.strip() == str([0] * 6)
    keys = [b"new %d %d" % (i, j) for i in range(6) for j in range(20)]
    with FeatureStore(folder)._opened() as store:
        assert set(store.read(keys)) == set(keys)
    assert cache_info(folder)["n_values"] == 120


KILLED = """
import os, signal, sys, time, warnings
import numpy as np
from skser import FeatureStore

N_CLIPS, SHAPES = 30, [(1,), (30,), (5, 600)]
warnings.simplefilter("ignore")

def value(clip, feature):
    return np.full(SHAPES[feature], 10 * clip + feature, np.float32)

def clip_of(clip):
    return {b"%d %d" % (clip, feature): value(clip, feature) for feature in range(len(SHAPES))}

def write_clips(folder, say):
    for first in range(0, N_CLIPS, 10):
        with FeatureStore(folder)._opened() as store:
            for clip in range(first, first + 10):
                store.write(clip_of(clip))
                os.write(say, b".")

def killed(folder, prepare):
    hear, say = os.pipe()
    child = os.fork()
    if not child:
        os.close(hear)
        prepare()
        write_clips(folder, say)
        os._exit(0)
    os.close(say)
    n_committed = 0
    while heard := os.read(hear, 100):
        n_committed += len(heard)
    os.close(hear)
    return n_committed, os.waitpid(child, 0)[1]

def check(folder, n_committed):
    clips = [clip_of(clip) for clip in range(N_CLIPS)]
    with FeatureStore(folder)._opened() as store:
        for i, clip in enumerate(clips):
            found = store.read(list(clip))
            for key, kept in found.items():
                np.testing.assert_array_equal(kept, clip[key], strict=True)
            # All of a clip or nothing, and all that was committed.
            assert len(found) in ((len(clip),) if i < n_committed else (0, len(clip))), (i, found)
        for clip in clips:
            store.write(clip)
        for clip in clips:
            assert len(store.read(list(clip))) == len(clip)
    # Nothing was found damaged.
    assert all("-v2-1." in name for name in os.listdir(folder)), os.listdir(folder)

def at_size(limit):
    import resource
    # Python ignores the signal; its default is to be killed, in the middle of the write.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

def at_time(seconds):
    signal.setitimer(signal.ITIMER_REAL, seconds)

root, n = sys.argv[1], int(sys.argv[2])
start = time.perf_counter()
n_committed, status = killed(f"{root}/whole", lambda: None)
lasts = time.perf_counter() - start
assert (n_committed, status) == (N_CLIPS, 0)
check(f"{root}/whole", N_CLIPS)
n_killed = 0
for i in range(n):
    for how, prepare in {
        "size": lambda: at_size(1 + 300_000 * i // n),
        "time": lambda: at_time(max(1e-6, lasts * i / n)),
    }.items():
        folder = f"{root}/{how}{i}"
        n_committed, status = killed(folder, prepare)
        n_killed += os.WIFSIGNALED(status)
        if os.path.isdir(folder):
            check(folder, n_committed)
print(n_killed)
"""


@needs_fork
@pytest.mark.parametrize("n", [8, pytest.param(200, marks=pytest.mark.slow)])
def test_a_process_killed_at_any_write_leaves_a_valid_store(n, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(n)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > n
