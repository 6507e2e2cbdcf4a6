"""Thousands of damaged files, each read in a process of its own limits.

Run as a script, this file is that process: ``python test_mutated_files.py FORMAT SEED FOLDER``.
"""

import os
import re
import signal
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile

from skser import AudioError, Segment
from skser.audio._load import clip_duration, load_clip, read_clip
from skser.audio._ogg import _checksum

SR = 16000
PER_FORMAT = 2000
SECONDS = 5
PEAK_MEMORY = 2**30
ADDRESS_SPACE = 2**32

FORMATS = {
    "wav": [{"subtype": subtype} for subtype in ("PCM_16", "PCM_24", "FLOAT", "ULAW", "IMA_ADPCM")],
    "flac": [{"subtype": subtype} for subtype in ("PCM_16", "PCM_24")],
    "ogg": [{"format": "OGG", "subtype": "VORBIS"}],
    "opus": [{"format": "OGG", "subtype": "OPUS"}],
    "mp3": [{}],
}


@pytest.mark.slow
@pytest.mark.parametrize("extension", FORMATS)
def test_mutated_file_has_the_decoders_values_or_is_refused(extension, tmp_path):
    pytest.importorskip("resource")
    seed = int(os.environ.get("SKSER_SEED", np.random.SeedSequence().generate_state(1)[0]))
    print(f"SKSER_SEED={seed}")
    reading = subprocess.run(
        [sys.executable, __file__, extension, str(seed), str(tmp_path)],
        capture_output=True,
        timeout=500,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert reading.returncode == 0, (
        f"SKSER_SEED={seed}: mutation {(tmp_path / 'number').read_text()} of {extension}: exit "
        f"code {reading.returncode} (negative: the number of a signal, {signal.SIGPROF:d} after "
        f"{SECONDS} s)\n{reading.stderr.decode(errors='replace')[-2000:]}"
    )
    n_read, n_refused = map(int, reading.stdout.split())
    assert n_read + n_refused == PER_FORMAT
    assert min(n_read, n_refused) > 0


def peak_memory():
    """Return the peak memory of this process in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # In Linux, ru_maxrss begins with the memory of the process that started this one.
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main(extension, seed, folder):
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    rng = np.random.default_rng([seed, list(FORMATS).index(extension)])
    originals = [
        write_original(Path(folder, f"original.{extension}"), n_channels, options, rng)
        for options in FORMATS[extension]
        for n_channels in (1, 2)
    ]
    path = Path(folder, f"mutated.{extension}")
    n_read = 0
    for number in range(PER_FORMAT):
        Path(folder, "number").write_text(str(number))
        content = mutate(originals[number % len(originals)], rng)
        # Most mutations of Ogg leave a wrong checksum; libsndfile shall see some of them.
        path.write_bytes(with_new_pages(content) if rng.random() < 0.5 else content)
        # The default action of the signal ends the process wherever it is.
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        n_read += is_read(path)
        signal.setitimer(signal.ITIMER_PROF, 0)
        peak = peak_memory()
        assert peak < PEAK_MEMORY, f"{peak / 2**20:.0f} MiB of memory"
    print(n_read, PER_FORMAT - n_read)


def write_original(path, n_channels, options, rng):
    time = np.arange(SR // 2)[:, None] / SR
    tone = 0.3 * np.sin(2 * np.pi * 220 * time) + 0.05 * rng.normal(size=(len(time), n_channels))
    soundfile.write(path, tone, SR, **options)
    # libsndfile numbers Ogg streams at random, and a seed shall give the same files again.
    return with_new_pages(path.read_bytes(), stream=1)


def mutate(original, rng):
    content = bytearray(original)
    start, end = np.sort(rng.integers(len(content) + 1, size=2))
    match rng.choice(["cut", "flip", "header", "header", "zeros", "drop", "repeat"]):
        case "cut":
            del content[rng.integers(len(content)) :]
        case "flip":
            for bit in rng.integers(8 * len(content), size=rng.integers(1, 9)):
                content[bit // 8] ^= 1 << bit % 8
        case "header":
            n_bytes = rng.choice([1, 2, 4, 8])
            at = rng.integers(min(256, len(content) - n_bytes))
            extremes = [b"\0" * n_bytes, b"\xff" * n_bytes, b"\x7f" + b"\xff" * (n_bytes - 1)]
            content[at : at + n_bytes] = [*extremes, rng.bytes(n_bytes)][rng.integers(4)]
        case "zeros":
            content[start:end] = bytes(int(end - start))
        case "drop":
            del content[start:end]
        case "repeat":
            content[start:start] = content[start:end]
    return bytes(content)


def with_new_pages(content, stream=None):
    """Give Ogg pages right checksums, and a number to their stream; others stay as they are."""
    content = bytearray(content)
    begin = 0
    while content[begin : begin + 4] == b"OggS" and len(content) >= begin + 27:
        n_segments = content[begin + 26]
        body = begin + 27 + n_segments
        end = body + sum(content[begin + 27 : body])
        if stream is not None:
            struct.pack_into("<I", content, begin + 14, stream)
        content[begin + 22 : begin + 26] = bytes(4)
        struct.pack_into("<I", content, begin + 22, _checksum(bytes(content[begin:end])))
        begin = end
    return bytes(content)


def is_read(path):
    """Tell whether a file is read, to the values that soundfile alone gives, or refused."""
    try:
        y, sr = read_clip(path, SR)
    except AudioError as error:
        assert repr(str(path)) in str(error)
        for read in (load_clip, clip_duration):
            for item in (path, Segment(path, 0.1, 0.2)):
                with suppress(AudioError):
                    read(item, SR)
        return False
    with soundfile.SoundFile(path) as file:
        assert sr == file.samplerate
        # soundfile.read seeks first, which changes the last bit of what mpg123 decodes.
        expected = file.read(dtype="float32", always_2d=True)
    np.testing.assert_array_equal(y, expected.T.mean(axis=0))
    assert np.isfinite(y).all()
    assert clip_duration(path, SR) == len(y) / sr
    assert np.isfinite(load_clip(path, SR)).all()
    return True


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
