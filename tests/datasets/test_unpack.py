import errno
import io
import tarfile
import zipfile

import pytest

from skser.datasets._unpack import unpack
from skser.exceptions import SkserError


def make_zip(path, *names):
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, "content")
    return path


def make_tar(path, *names, **attributes):
    with tarfile.open(path, "w:gz") as file:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 0 if attributes else len(b"content")
            for attribute, value in attributes.items():
                setattr(member, attribute, value)
            file.addfile(member, io.BytesIO(b"content"))
    return path


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_folders_are_kept(tmp_path, make):
    unpack(make(tmp_path / "archive", "a.txt", "folder/b..c.txt"), tmp_path / "out")
    assert (tmp_path / "out" / "a.txt").read_text() == "content"
    assert (tmp_path / "out" / "folder" / "b..c.txt").read_text() == "content"


@pytest.mark.parametrize(
    "name", ["../evil.txt", "good/../../evil.txt", "/evil.txt", "..\\evil.txt", "C:\\evil.txt"]
)
def test_a_member_of_a_zip_that_would_escape_is_refused(tmp_path, name):
    archive = make_zip(tmp_path / "archive", "good.txt", name)
    with pytest.raises(SkserError, match=r"archive is not unpacked: .*outside of its folder"):
        unpack(archive, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["archive"]


def test_a_link_in_a_zip_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "archive", "w") as file:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    with pytest.raises(SkserError, match="'link' is a link"):
        unpack(tmp_path / "archive", tmp_path / "out")


@pytest.mark.parametrize("name", ["../evil.txt", "good/../../evil.txt", "/evil.txt"])
def test_a_member_of_a_tar_that_would_escape_is_refused(tmp_path, name):
    with pytest.raises(SkserError, match="archive is not unpacked"):
        unpack(make_tar(tmp_path / "archive", name), tmp_path / "out")
    assert not list(tmp_path.rglob("evil.txt"))


@pytest.mark.parametrize("target", ["../outside", "/etc/passwd"])
def test_a_link_in_a_tar_that_leads_outside_is_refused(tmp_path, target):
    archive = make_tar(tmp_path / "archive", "link", type=tarfile.SYMTYPE, linkname=target)
    with pytest.raises(SkserError, match="archive is not unpacked"):
        unpack(archive, tmp_path / "out")


