"""Download of the two files of Google's speech embedding, and the folder where they are kept."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from skser._files import writing
from skser.datasets import get_data_home
from skser.exceptions import SkserError
from skser.pretrained._hashes import hash_of_file

WHEEL = "openwakeword==0.5.0"
_FOLDER = "resources/models"
MODEL = "embedding_model.onnx"
FRONT_END = "melspectrogram.onnx"
HASHES = {
    MODEL: "70d164290c1d095d1d4ee149bc5e00543250a7316b59f31d056cff7bd3075c1f",
    FRONT_END: "ba2b0e0f8b7b875369a2c89cb13360ff53bac436f2895cced9f479fa65eb176f",
}
_LARGEST = 10_000_000
"""Maximum size of a file in bytes; both files together are a quarter of it."""

_SOURCE = """\
Google's speech_embedding (Lin, Kilgour, Roblek and Sharifi 2020, "Training keyword spotters with
limited and synthesized speech data", arXiv:2002.01322), licensed under the Apache License 2.0.
The two ONNX files were taken from the Python package openwakeword 0.5.0; its other models have
another licence and are not used.
"""


def speech_embedding_folder(data_home: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder in which the files are kept."""
    return Path(get_data_home(data_home)) / "speech_embedding"


def find_speech_embedding(data_home: str | os.PathLike[str] | None = None) -> tuple[Path, Path]:
    """Return the paths of model and front end after verifying their hashes.

    Raises
    ------
    FileNotFoundError
        If the files have not been fetched.
    SkserError
        If one of the files has another hash.
    """
    folder = speech_embedding_folder(data_home)
    fetch = f"skser.fetch_speech_embedding({'' if data_home is None else repr(str(data_home))})"
    for name, expected in HASHES.items():
        path = folder / name
        if not path.is_file():
            raise FileNotFoundError(
                f"The speech embedding is not in {str(folder)!r}: {name} is missing. Download it "
                f"once with {fetch} (3 MB of models, from a package of 17 MB)."
            )
        if (found := hash_of_file(path)) != expected:
            raise SkserError(
                f"{str(path)!r} is not the file of {WHEEL}: its SHA-256 is {found} instead of "
                f"{expected}. Replace it with {fetch}."
            )
    return folder / MODEL, folder / FRONT_END


def fetch_speech_embedding(data_home: str | os.PathLike[str] | None = None) -> str:
    """Download the two files of Google's speech embedding, for `SpeechEmbedding`.

    pip downloads the package openwakeword 0.5.0 (17 MB), of which only the embedding and its mel
    front end are kept. The model is Google's speech_embedding [1]_, licensed under the Apache
    License 2.0. Files that exist already are not downloaded again.

    Parameters
    ----------
    data_home : str or os.PathLike, default=None
        Folder for downloads. If None, the folder named by the environment variable ``SKSER_HOME``
        is used or, if it is not set, ``~/skser_data``.

    Returns
    -------
    folder : str
        Folder of the files.

    Raises
    ------
    SkserError
        If pip or the network is not available, or if the hash of a file is wrong.

    References
    ----------
    .. [1] J. Lin, K. Kilgour, D. Roblek and M. Sharifi, "Training keyword spotters with limited
       and synthesized speech data", 2020, arXiv:2002.01322.

    Examples
    --------
    >>> from skser import fetch_speech_embedding
    >>> folder = fetch_speech_embedding()  # doctest: +SKIP
    """
    folder = speech_embedding_folder(data_home)
    if all(_is_right(folder / name) for name in HASHES):
        return str(folder)
    with tempfile.TemporaryDirectory(prefix="skser-") as downloads:
        wheel = _download(Path(downloads), folder)
        files = {name: _read(wheel, name) for name in HASHES}
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        with writing(folder / name) as temporary:
            temporary.write_bytes(data)
    (folder / "SOURCE.txt").write_text(_SOURCE)
    print(f"{folder}:\n{_SOURCE}", end="")
    return str(folder)


def _is_right(path: Path) -> bool:
    return path.is_file() and hash_of_file(path) == HASHES[path.name]


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _download(downloads: Path, folder: Path) -> Path:
    """Download the wheel and return its path; `folder` is named in the message."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--quiet", "--disable-pip-version-check", "--dest", str(downloads), WHEEL]
    process = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    wheels = list(downloads.glob("*.whl"))
    if process.returncode or len(wheels) != 1:
        said = process.stderr.strip().splitlines()
        raise SkserError(
            f"pip could not download {WHEEL} ({said[-1] if said else 'no wheel'}). To install it "
            f"by hand, get that wheel from the Python package index, unzip {MODEL} and {FRONT_END} "
            f"from its folder openwakeword/{_FOLDER}, and put them into {str(folder)!r}."
        )
    return wheels[0]


def _read(wheel: Path, name: str) -> bytes:
    member = f"openwakeword/{_FOLDER}/{name}"
    try:
        with zipfile.ZipFile(wheel) as archive:
            if archive.getinfo(member).file_size > _LARGEST:
                raise SkserError(
                    f"{wheel.name}: {member} is larger than it should be. Download it again."
                )
            data = archive.read(member)
    except (KeyError, zipfile.BadZipFile) as error:
        raise SkserError(
            f"{wheel.name} does not contain {member} ({error}). Download it again."
        ) from error
    if _hash(data) != HASHES[name]:
        raise SkserError(
            f"{wheel.name}: {name} has the SHA-256 {_hash(data)} instead of {HASHES[name]}, and "
            "was not kept. Download it again."
        )
    return data
