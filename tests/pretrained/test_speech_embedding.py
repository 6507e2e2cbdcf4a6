import hashlib
import re
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from models import front_end, speech_embedding

from skser import (
    RMS,
    OnnxEmbedding,
    SkserError,
    SpeechEmbedding,
    fetch_speech_embedding,
    make_audio_union,
    make_emotional_speech,
)
from skser.pretrained import _fetch
from skser.pretrained._any_length import with_any_length

MEMBERS = "openwakeword/resources/models"


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Models of the signatures of the real ones, whose hashes are taken for the right ones."""
    folder = tmp_path / "files"
    folder.mkdir()
    speech_embedding(folder / _fetch.MODEL)
    front_end(folder / _fetch.FRONT_END, n_bands=32, transposed=True)
    contents = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name, data in contents.items():
        monkeypatch.setitem(_fetch.HASHES, name, hashlib.sha256(data).hexdigest())
    return contents


@pytest.fixture
def pip(monkeypatch, files):
    """What pip is asked for; it puts a wheel with `files` into the folder that it is given."""
    commands = []

    def run(command, **kwargs):
        commands.append(command)
        wheel = Path(command[command.index("--dest") + 1], "openwakeword-0.5.0-py3-none-any.whl")
        with zipfile.ZipFile(wheel, "w") as archive:
            for name, data in files.items():
                archive.writestr(f"{MEMBERS}/{name}", data)
            archive.writestr(f"{MEMBERS}/alexa_v0.1.onnx", b"of another licence")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(_fetch.subprocess, "run", run)
    return commands


def test_the_two_files_are_taken_out_of_the_wheel_once(pip, files, tmp_path, capsys):
    folder = Path(fetch_speech_embedding(tmp_path / "home"))
    assert "Apache License 2.0" in capsys.readouterr().out
    assert {path.name for path in folder.iterdir()} == {*files, "SOURCE.txt"}
    assert {"download", "--no-deps", "openwakeword==0.5.0"} <= set(pip[0])
    fetch_speech_embedding(tmp_path / "home")
    assert len(pip) == 1


def test_a_damaged_file_is_fetched_again(pip, files, tmp_path):
    folder = Path(fetch_speech_embedding(tmp_path))
    (folder / _fetch.MODEL).write_bytes(b"damaged")
    fetch_speech_embedding(tmp_path)
    assert (folder / _fetch.MODEL).read_bytes() == files[_fetch.MODEL]


def test_a_file_of_another_hash_is_not_kept(pip, files, tmp_path):
    files[_fetch.MODEL] = b"another model"
    with pytest.raises(SkserError, match=r"embedding_model\.onnx has the SHA-256 .* was not kept"):
        fetch_speech_embedding(tmp_path)
    assert list(tmp_path.glob("speech_embedding/*.onnx")) == []


def test_a_wheel_without_the_model_is_refused(pip, files, tmp_path):
    del files[_fetch.MODEL]
    with pytest.raises(
        SkserError, match=r"does not contain openwakeword/resources/models/embedding_model"
    ):
        fetch_speech_embedding(tmp_path)


def test_without_pip_or_network_the_message_says_how_to_do_it_by_hand(tmp_path, monkeypatch):
    def run(command, **kwargs):
        return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching distribution\n")

    monkeypatch.setattr(_fetch.subprocess, "run", run)
    message = r"could not download openwakeword==0\.5\.0 \(ERROR: No matching.*by hand, get that wh"
    with pytest.raises(SkserError, match=message) as raised:
        fetch_speech_embedding(tmp_path)
    assert f"put them into {str(tmp_path / 'speech_embedding')!r}" in str(raised.value)


def test_nothing_is_downloaded_unasked(tmp_path):
    clips = [np.zeros(100)]
    message = (
        rf"Download it once with skser\.fetch_speech_embedding\({re.escape(repr(str(tmp_path)))}\)"
    )
    with pytest.raises(FileNotFoundError, match=message):
        SpeechEmbedding(tmp_path).fit(clips)
    with pytest.raises(ValueError, match="'sr' parameter of SpeechEmbedding must be"):
        SpeechEmbedding(tmp_path, sr=8000).fit(clips)


def test_a_file_put_there_by_hand_must_be_the_right_one(files, tmp_path):
    folder = tmp_path / "speech_embedding"
    folder.mkdir()
    for name in files:
        # Each is a model, and the front end stands in the place of the model.
        (folder / name).write_bytes(files[_fetch.FRONT_END])
    message = r"embedding_model\.onnx' is not the file of openwakeword==0\.5\.0: its SHA-256 is"
    with pytest.raises(SkserError, match=message):
        SpeechEmbedding(tmp_path).fit([np.zeros(16000)])
    (folder / _fetch.MODEL).write_bytes(files[_fetch.MODEL])
    SpeechEmbedding(tmp_path).fit([np.zeros(16000)])


def test_steps_of_80_ms_are_summarised(pip, tmp_path, rng):
    fetch_speech_embedding(tmp_path)
    clip = rng.normal(0.1, 0.1, size=16000 * 2).astype(np.float32)
    frames = SpeechEmbedding(tmp_path, pooling=None).fit_transform([clip]).reshape(96, -1)
    # 200 frames of 10 ms: windows of 76 begin every 8, and the last one ends with the clip.
    starts = [*range(0, 125, 8), 124]
    first_bands = [clip[160 * t : 160 * (t + 1)].mean() * 32767 / 10 + 2 for t in starts]
    np.testing.assert_allclose(frames[1], first_bands, rtol=1e-3)
    union = make_audio_union(RMS(), SpeechEmbedding(tmp_path))
    assert union.fit_transform([clip]).shape == (1, 1 + 96 * 4)


@pytest.fixture(params=["stand-in", "real"])
def home(request, tmp_path):
    """Folder of downloads with models of the right hashes."""
    if request.param == "stand-in":
        request.getfixturevalue("pip")
        fetch_speech_embedding(tmp_path)
        return tmp_path
    try:
        model, _ = _fetch.find_speech_embedding()
    except FileNotFoundError:
        pytest.skip("the speech embedding has not been fetched")
    return model.parent.parent


def window_by_window(home, clip):
    """Embeddings of each window of 76 frames alone, from the models as they are."""

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1

    def run(name, X):
        session = onnxruntime.InferenceSession(home / "speech_embedding" / name, options)
        return session.run(None, {session.get_inputs()[0].name: X})[0]

    def image_of(y):
        return run(_fetch.FRONT_END, y[np.newaxis] * np.float32(32767)).reshape(-1, 32) / 10 + 2

    image = image_of(clip)
    if len(image) < 76:
        image = image_of(np.pad(clip, (0, 16000)))[:76]
    last = len(image) - 76
    starts = [*range(0, last, 8), last]
    windows = np.stack([image[start : start + 76] for start in starts])
    return run(_fetch.MODEL, windows[..., np.newaxis].astype(np.float32)).reshape(-1, 96).T


# One window, also of a padded clip; windows to the last frame and before it; up to three blocks.
SECONDS = [0.3, 0.76, 0.79, 0.86, 2.03, 10.92, 10.95, 11.05, 22.0]
CASES = [*[("stand-in", s) for s in SECONDS], *[("real", s) for s in (0.3, 2.03, 11.05)]]


@pytest.mark.parametrize(("home", "seconds"), CASES, indirect=["home"])
def test_windows_share_computations_but_keep_their_values(home, seconds, rng):
    clip = rng.normal(0.05, 0.1, size=round(16000 * seconds)).astype(np.float32)
    values = SpeechEmbedding(home, pooling=None).fit_transform([clip]).reshape(96, -1)
    expected = window_by_window(home, clip)
    assert values.shape == expected.shape
    np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


def test_windows_with_another_hop_are_computed_one_by_one(home, rng):
    clip = rng.normal(0.05, 0.1, size=40000).astype(np.float32)
    files = [home / "speech_embedding" / name for name in (_fetch.MODEL, _fetch.FRONT_END)]
    feature = OnnxEmbedding(*files, scale=32767.0, pooling=None)
    every_eighth = feature.fit_transform([clip]).reshape(96, -1)
    every_fourth = feature.set_params(frame_hop=4).fit_transform([clip]).reshape(96, -1)
    # The last window ends with the clip.
    n = every_eighth.shape[1] - 1
    np.testing.assert_allclose(every_fourth[:, : 2 * n : 2], every_eighth[:, :n], rtol=1e-5)


def test_the_model_for_images_of_any_length_is_valid(home):
    changed = with_any_length((home / "speech_embedding" / _fetch.MODEL).read_bytes())
    model = onnx.load_from_string(changed)
    onnx.checker.check_model(model, full_check=True)
    [image], [embedding] = model.graph.input, model.graph.output
    shapes = [value.type.tensor_type.shape.dim for value in (image, embedding)]
    assert [[d.dim_value for d in shape[1:]] for shape in shapes] == [[0, 32, 1], [96, 0, 1]]


def test_the_real_model_tells_speech_from_noise(rng):
    try:
        feature = SpeechEmbedding().fit([np.zeros(16000)])
    except FileNotFoundError:
        pytest.skip("the speech embedding has not been fetched")
    speech = make_emotional_speech(2, 1, random_state=0).data
    noise = list(rng.normal(scale=0.1, size=(10, 30000)))
    values = feature.set_params(pooling="mean").fit_transform([*speech, *noise])
    assert values.shape == (20, 96)
    spread = values[:10].std(axis=0) + values[10:].std(axis=0)
    distance = np.abs(values[:10].mean(axis=0) - values[10:].mean(axis=0))
    assert np.median(distance / spread) > 1
