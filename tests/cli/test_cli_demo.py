import pytest

from skser import load_model


@pytest.mark.slow
def test_the_demo_leaves_pictures_and_a_model_that_predicts(process, tmp_path):
    demo = process("demo", "--output", tmp_path, "--n-jobs", "1")
    stdout, stderr = demo.communicate()
    assert demo.returncode == 0, stderr
    assert "feature sets:" not in stderr
    assert "Classes from the most to the least confused" in stdout
    assert {"selection.png", "confusion.png", "model.skser"} <= {p.name for p in tmp_path.iterdir()}
    sample = next(tmp_path.glob("*.wav"))
    model = load_model(tmp_path / "model.skser")
    assert model.predict([sample])[0] in model.classes_
