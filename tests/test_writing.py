import os
import stat

import pytest

from skser._files import writing


def test_a_file_is_there_when_it_is_complete(tmp_path):
    path = tmp_path / "a.txt"
    with writing(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()
        assert temporary.suffix == ".txt"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_goes_wrong_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(error), writing(path) as temporary:
        temporary.write_text("half")
        raise error
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="umask")
def test_others_may_read_the_file_as_far_as_the_umask_lets_them(tmp_path):
    path = tmp_path / "a.txt"
    old = os.umask(0o022)
    try:
        with writing(path) as temporary:
            temporary.write_text("new")
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_the_umask_is_not_touched(tmp_path, monkeypatch):
    # Reading it changes it for all threads: what they write in between has other permissions.
    monkeypatch.setattr("os.umask", lambda mask: pytest.fail("the umask was changed"))
    with writing(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")


@pytest.mark.skipif(os.name != "posix", reason="permissions")
@pytest.mark.parametrize("mode", [0o600, 0o664])
def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path, mode):
    path = tmp_path / "a.txt"
    path.write_text("old")
    path.chmod(mode)
    with writing(path) as temporary:
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
        temporary.write_text("new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders")
def test_a_pipe_is_not_replaced(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(OSError, match="is a device or a pipe"), writing(path):
        pass
    assert path.is_fifo()


def test_a_folder_that_is_none_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no-such"), writing(tmp_path / "no-such" / "a"):
        pass


def test_a_folder_that_may_not_be_written_to_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(PermissionError, match="is not writable"), writing(tmp_path / "a"):
        pass


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(IsADirectoryError, match="Name a file in it"), writing(tmp_path):
        pass
