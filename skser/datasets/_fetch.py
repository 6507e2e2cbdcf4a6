"""Download corpora and manage the folder that they are stored in."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit

import pandas as pd
from sklearn.utils import Bunch

from skser.datasets import _crema_d, _emo_db, _emov_db, _ravdess, _savee, _tess
from skser.datasets._card import Archive, CorpusCard
from skser.datasets._unpack import unpack
from skser.exceptions import SkserError

CARDS = {
    module.CARD.name: module.CARD
    for module in (_crema_d, _emo_db, _emov_db, _ravdess, _savee, _tess)
}
"""Every corpus that has a loader of its own."""

_CHUNK = 2**20

_DOC = """Load {acronym}; download it first if it is missing.

{terms}

Parameters
----------
data_home : str or os.PathLike, default=None
    Folder of the downloaded corpora; this one is in its subfolder ``{name}``. If None, the folder
    that `get_data_home` returns is used.
url : str or sequence of str, default=None
    URL of the zip or tar archive, or of several. If None, {where}.
sha256 : str or sequence of str, default=None
    SHA-256 checksum of each archive, 64 hexadecimal digits. If None, {known}.
download_if_missing : bool, default=True
    Whether to download the corpus if it is missing. If False, a missing corpus is an error.
progressbar : bool, default=True
    Whether to show a progress bar during the download.

Returns
-------
corpus : Bunch
    The corpus, as returned by `load_{name}`.

Raises
------
SkserError
    If the corpus cannot be downloaded; the message says how else to get it.

See Also
--------
load_{name} : Loads the corpus from any folder.

Notes
-----
An interrupted download is resumed where it stopped, if the server supports this. An archive is
unpacked only after its checksum has been verified, and only into the folder. An archive that is
damaged or encrypted, or unpacks to more than 100 times its size, is rejected as a whole.

