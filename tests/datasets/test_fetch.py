"""Downloads from a server that is a dict: nothing here touches the network."""

import errno
import inspect
import tarfile
from hashlib import sha256
from pathlib import Path

import pytest
import requests

from skser import datasets
from skser.datasets import fetch_emov_db, fetch_ravdess, get_data_home
from skser.datasets._fetch import CARDS
from skser.exceptions import AudioError, SkserError

URL = "https://example.org/corpora/speech.tar.gz?download=1"
CLIP = "Actor_01/03-01-05-02-01-02-01.wav"


class Server:
    """Stands in for `requests.get`; `fails_after` bytes, the connection breaks once."""

    def __init__(self):
        self.files = {}
        self.requests = []
        self.fails_after = None
        self.takes_ranges = True

    def get(self, url, *, headers, stream, timeout):
        if url not in self.files:
            raise requests.ConnectionError("no route to host")
        start = int(headers.get("Range", "bytes=0-")[6:-1]) if self.takes_ranges else 0
        self.requests.append((url, start))
        return Response(self, self.files[url], start)


class Response:
    def __init__(self, server, content, start):
        self.server, self.content = server, content[start:]
        self.status_code = 416 if start >= len(content) else 206 if start else 200
        self.headers = {"content-length": str(len(self.content))}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def raise_for_status(self):
        if self.status_code >= 400:
            raise requests.HTTPError(self.status_code)

    def iter_content(self, chunk_size):
        n_bytes, self.server.fails_after = self.server.fails_after, None
        yield self.content[:n_bytes]
        if n_bytes is not None:
            raise requests.exceptions.ChunkedEncodingError("connection broken")


@pytest.fixture
def server(monkeypatch):
    server = Server()
    monkeypatch.setattr(requests, "get", server.get)
    return server


@pytest.fixture
def archive(tmp_path, write_clip):
    """Make an archive of clips with the given names, and return its bytes."""

    def make(*names):
        folder = tmp_path / f"archive {names}".replace("/", "-")
        for name in names:
            write_clip(folder / name)
        path = folder.with_suffix(".tar.gz")
        with tarfile.open(path, "w:gz") as file:
            for name in names:
                file.add(folder / name, name)
        return path.read_bytes()

    return make


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def fetch(server, archive, home):
    """Fetch RAVDESS from an archive of one clip."""
    server.files[URL] = archive(CLIP)
    digest = sha256(server.files[URL]).hexdigest()

    def fetch(**options):
        options = {"url": URL, "sha256": digest, "progressbar": False, **options}
        return fetch_ravdess(home, **options)

    return fetch


def test_an_archive_is_downloaded_unpacked_and_loaded(fetch, home):
    corpus = fetch()
    assert corpus.data.tolist() == [str(home / "ravdess" / CLIP)]
    assert corpus.frame["duration"].notna().all()
    assert [path.name for path in home.iterdir()] == ["ravdess"]


def test_what_is_there_is_not_downloaded_again(fetch, server):
    fetch()
    fetch()
    assert len(server.requests) == 1
    assert len(fetch(download_if_missing=False, url=None, sha256=None).data) == 1


def test_an_interrupted_download_goes_on_where_it_stopped(fetch, server):
    server.fails_after = 100
    with pytest.raises(SkserError, match=r"could not be downloaded.*try again later"):
        fetch()
    assert len(fetch().data) == 1
    assert server.requests == [(URL, 0), (URL, 100)]


def test_it_begins_again_where_the_server_cannot_go_on(fetch, server):
    server.fails_after = 100
    with pytest.raises(SkserError, match="could not be downloaded"):
        fetch()
    server.takes_ranges = False
    assert len(fetch().data) == 1


def test_a_download_that_was_complete_is_not_repeated(fetch, server, home):
    part = home / "ravdess-archives" / "speech.tar.gz.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(server.files[URL])
    assert len(fetch().data) == 1


def test_a_wrong_checksum_is_refused_and_leaves_nothing(fetch, home):
    with pytest.raises(SkserError, match="does not have the expected checksum"):
        fetch(sha256="0" * 64)
    assert not [path for path in home.rglob("*") if path.is_file()]
    assert len(fetch().data) == 1


def test_no_network_is_a_clear_error(fetch):
    with pytest.raises(
        SkserError, match=r"could not be downloaded.*Without a network: Unpack Audio_Speech"
    ):
        fetch(url="https://example.org/other.zip")


