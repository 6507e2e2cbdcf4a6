import os
import signal
import subprocess
import sys

import pytest
import soundfile
from typer.testing import CliRunner

from skser import make_emotional_speech
from skser.cli._app import app

EMOTIONS = ["angry", "neutral", "sad"]


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    """A folder for each of three emotions, with files such as angry/anna_1.wav."""
    folder = tmp_path_factory.mktemp("corpus") / "clips"
    speech = make_emotional_speech(3, 3, emotions=EMOTIONS, random_state=0)
    for i, (clip, emotion, speaker) in enumerate(
        zip(speech.data, speech.target, speech.groups, strict=True)
    ):
        path = folder / emotion / f"{speaker}_{i}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, clip.y, int(clip.sr))
    return folder


@pytest.fixture
def skser():
    """Run a command in this process."""

    def run(*arguments):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return run


def heed_ctrl_c():
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def process(tmp_path):
    """Start a command in a process of its own."""
    started = []

    def start(*arguments, module="skser"):
        command = [sys.executable, "-m", module, *map(str, arguments)]
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"COLUMNS": "100"},
            # In the background of a script Ctrl-C is ignored, and children take that over.
            preexec_fn=heed_ctrl_c if os.name == "posix" else None,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()


@pytest.fixture(scope="session")
def model(clips, tmp_path_factory):
    """A model file, trained on the clips."""
    path = tmp_path_factory.mktemp("model") / "model.skser"
    arguments = ["train", str(clips), "-o", str(path), "--features", "mfcc,rms"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.stderr
    return path