Examples
--------
>>> from skser import fetch_{name}
>>> corpus = fetch_{name}()  # doctest: +SKIP
"""


def get_data_home(data_home: str | os.PathLike[str] | None = None) -> str:
    """Return the folder of the downloaded corpora, and create it if necessary.

    Parameters
    ----------
    data_home : str or os.PathLike, default=None
        Folder to use. If None, the folder named by the environment variable ``SKSER_HOME`` is used
        or, if it is not set, ``~/skser_data``.

    Returns
    -------
    data_home : str
        Path of the folder.

    Examples
    --------
    >>> from skser import get_data_home
    >>> get_data_home()  # doctest: +SKIP
    '/home/me/skser_data'
    """
    if data_home is None:
        data_home = os.environ.get("SKSER_HOME") or Path("~/skser_data")
    folder = Path(data_home).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)


def list_corpora() -> pd.DataFrame:
    """List the corpora that have a loader of their own.

    Returns
    -------
    table : pandas.DataFrame
        One row per corpus, indexed by its name in ``load_<name>`` and ``fetch_<name>``, with the
        columns title, clips, speakers, classes, languages, licence and url.

    Examples
    --------
    >>> from skser import list_corpora
    >>> list_corpora().loc["ravdess", ["clips", "speakers"]].tolist()
    [1440, 24]
    """
    rows = [
        {
            "name": card.name,
            "title": card.title,
            "clips": card.n_clips,
            "speakers": card.n_speakers,
            "classes": ", ".join(card.counts),
            "languages": ", ".join(card.languages),
            "licence": card.licence,
            "url": card.url,
        }
        for card in CARDS.values()
    ]
    return pd.DataFrame(rows).set_index("name")


def _fetcher(card: CorpusCard, load: Callable[[Path], Bunch]) -> Callable[..., Bunch]:
    """Make the function that fetches a corpus."""

    def fetch(
        data_home: str | os.PathLike[str] | None = None,
        *,
        url: str | Sequence[str] | None = None,
        sha256: str | Sequence[str] | None = None,
        download_if_missing: bool = True,
        progressbar: bool = True,
    ) -> Bunch:
        home = Path(get_data_home(data_home))
        folder = home / card.name
        if not folder.is_dir() or not any(folder.iterdir()):
            if not download_if_missing:
                raise SkserError(
                    f"{card.acronym} is not in {str(folder)!r}. Pass download_if_missing=True, or "
                    f"load the folder that it is in with load_{card.name}."
                )
            _install(card, load, folder, _archives(card, url, sha256), progressbar)
        return load(folder)

    has_hash = bool(card.archives) and all(archive.known_hash for archive in card.archives)
    fetch.__name__ = fetch.__qualname__ = f"fetch_{card.name}"
    fetch.__doc__ = _DOC.format(
        acronym=card.acronym,
        name=card.name,
        terms=f"Licence: {card.licence}.",
        where="the URL of the publisher is used"
        if card.archives
        else "an error is raised, because no URL is known",
        known="the checksum of the publisher is used"
        if has_hash
        else "an error is raised, because no checksum is known",
    )
    return fetch


fetch_crema_d = _fetcher(_crema_d.CARD, _crema_d.load_crema_d)
fetch_emo_db = _fetcher(_emo_db.CARD, _emo_db.load_emo_db)
fetch_emov_db = _fetcher(_emov_db.CARD, _emov_db.load_emov_db)
fetch_ravdess = _fetcher(_ravdess.CARD, _ravdess.load_ravdess)
fetch_savee = _fetcher(_savee.CARD, _savee.load_savee)
fetch_tess = _fetcher(_tess.CARD, _tess.load_tess)


def _archives(
    card: CorpusCard, url: str | Sequence[str] | None, sha256: str | Sequence[str] | None
) -> list[Archive]:
    """Return the archives to download, each with a checksum; raise if there is none."""
    urls = [archive.url for archive in card.archives] if url is None else _as_list(url)
    if not urls:
        raise SkserError(
            f"{card.acronym} cannot be downloaded by a program. {card.how_to_get} Then load that "
            f"folder with load_{card.name}. If you may get it from elsewhere, pass url= and "
            "sha256= of the archive."
        )
    for one in urls:
        _file_name(one)
    known = {archive.url: archive.known_hash for archive in card.archives}
    hashes: list[str | None] = (
        [known.get(u) for u in urls]
        if sha256 is None
        else [f"sha256:{h}" for h in _as_list(sha256)]
    )
    if len(hashes) != len(urls):
        raise ValueError(
            f"sha256 has {len(hashes)} checksums for {len(urls)} archives: {urls}. Pass one "
            "checksum for each archive."
        )
    if None in hashes:
        raise SkserError(
            f"No checksum is known for {urls[hashes.index(None)]}, and without one a damaged or "
            f"forged archive would go unnoticed. Pass sha256=, or: {card.how_to_get} Then load "
            f"that folder with load_{card.name}."
        )
    return [Archive(u, h) for u, h in zip(urls, hashes, strict=True)]


def _file_name(url: str) -> str:
    """Return the file name of a download; raise if it would be stored outside of the folder."""
    name = PurePosixPath(urlsplit(url).path).name
    if name in ("", "..") or PureWindowsPath(name).name != name:
        raise SkserError(f"{url!r} does not end in the name of a file. Pass the URL of an archive.")
    return name


def _as_list(values: str | Sequence[str]) -> list[str]:
    return [values] if isinstance(values, str) else list(values)


def _install(
    card: CorpusCard,
    load: Callable[[Path], Bunch],
    folder: Path,
    archives: list[Archive],
    progressbar: bool,
) -> None:
    """Download and unpack a corpus; the folder appears only when it is complete."""
    downloads = folder.with_name(f"{card.name}-archives")
    # Archives, and the files in them, may have the same names.
    places = [str(i) for i in range(len(archives))] if len(archives) > 1 else [""]
    files = [
        _download(card, archive, downloads / place, progressbar)
        for archive, place in zip(archives, places, strict=True)
    ]
    with tempfile.TemporaryDirectory(prefix=f"{card.name}-", dir=folder.parent) as temporary:
        unpacked = Path(temporary, card.name)
        for file, place in zip(files, places, strict=True):
            # The name of an archive may contain the speaker.
            name = file.name.partition(".")[0] if place else ""
            unpack(file, unpacked / place / name)
        load(unpacked)
        if folder.is_dir():
            folder.rmdir()
        unpacked.rename(folder)
    shutil.rmtree(downloads)


def _download(card: CorpusCard, archive: Archive, downloads: Path, progressbar: bool) -> Path:
    import pooch
    import requests

    name = _file_name(archive.url)
    try:
        file = pooch.retrieve(
            archive.url,
            archive.known_hash,
            fname=name,
            path=downloads,
            downloader=_Resuming(downloads / f"{name}.part", progressbar),
        )
    except requests.RequestException as error:
        raise SkserError(
            f"{archive.url} could not be downloaded ({error}). The part that arrived is kept; try "
            f"again later. Without a network: {card.how_to_get} Then load that folder with "
            f"load_{card.name}."
        ) from error
    except ValueError as error:
        raise SkserError(
            f"{archive.url} does not have the expected checksum ({error}), and the download was "
            "deleted. Try again. If it happens again, the publisher has changed the archive: look "
            f"at {card.url}, and pass its new sha256=."
        ) from error
    return Path(file)


class _Resuming:
    """A downloader for pooch that resumes an interrupted download."""

    def __init__(self, part: Path, progressbar: bool) -> None:
        self.part = part
        self.progressbar = progressbar

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        import requests
        from tqdm.auto import tqdm

        done = self.part.stat().st_size if self.part.exists() else 0
        # Ranges refer to the bytes as sent, so the server must not compress them.
        headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={done}-"} if done else {})}
        with requests.get(url, headers=headers, stream=True, timeout=60) as response:
            if not (done and response.status_code == requests.codes.range_not_satisfiable):
                response.raise_for_status()
                if response.status_code != requests.codes.partial_content:
                    done = 0
                size = int(response.headers.get("content-length", 0))
                bar = tqdm(
                    desc=self.part.stem,
                    initial=done,
                    total=done + size if size else None,
                    unit="B",
                    unit_scale=True,
                    disable=not self.progressbar,
                )
                with bar, open(self.part, "ab" if done else "wb") as file:
                    for chunk in response.iter_content(_CHUNK):
                        file.write(chunk)
                        bar.update(len(chunk))
        os.replace(self.part, output_file)
