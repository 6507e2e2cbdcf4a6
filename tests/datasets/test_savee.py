from skser.datasets import load_savee


def test_the_flat_copy_names_the_speaker_in_the_file(tmp_path, write_clip):
    write_clip(tmp_path / "JE_su03.wav")
    corpus = load_savee(tmp_path)
    assert corpus.groups.tolist() == ["JE"]
    assert corpus.target.tolist() == ["surprised"]


def test_files_outside_of_the_speakers_folders_are_passed_over(tmp_path, write_clip):
    write_clip(tmp_path / "DC" / "a01.wav")
    write_clip(tmp_path / "demo" / "a01.wav")
    assert load_savee(tmp_path).groups.tolist() == ["DC"]