def test_an_archive_of_something_else_is_refused_and_leaves_nothing(fetch, server, archive, home):
    server.files[URL] = archive("song.wav")
    with pytest.raises(AudioError, match="contain no RAVDESS speech"):
        fetch(sha256=sha256(server.files[URL]).hexdigest())
    assert not (home / "ravdess").exists()


def test_archives_whose_files_have_one_name_are_kept_apart(server, archive, home):
    urls = [f"https://example.org/{name}.tar.gz" for name in ("bea_Angry", "sam_Angry")]
    for url in urls:
        server.files[url] = archive("anger_1-28_0001.wav")
    hashes = [sha256(server.files[url]).hexdigest() for url in urls]
    corpus = fetch_emov_db(home, url=urls, sha256=hashes, progressbar=False)
    assert corpus.groups.tolist() == ["bea", "sam"]


def test_what_must_not_be_downloaded_is_not(fetch):
    with pytest.raises(SkserError, match=r"RAVDESS is not in .*download_if_missing=True"):
        fetch(download_if_missing=False)


@pytest.mark.parametrize("name", ["crema_d", "savee", "tess"])
def test_a_corpus_behind_a_form_says_how_to_get_it(server, home, name):
    with pytest.raises(SkserError, match=f"cannot be downloaded by a program.*load_{name}"):
        getattr(datasets, f"fetch_{name}")(home)
    assert not server.requests


@pytest.mark.parametrize("name", ["emo_db", "emov_db"])
def test_an_archive_without_a_checksum_is_not_downloaded(server, home, name):
    with pytest.raises(SkserError, match=r"No checksum is known for http.*Pass sha256="):
        getattr(datasets, f"fetch_{name}")(home)
    assert not server.requests


@pytest.mark.parametrize("end", ["", "/", "/corpora/..", "/corpora/a\\..\\b", "/c:speech.zip"])
def test_a_url_without_the_name_of_a_file_is_refused_and_leaves_nothing(fetch, server, home, end):
    url = f"https://example.org{end}"
    server.files[url] = server.files[URL]
    with pytest.raises(SkserError, match="does not end in the name of a file"):
        fetch(url=url)
    assert not server.requests
    assert not list(home.iterdir())


def test_a_full_disk_leaves_no_part_of_the_corpus(fetch, home, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("tarfile.copyfileobj", full)
        with pytest.raises(SkserError, match="No space left on device"):
            fetch()
    assert [path.name for path in home.iterdir()] == ["ravdess-archives"]
    assert len(fetch().data) == 1


def test_checksums_must_be_as_many_as_archives(home):
    with pytest.raises(ValueError, match="sha256 has 1 checksums for 18 archives"):
        fetch_emov_db(home, sha256="0" * 64)


@pytest.mark.parametrize("name", sorted(CARDS))
def test_every_fetcher_is_documented(name):
    function = getattr(datasets, f"fetch_{name}")
    assert function.__name__ == f"fetch_{name}"
    assert CARDS[name].licence in function.__doc__
    assert all(
        f"\n{parameter} :" in function.__doc__
        for parameter in inspect.signature(function).parameters
    )


def test_the_data_home_is_made(tmp_path):
    assert get_data_home(tmp_path / "a" / "b") == str(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_the_data_home_is_that_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SKSER_HOME", str(tmp_path / "env"))
    assert get_data_home() == str(tmp_path / "env")


def test_the_data_home_is_in_the_users_home(tmp_path, monkeypatch):
    monkeypatch.delenv("SKSER_HOME", raising=False)
    monkeypatch.setattr(
        Path, "expanduser", lambda path: Path(str(path).replace("~", str(tmp_path)))
    )
    assert get_data_home() == str(tmp_path / "skser_data")


def test_archives_of_one_name_are_kept_apart(server, archive, home):
    urls = [f"https://example.org/{folder}/data.tar.gz" for folder in ("one", "two")]
    server.files = {
        urls[0]: archive(CLIP),
        urls[1]: archive("Actor_02/03-01-05-02-01-02-02.wav"),
    }
    hashes = [sha256(server.files[url]).hexdigest() for url in urls]
    corpus = fetch_ravdess(home, url=urls, sha256=hashes, progressbar=False)
    assert len(corpus.data) == 2
    assert [path.name for path in home.iterdir()] == ["ravdess"]


def test_an_empty_folder_is_filled(fetch, home):
    (home / "ravdess").mkdir(parents=True)
    assert len(fetch().data) == 1
