"""Requests a second of one process that serves a model, with eight client threads.

`make_recognizer("fast")`, trained on the built-in speech, behind the twenty lines of FastAPI that
the guide shows (docs/guide/serving.md), and uvicorn. The clients are threads of a second process;
each posts wav files of 2 s, one after the other. Every answer is compared with the probabilities
that the model gives offline for the same clip: they must be equal to the bit. The page predicts for
one request at a time; the same without its lock is measured beside it.

Run: ``python benchmarks/bench_serving.py [--clients 8] [--requests 100]``, after
``pip install -r benchmarks/requirements.txt``. It uses the speech embedding if it was fetched;
``--without-embedding`` leaves it out.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import multiprocessing
import os
import re
import socket
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

# First of all: it sets the number of threads, here and in the server.
import _common
import numpy as np
import soundfile

from skser import make_emotional_speech, make_recognizer, save_model

PAGE = Path(__file__).parents[1] / "docs" / "guide" / "serving.md"


def trained(with_embedding: bool) -> tuple[Any, list[bytes]]:
    """Return a model, and clips of 2 s as wav files."""
    speech = make_emotional_speech(n_speakers=3, n_per_class=3, random_state=0)
    model = make_recognizer("fast", embedding=None if with_embedding else False)
    model.fit(speech.data, speech.target)
    clips = []
    for clip in speech.data[::4]:
        buffer = io.BytesIO()
        soundfile.write(buffer, np.resize(clip.y, 2 * 22050), 22050, format="WAV")
        clips.append(buffer.getvalue())
    return model, clips


def serve(folder: str, port: int, lock: bool) -> None:
    """Run the application of the guide's page, or the same without its lock."""
    import uvicorn

    os.chdir(folder)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.S)
    [code] = [block for block in blocks if "FastAPI()" in block]
    if not lock:
        code = code.replace("threading.Lock()", "__import__('contextlib').nullcontext()")
    scope: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), scope)
    uvicorn.run(scope["app"], host="127.0.0.1", port=port, log_level="warning")


class Client(threading.local):
    """Posts clips; a connection for each thread."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def __call__(self, clip: bytes) -> tuple[dict[str, float], float]:
        """Return the probabilities, and the seconds it took."""
        began = time.perf_counter()
        self.connection.request("POST", "/predict", clip, {"Content-Type": "audio/wav"})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {body!r}")
        return json.loads(body)["probabilities"], time.perf_counter() - began


def wait_for(port: int, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def load(
    port: int, clips: list[bytes], offline: list[dict[str, float]], n_clients: int, n_requests: int
) -> dict[str, float]:
    """Post clips from several threads, and compare the answers."""
    post = Client(port)
    chosen = [i % len(clips) for i in range(n_requests)]
    with ThreadPoolExecutor(n_clients) as pool:
        # Connections are opened, and filter banks made, before the clock runs.
        list(pool.map(post, clips[:n_clients]))
        began = time.perf_counter()
        answers = list(pool.map(post, [clips[i] for i in chosen]))
        seconds = time.perf_counter() - began
    for i, (probabilities, _) in zip(chosen, answers, strict=True):
        if probabilities != {name: float(p) for name, p in offline[i].items()}:
            sys.exit(f"clip {i}: {probabilities}, but offline {offline[i]}")
    slow = 1000 * float(np.percentile([wait for _, wait in answers], 99))
    return {"requests_a_second": n_requests / seconds, "p99_ms": slow}


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--without-embedding", action="store_true")
    options = parser.parse_args()
    model, clips = trained(not options.without_embedding)
    offline = [
        dict(zip(model.classes_.tolist(), model.predict_proba([io.BytesIO(c)])[0], strict=True))
        for c in clips
    ]
    rows: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        save_model(model, Path(folder, "model.skser"))
        for lock in (True, False):
            port = free_port()
            context = multiprocessing.get_context("spawn")
            server = context.Process(target=serve, args=(folder, port, lock))
            server.start()
            try:
                wait_for(port)
                for n_clients in options.clients:
                    row = load(port, clips, offline, n_clients, options.requests)
                    rows[f"{n_clients} clients, {'one at a time' if lock else 'at once'}"] = row
                    print(
                        f"{n_clients} clients, predictions {'one at a time' if lock else 'at once'}"
                        f": {row['requests_a_second']:.1f} requests a second, 99th percentile "
                        f"{row['p99_ms']:.0f} ms; {options.requests} answers equal to offline",
                        flush=True,
                    )
            finally:
                server.terminate()
                server.join()
    _common.keep("serving", {"embedding": not options.without_embedding, "rows": rows})


if __name__ == "__main__":
    main()
