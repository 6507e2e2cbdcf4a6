import pytest

from skser.audio._files import AUDIO_SUFFIXES, find_audio


@pytest.fixture
def touch(tmp_path):
    def touch(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()

    return touch


def found(folder):
    return [file.relative_to(folder).as_posix() for file in find_audio(folder)]


def test_audio_is_found_in_and_below_a_folder_sorted(touch, tmp_path):
    touch("b.wav", "a/z.FLAC", "a/b/c.mp3", "notes.txt")
    assert found(tmp_path) == ["a/b/c.mp3", "a/z.FLAC", "b.wav"]


@pytest.mark.parametrize("suffix", AUDIO_SUFFIXES)
def test_every_suffix_is_found(touch, tmp_path, suffix):
    touch(f"a{suffix}")
    assert found(tmp_path) == [f"a{suffix}"]


@pytest.mark.parametrize("name", ["._a.wav", ".wav", ".git/a.wav", "__MACOSX/a.wav"])
def test_hidden_files_are_passed_over(touch, tmp_path, name):
    touch(name)
    assert found(tmp_path) == []


def test_the_folder_itself_may_be_hidden(touch, tmp_path):
    touch(".cache/a.wav")
    assert found(tmp_path / ".cache") == ["a.wav"]


def test_a_folder_named_like_a_file_is_none(touch, tmp_path):
    touch("a.wav/notes.txt")
    assert found(tmp_path) == []


def test_links_to_folders_are_followed(touch, tmp_path):
    touch("outside/b/c.wav", "clips/a.wav")
    (tmp_path / "clips" / "link").symlink_to(tmp_path / "outside", target_is_directory=True)
    assert found(tmp_path / "clips") == ["a.wav", "link/b/c.wav"]


def test_a_folder_that_is_there_itself_is_found_under_its_own_name(touch, tmp_path):
    touch("b/a.wav")
    (tmp_path / "a").symlink_to(tmp_path / "b", target_is_directory=True)
    assert found(tmp_path) == ["b/a.wav"]


def test_a_link_in_a_circle_ends(touch, tmp_path):
    touch("a/b.wav")
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert found(tmp_path) == ["a/b.wav"]


def test_a_link_to_nothing_is_passed_over(tmp_path):
    (tmp_path / "a.wav").symlink_to(tmp_path / "gone.wav")
    assert found(tmp_path) == []