@pytest.mark.parametrize(
    "kind", [tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE], ids=repr
)
def test_what_is_no_file_in_a_tar_is_refused(tmp_path, kind):
    archive = make_tar(tmp_path / "archive", "special", type=kind, linkname="archive")
    with pytest.raises(SkserError, match="'special' is a link or a device"):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def write_archive(path, content):
    """Write a zip, or a tar of any compression, with three files."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name in ("a", "b", "c"):
                file.writestr(name, content)
    else:
        with tarfile.open(path, f"w:{path.suffix[1:].replace('tar', '')}") as file:
            for name in ("a", "b", "c"):
                member = tarfile.TarInfo(name)
                member.size = len(content)
                file.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize("suffix", ["zip", "tar", "gz", "bz2", "xz"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_an_archive_that_is_cut_off_is_refused_and_leaves_nothing(tmp_path, rng, suffix, share):
    archive = write_archive(tmp_path / f"archive.{suffix}", rng.bytes(2000))
    unpack(archive, tmp_path / "whole")
    assert len(list((tmp_path / "whole").iterdir())) == 3
    data = archive.read_bytes()
    # Not the zeros that a tar ends with.
    size = 7680 if suffix == "tar" else len(data)
    archive.write_bytes(data[: int(share * size)])
    with pytest.raises(SkserError, match=r"is damaged or incomplete .*download it again"):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("cut", [2560, 5120, 7680])
def test_a_tar_that_is_cut_off_between_two_files_is_refused(tmp_path, rng, cut):
    archive = write_archive(tmp_path / "archive.tar", rng.bytes(2000))
    archive.write_bytes(archive.read_bytes()[:cut])
    with pytest.raises(SkserError, match="it has no end-of-archive marker"):
        unpack(archive, tmp_path / "out")


@pytest.mark.parametrize("suffix", ["zip", "tar", "gz", "bz2", "xz"])
def test_an_archive_with_damaged_bytes_is_refused(tmp_path, rng, suffix):
    archive = write_archive(tmp_path / f"archive.{suffix}", rng.bytes(2000))
    data = bytearray(archive.read_bytes())
    # The header of the second file of a tar; what is compressed in the others.
    start = 2560 if suffix == "tar" else len(data) // 3
    data[start : start + 200] = rng.bytes(200)
    archive.write_bytes(data)
    with pytest.raises(SkserError, match="is damaged or incomplete"):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_encrypted_zip_is_refused(tmp_path):
    archive = make_zip(tmp_path / "archive", "clip.wav")
    data = bytearray(archive.read_bytes())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + place] |= 1
    archive.write_bytes(data)
    with pytest.raises(SkserError, match=r"'clip\.wav' is encrypted.*with its password"):
        unpack(archive, tmp_path / "out")


def test_a_zip_of_an_unknown_method_is_refused(tmp_path):
    archive = make_zip(tmp_path / "archive", "clip.wav")
    data = bytearray(archive.read_bytes())
    for signature, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        data[data.index(signature) + place] = 9
    archive.write_bytes(data)
    with pytest.raises(SkserError, match=r"compression method.*with another program"):
        unpack(archive, tmp_path / "out")


@pytest.mark.parametrize("suffix", ["zip", "gz", "bz2", "xz"])
def test_a_bomb_is_refused(tmp_path, suffix):
    archive = write_archive(tmp_path / f"archive.{suffix}", bytes(2**20))
    with pytest.raises(SkserError, match=r"its files have more than 1\.049 MB, the limit"):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_bomb_of_empty_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("skser.datasets._unpack._RATIO", 1)
    archive = make_tar(tmp_path / "archive", *map(str, range(2049)), mode=0o644)
    with pytest.raises(SkserError, match=r"its files have more than 1\.049 MB"):
        unpack(archive, tmp_path / "out")


def test_an_archive_of_any_size_is_refused_by_its_size(tmp_path, monkeypatch):
    monkeypatch.setattr("skser.datasets._unpack._LARGEST", 1000)
    with pytest.raises(SkserError, match=r"its files have more than 0\.001 MB"):
        unpack(make_zip(tmp_path / "archive", "a", "b"), tmp_path / "out")


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE], ids=repr)
def test_a_header_as_large_as_the_memory_is_refused(tmp_path, kind):
    header = tarfile.TarInfo("header")
    header.type, header.size = kind, 2**40
    with tarfile.open(tmp_path / "archive", "w:gz") as file:
        file.addfile(tarfile.TarInfo("a"))
        file.fileobj.write(header.tobuf(tarfile.GNU_FORMAT))
    with pytest.raises(SkserError, match=r"damaged or incomplete \(a header of 1099511627776 b"):
        unpack(tmp_path / "archive", tmp_path / "out")


def test_a_file_whose_size_is_a_lie_is_refused(tmp_path):
    header = tarfile.TarInfo("a")
    header.size = 2**40
    (tmp_path / "archive").write_bytes(header.tobuf(tarfile.GNU_FORMAT) + bytes(10240))
    with pytest.raises(SkserError, match=r"its files have more than 1\.075 MB"):
        unpack(tmp_path / "archive", tmp_path / "out")


@pytest.mark.parametrize("make", [make_zip, make_tar])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused(tmp_path, make):
    archive = make(tmp_path / "archive", "a/b.txt", "a/b.txt")
    with pytest.raises(SkserError, match=r"'a/b\.txt' would be written over another file"):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_a_file_in_place_of_a_folder_is_refused(tmp_path, make):
    with pytest.raises(SkserError, match="could not be unpacked into"):
        unpack(make(tmp_path / "archive", "a", "a/b.txt"), tmp_path / "out")


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_folders_without_end_are_refused(tmp_path, make):
    with pytest.raises(SkserError, match="is 2001 folders deep"):
        unpack(make(tmp_path / "archive", "a/" * 2000 + "b"), tmp_path / "out")


@pytest.mark.parametrize(("make", "writer"), [(make_zip, "shutil"), (make_tar, "tarfile")])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch, make, writer):
    archive = make(tmp_path / "archive", "a", "b")

    def full(source, target, *_):
        target.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(f"{writer}.copyfileobj", full)
    with pytest.raises(SkserError, match=r"No space left on device.*room on the disk"):
        unpack(archive, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


def test_a_name_that_is_no_utf_8_is_kept(tmp_path):
    try:
        (tmp_path / "\udcff").touch()
    except OSError:
        pytest.skip("the file system takes names of UTF-8 only")
    unpack(make_tar(tmp_path / "archive", "\udcff.wav"), tmp_path / "out")
    assert (tmp_path / "out" / "\udcff.wav").read_text() == "content"


def test_a_tar_that_holds_a_zip_is_a_tar(tmp_path):
    inner = make_zip(tmp_path / "inner.zip", "inner.txt")
    with tarfile.open(tmp_path / "archive", "w") as file:
        file.add(inner, "inner.zip")
    unpack(tmp_path / "archive", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["inner.zip"]


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "page.html").write_text("<html>Not found</html>")
    with pytest.raises(SkserError, match="neither a zip nor a tar"):
        unpack(tmp_path / "page.html", tmp_path / "out")
