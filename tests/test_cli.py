import pickle
import subprocess
import sys

import pytest

from skser.cli import main


def test_without_a_command_the_usage_is_shown(capsys):
    with pytest.raises(SystemExit) as exit_:
        main([])
    assert exit_.value.code == 2
    assert "usage: skser" in capsys.readouterr().err


@pytest.mark.slow
def test_the_demo_leaves_pictures_and_a_model_that_predicts(tmp_path):
    demo = subprocess.run(
        [sys.executable, "-m", "skser", "demo", "--output", str(tmp_path), "--n-jobs", "1"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Classes from the most to the least confused" in demo.stdout
    assert {"selection.png", "confusion.png", "model.pkl"} <= {p.name for p in tmp_path.iterdir()}
    sample = next(tmp_path.glob("*.wav"))
    model = pickle.loads((tmp_path / "model.pkl").read_bytes())
    assert model.predict([sample])[0] in model.classes_
