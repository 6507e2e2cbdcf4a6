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


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "page.html").write_text("<html>Not found</html>")
    with pytest.raises(SkserError, match="neither a zip nor a tar"):
        unpack(tmp_path / "page.html", tmp_path / "out")
