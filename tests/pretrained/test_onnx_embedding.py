import pickle
import shutil
import sys
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from models import FLOAT, INT64, build, encoder, front_end, image_encoder
from onnx import TensorProto, helper
from sklearn.utils.estimator_checks import check_estimator

from skser import (
    MFCC,
    AudioError,
    AudioWarning,
    OnnxEmbedding,
    SkserError,
    cache_info,
    make_audio_union,
)

SR = 16000


@pytest.fixture
def wav2vec(tmp_path):
    return encoder(tmp_path / "wav2vec.onnx")


@pytest.fixture
def clips(rng):
    """Clips of unequal length, at 16 kHz."""
    return [rng.normal(0.05, 0.1, size=n).astype(np.float32) for n in (3200, 4800, 16000)]


def frames_of(clip, n=320):
    """What the encoder makes of a clip: mean and mean square of every 320 samples."""
    parts = clip[: len(clip) // n * n].reshape(-1, n)
    return np.stack([parts.mean(axis=1), (parts**2).mean(axis=1)])


def close(values, expected):
    np.testing.assert_allclose(values, expected, rtol=1e-4, atol=1e-6)


def test_follows_scikit_learns_contract(wav2vec):
    results = check_estimator(OnnxEmbedding(wav2vec), on_skip=None)
    assert {result["status"] for result in results} <= {"passed", "skipped"}


@pytest.mark.parametrize("mask", [False, True])
def test_frames_of_a_clip_are_pooled(mask, clips, tmp_path):
    model = encoder(tmp_path / "model.onnx", mask=mask)
    feature = OnnxEmbedding(model, pooling=["mean", "max"])
    expected = [np.concatenate([f.mean(axis=1), f.max(axis=1)]) for f in map(frames_of, clips)]
    close(feature.fit_transform(clips), expected)
    assert feature.get_feature_names_out().tolist() == [
        "onnxembedding01_mean",
        "onnxembedding02_mean",
        "onnxembedding01_max",
        "onnxembedding02_max",
    ]


def test_a_layer_is_chosen_by_name(wav2vec, clips):
    last = OnnxEmbedding(wav2vec).fit_transform(clips)
    close(OnnxEmbedding(wav2vec, output="hidden_3").fit_transform(clips), -last)
    with pytest.raises(ValueError, match=r"output='layer'.*'last_hidden_state', 'hidden_3'"):
        OnnxEmbedding(wav2vec, output="layer").fit(clips)


def test_samples_are_normalised_and_scaled(wav2vec, clips):
    values = OnnxEmbedding(wav2vec, normalize=True).fit_transform(clips)
    close(values, np.tile([0, 1], (3, 1)))
    scaled = OnnxEmbedding(wav2vec, scale=100).fit_transform(clips)
    close(scaled, OnnxEmbedding(wav2vec).fit_transform(clips) * [100, 10_000])


def test_windows_cover_the_clip_to_its_end(wav2vec, clips):
    # 4800 samples in windows of 3200 every 3200: the second one begins at 1600.
    feature = OnnxEmbedding(wav2vec, window=0.2, pooling=None, duration=0.3)
    values = feature.fit_transform(clips[1:2]).reshape(2, -1)
    close(values, np.hstack([frames_of(clips[1][:3200]), frames_of(clips[1][1600:])]))
    overlapping = OnnxEmbedding(wav2vec, window=0.2, hop=0.05, pooling=None)
    close(
        overlapping.fit_transform(clips[1:2]).reshape(2, -1),
        np.hstack([frames_of(clips[1][start : start + 3200]) for start in (0, 800, 1600)]),
    )


def test_many_windows_equal_each_alone(wav2vec, rng):
    clip = rng.normal(0.05, 0.1, size=1600 * 40).astype(np.float32)
    values = OnnxEmbedding(wav2vec, window=0.1, pooling=None).fit_transform([clip])
    close(values.reshape(2, -1), frames_of(clip))


@pytest.mark.parametrize("batch", [1, 3])
def test_a_model_of_one_batch_size_gets_batches_of_it(batch, wav2vec, clips, tmp_path):
    model = encoder(tmp_path / "fixed.onnx", batch=batch, mask=True)
    for window in (None, 0.1, 0.3):
        parameters = {"window": window, "pooling": ["mean", "std"]}
        values = OnnxEmbedding(model, **parameters).fit_transform(clips)
        close(values, OnnxEmbedding(wav2vec, **parameters).fit_transform(clips))


def test_a_model_of_one_length_gets_windows_of_it(clips, tmp_path):
    model = encoder(tmp_path / "fixed.onnx", length=3200)
    values = OnnxEmbedding(model, pooling=None).fit_transform(clips[1:2]).reshape(2, -1)
    close(values, np.hstack([frames_of(clips[1][:3200]), frames_of(clips[1][1600:])]))


def test_a_clip_that_is_too_short_for_a_model_is_padded_with_what_does_not_count(clips, tmp_path):
    model = encoder(tmp_path / "fixed.onnx", length=6400)
    values = OnnxEmbedding(model).fit_transform([clips[0], clips[0][:5]])
    close(values[0], frames_of(clips[0]).mean(axis=1))
    close(values[1], frames_of(np.pad(clips[0][:5], (0, 315)))[:, 0])


@pytest.mark.parametrize("window", [None, 0.05, 5.0])
def test_the_mask_counts_the_samples_of_a_clip(window, clips, tmp_path):
    # What the model returns: samples that count, samples that it got.
    nodes = [
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=FLOAT),
        helper.make_node("Mul", ["mask", "zero"], ["none"]),
        helper.make_node("Add", ["none", "one"], ["all"]),
        helper.make_node("ReduceSum", ["mask", "axis"], ["real"]),
        helper.make_node("ReduceSum", ["all", "axis"], ["got"]),
        helper.make_node("Concat", ["real", "got"], ["counts"], axis=1),
    ]
    model = build(
        tmp_path / "model.onnx",
        nodes,
        [
            ("input_values", FLOAT, ["batch", "samples"]),
            ("attention_mask", INT64, ["batch", "samples"]),
        ],
        [("counts", FLOAT, ["batch", 2])],
        {"zero": np.float32([0]), "one": np.float32([1]), "axis": np.array([1])},
    )
    values = OnnxEmbedding(model, window=window).fit_transform([clips[0], clips[0][:600]])
    expected = {None: [[3200, 3200], [600, 1600]], 0.05: [[800, 800], [600, 800]]}
    close(values, expected.get(window, expected[None]))


def frames_as_they_are(path, shape):
    """Write a model that returns the frames of an image (n_bands, n_frames), or what counts."""
    nodes = [
        helper.make_node("Transpose", ["image"], ["frames"], perm=[0, 2, 1]),
        helper.make_node("Cast", ["mask"], ["numbers"], to=FLOAT),
        helper.make_node("ReduceSum", ["numbers", "axis"], ["real"]),
    ]
    inputs = [("image", FLOAT, ["batch", *shape]), ("mask", INT64, ["batch", shape[1]])]
    outputs = [("frames", FLOAT, ["batch", shape[1], shape[0]]), ("real", FLOAT, ["batch", 1])]
    return build(path, nodes, inputs, outputs, {"axis": np.array([1])})


@pytest.mark.parametrize("n_frames", [100, 60, "frames"])
@pytest.mark.parametrize("length", [SR, "n"])
def test_frames_of_padding_do_not_count(n_frames, length, clips, tmp_path):
    model = frames_as_they_are(tmp_path / "model.onnx", (4, n_frames))
    mel = front_end(tmp_path / "mel.onnx", length=length)
    values = OnnxEmbedding(model, front_end=mel).fit_transform(clips[:2])
    close(values[:, 0], [clip.mean() for clip in clips[:2]])
    counts = OnnxEmbedding(model, front_end=mel, output="real").fit_transform(clips[:2])
    close(counts, [[20], [30]])


def test_clips_are_resampled_to_the_rate_of_the_model(wav2vec, rng):
    # A union's rate is not the model's.
    clips = list(rng.normal(size=(2, 44100)).astype(np.float32))
    union = make_audio_union(OnnxEmbedding(wav2vec, pooling=None, duration=1.0), sr=44100)
    assert union.fit_transform(clips).shape == (2, 2 * SR // 320)


@pytest.mark.parametrize("transposed", [False, True])
def test_a_front_end_makes_the_image_that_a_model_takes(transposed, clips, tmp_path):
    # 100 frames of 4 bands, a frame every 160 samples: one second.
    shape = (100, 4) if transposed else (4, 100)
    feature = OnnxEmbedding(
        image_encoder(tmp_path / "model.onnx", shape),
        front_end=front_end(tmp_path / "mel.onnx", transposed=transposed),
    )
    values = feature.fit_transform([clips[2], clips[0]])
    # The bands are 1 to 4 times the mean of the samples: 2.5 times on average.
    close(values[0], [2.5 * clips[2].mean(), clips[2][:160].mean()])
    close(values[1], [2.5 * clips[0].sum() / 16000, clips[0][:160].mean()])


def test_an_image_is_cut_into_windows_of_the_models_length(clips, tmp_path):
    feature = OnnxEmbedding(
        image_encoder(tmp_path / "model.onnx", (10, 4, 1)),
        front_end=front_end(tmp_path / "mel.onnx", transposed=True),
        frame_hop=8,
        pooling=None,
    )
    # 30 frames: windows of ten begin at frames 0, 8, 16, and at 20, where the last one ends.
    firsts = feature.fit_transform(clips[1:2]).reshape(2, -1)[1]
    close(firsts, [clips[1][160 * t : 160 * (t + 1)].mean() for t in (0, 8, 16, 20)])


def test_an_image_of_any_length_goes_in_as_a_whole(clips, tmp_path):
    feature = OnnxEmbedding(
        image_encoder(tmp_path / "model.onnx", (4, "frames")),
        front_end=front_end(tmp_path / "mel.onnx"),
    )
    close(feature.fit_transform(clips)[:, 0], [2.5 * clip.mean() for clip in clips])


def test_a_front_end_of_one_length_gets_every_window_of_it(rng, tmp_path):
    clip = rng.normal(0.05, 0.1, size=2 * SR).astype(np.float32)
    feature = OnnxEmbedding(
        image_encoder(tmp_path / "model.onnx", (4, 100)),
        front_end=front_end(tmp_path / "mel.onnx", length=SR),
        pooling=None,
    )
    halves = [2.5 * clip[:SR].mean(), 2.5 * clip[SR:].mean()]
    close(feature.fit_transform([clip])[0, :2], halves)
    # An image may be cut again.
    image_encoder(tmp_path / "model.onnx", (4, 60))
    firsts = feature.set_params(frame_hop=40).fit_transform([clip]).reshape(2, -1)[1]
    close(firsts, [clip[160 * t : 160 * (t + 1)].mean() for t in (0, 40, 100, 140)])


def test_a_front_end_of_one_length_that_gives_too_few_frames_is_refused(clips, tmp_path):
    mel = front_end(tmp_path / "mel.onnx", length=SR)
    feature = OnnxEmbedding(image_encoder(tmp_path / "model.onnx", (4, 200)), front_end=mel)
    with pytest.raises(
        SkserError, match=r"returns 100 frames.* but model\.onnx takes 200"
    ) as raised:
        feature.fit(clips)
    assert not isinstance(raised.value, AudioError)


def test_a_front_end_that_cuts_its_input_is_refused_too(clips, tmp_path):
    mel = build(
        tmp_path / "mel.onnx",
        [
            helper.make_node("Slice", ["x", "start", "end", "axis"], ["y"]),
            helper.make_node("Reshape", ["y", "shape"], ["z"]),
        ],
        [("x", FLOAT, ["batch", "samples"])],
        [("z", FLOAT, ["batch", 4, 400])],
        {
            "start": np.array([0]),
            "end": np.array([1600]),
            "axis": np.array([1]),
            "shape": np.array([1, 4, 400]),
        },
    )
    feature = OnnxEmbedding(image_encoder(tmp_path / "model.onnx", (4, 500)), front_end=mel)
    with pytest.raises(SkserError, match=r"returns 400 frames, however long the clip is"):
        feature.fit(clips)


# In unions, processes, files


def test_processes_and_store_do_not_change_values(wav2vec, clips, tmp_path):
    expected = OnnxEmbedding(wav2vec).fit_transform(clips)
    union = make_audio_union(
        MFCC(3), OnnxEmbedding(wav2vec), sr=SR, n_jobs=2, memory=tmp_path / "store"
    )
    for _ in range(2):
        np.testing.assert_array_equal(union.fit_transform(clips)[:, 3:], expected)
    assert cache_info(tmp_path / "store")["n_values"] == 6


def test_the_store_tells_models_by_their_content(clips, tmp_path):
    model = tmp_path / "model.onnx"
    union = make_audio_union(OnnxEmbedding(encoder(model)), memory=tmp_path / "store")
    first = union.fit_transform(clips)
    shutil.copy(model, tmp_path / "copy.onnx")
    union.set_params(onnxembedding__model=tmp_path / "copy.onnx").fit_transform(clips)
    assert cache_info(tmp_path / "store")["n_values"] == 3
    # Another model in the place of the first.
    encoder(model, mask=True)
    union.set_params(onnxembedding__model=model, onnxembedding__output="hidden_3")
    close(union.fit_transform(clips), -first)


def test_a_pickle_finds_its_model_from_another_folder(clips, tmp_path, monkeypatch):
    encoder(tmp_path / "model.onnx")
    monkeypatch.chdir(tmp_path)
    feature = OnnxEmbedding("model.onnx").fit(clips)
    data, expected = pickle.dumps(feature), feature.transform(clips)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    np.testing.assert_array_equal(pickle.loads(data).transform(clips), expected)


def test_a_model_that_has_changed_is_refused(clips, tmp_path):
    model = encoder(tmp_path / "model.onnx")
    feature = OnnxEmbedding(model).fit(clips)
    encoder(tmp_path / "model.onnx", mask=True)
    with pytest.raises(SkserError, match=r"is not the model used in fit: its SHA-256"):
        feature.transform(clips)
    assert feature.fit(clips).transform(clips).shape == (3, 2)


def with_weights_beside(path, value):
    """Write a model that adds `value` to the mean of a clip, and keeps it in a second file."""
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[1]),
        helper.make_node("Add", ["mean", "weights"], ["embedding"]),
    ]
    build(
        path,
        nodes,
        [("x", FLOAT, ["batch", "samples"])],
        [("embedding", FLOAT, ["batch", 500])],
        {"weights": np.full(500, value, dtype=np.float32)},
    )
    onnx.save(
        onnx.load(path),
        path,
        save_as_external_data=True,
        location="model.onnx.data",
        size_threshold=0,
    )
    return path


def test_weights_in_a_second_file_belong_to_the_model(clips, tmp_path):
    model = with_weights_beside(tmp_path / "model.onnx", 1.0)
    one_file = model.read_bytes()
    feature = OnnxEmbedding(model).fit(clips)
    union = make_audio_union(OnnxEmbedding(model), memory=tmp_path / "store").fit(clips)
    first = union.transform(clips)
    (tmp_path / "model.onnx.data").write_bytes(np.full(500, 2, dtype=np.float32).tobytes())
    assert model.read_bytes() == one_file
    with pytest.raises(SkserError, match=r"is not the model used in fit"):
        feature.transform(clips)
    # The store does not take the old values for those of the new weights.
    close(union.fit(clips).transform(clips), first + 1)


def test_a_missing_file_of_weights_is_named(clips, tmp_path):
    model = with_weights_beside(tmp_path / "model.onnx", 1.0)
    (tmp_path / "model.onnx.data").unlink()
    with pytest.raises(SkserError, match=r"keeps weights in 'model\.onnx\.data', which is not in"):
        OnnxEmbedding(model).fit(clips)


def test_a_model_of_the_hub_is_found_by_its_name(wav2vec, clips, monkeypatch):
    asked = []

    def hf_hub_download(repository, file, revision=None):
        asked.append((repository, file, revision))
        return wav2vec

    monkeypatch.setitem(
        sys.modules, "huggingface_hub", SimpleNamespace(hf_hub_download=hf_hub_download)
    )
    feature = OnnxEmbedding("hf:someone/wavlm/onnx/model.onnx@v1").fit(clips)
    close(feature.transform(clips), OnnxEmbedding(wav2vec).fit_transform(clips))
    assert asked == [("someone/wavlm", "onnx/model.onnx", "v1")]


def test_weights_in_a_second_file_of_the_hub_are_downloaded(clips, tmp_path, monkeypatch):
    model = with_weights_beside(tmp_path / "model.onnx", 1.0)
    expected = OnnxEmbedding(model).fit_transform(clips)
    # Like the hub's cache, in which names are links to files of other names.
    (tmp_path / "blobs").mkdir()
    (tmp_path / "snapshot" / "onnx").mkdir(parents=True)

    def hf_hub_download(repository, file, revision=None):
        path = tmp_path / "snapshot" / file
        blob = tmp_path / "blobs" / str(len(path.name))
        if not path.exists():
            shutil.copy(tmp_path / path.name, blob)
            path.symlink_to(blob)
        return str(path)

    monkeypatch.setitem(
        sys.modules, "huggingface_hub", SimpleNamespace(hf_hub_download=hf_hub_download)
    )
    feature = OnnxEmbedding("hf:someone/large/onnx/model.onnx@v1")
    close(feature.fit_transform(clips), expected)


# What is wrong


@pytest.mark.parametrize("name", ["hf:model.onnx", "hf:a/b", "hf:a/b/c.onnx@"])
def test_an_incomplete_name_is_refused(name, clips):
    with pytest.raises(ValueError, match=r"is incomplete: write 'hf:owner/repository/file\.onnx@"):
        OnnxEmbedding(name).fit(clips)


def test_a_missing_file_is_named(clips):
    with pytest.raises(FileNotFoundError, match=r"model='no/such\.onnx': no such file"):
        OnnxEmbedding("no/such.onnx").fit(clips)


@pytest.mark.parametrize("content", [b"", b"not a model", bytes(1000)])
def test_what_is_no_model_is_refused(content, clips, tmp_path):
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(SkserError, match=r"'model\.onnx' .*"):
        OnnxEmbedding(tmp_path / "model.onnx").fit(clips)


def test_a_model_of_something_else_is_explained(clips, tmp_path):
    ids = ("input_ids", TensorProto.INT64, ["batch", "tokens"])
    node = helper.make_node("Identity", ["input_ids"], ["out"])
    model = build(
        tmp_path / "bert.onnx", [node], [ids], [("out", TensorProto.INT64, ["batch", "tokens"])]
    )
    with pytest.raises(SkserError, match=r"takes 'input_ids' \(int64\) of shape \('batch', 'tok"):
        OnnxEmbedding(model).fit(clips)


@pytest.mark.parametrize(
    "shape", [["batch", 1], ["batch", "channels", "samples"], ["batch", 2, "samples"]]
)
def test_a_model_that_fits_no_clip_is_no_fault_of_the_clip(shape, clips, tmp_path):
    node = helper.make_node("Identity", ["x"], ["y"])
    model = build(tmp_path / "model.onnx", [node], [("x", FLOAT, shape)], [("y", FLOAT, shape)])
    union = make_audio_union(OnnxEmbedding(model), on_error="nan", sr=SR)
    with pytest.raises(
        SkserError, match=r"not samples\. Set front_end to the model that computes"
    ) as raised:
        union.fit(clips)
    assert not isinstance(raised.value, AudioError)
    # As a front end, too.
    images = image_encoder(tmp_path / "images.onnx", (4, 10))
    with pytest.raises(SkserError, match=r"but a front end takes samples") as raised:
        union.set_params(onnxembedding=OnnxEmbedding(images, front_end=model)).fit(clips)
    assert not isinstance(raised.value, AudioError)


@pytest.mark.parametrize("shape", [["batch"], ["batch", 100], ["batch", 1, "samples"]])
def test_a_mask_that_fits_no_clip_is_no_fault_of_the_clip(shape, clips, tmp_path):
    nodes = [helper.make_node("Identity", ["x"], ["y"])]
    inputs = [("x", FLOAT, ["batch", "samples"]), ("attention_mask", INT64, shape)]
    model = build(tmp_path / "model.onnx", nodes, inputs, [("y", FLOAT, ["batch", "samples"])])
    with pytest.raises(
        SkserError, match=r"attention masks \(integers\) of shape \(batch"
    ) as raised:
        make_audio_union(OnnxEmbedding(model), on_error="nan", sr=SR).fit(clips)
    assert not isinstance(raised.value, AudioError)


def test_what_has_no_effect_is_refused(wav2vec, clips, tmp_path):
    with pytest.raises(ValueError, match=r"hop is set, but window is None.* Set window as well"):
        OnnxEmbedding(wav2vec, hop=0.5).fit(clips)
    # A model of one length gives the window itself.
    fixed = encoder(tmp_path / "fixed.onnx", length=3200)
    OnnxEmbedding(fixed, hop=0.05).fit(clips)
    with pytest.raises(ValueError, match=r"window is 8000 samples, but fixed\.onnx takes 3200"):
        OnnxEmbedding(fixed, window=0.5).fit(clips)
    images = image_encoder(tmp_path / "model.onnx", (4, 10))
    mel = front_end(tmp_path / "mel.onnx")
    for name in ("window", "hop"):
        with pytest.raises(ValueError, match=rf"{name} is set, but the length of windows of samp"):
            OnnxEmbedding(images, front_end=mel, **{name: 0.5}).fit(clips)


def test_an_encoder_of_images_without_its_front_end_is_explained(clips, tmp_path):
    with pytest.raises(
        SkserError, match=r"takes images of shape \('batch', 4, 100\).*Set front_end to"
    ):
        OnnxEmbedding(image_encoder(tmp_path / "model.onnx", (4, 100))).fit(clips)


def test_a_front_end_of_another_model_is_explained(clips, tmp_path):
    feature = OnnxEmbedding(
        image_encoder(tmp_path / "model.onnx", (80, 30)),
        front_end=front_end(tmp_path / "mel.onnx"),
    )
    with pytest.raises(
        SkserError, match=r"returns an image of shape \(4, .*Use the front end that"
    ):
        feature.fit(clips)


def test_an_output_of_another_shape_is_explained(clips, tmp_path):
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["all"], keepdims=0),
        helper.make_node("Identity", ["x"], ["embedding"]),
    ]
    model = build(
        tmp_path / "model.onnx",
        nodes,
        [("x", FLOAT, ["batch", "samples"])],
        [("all", FLOAT, []), ("embedding", FLOAT, ["batch", "samples"])],
    )
    with pytest.raises(SkserError, match=r"returned an array of shape \(\).*'all', 'embedding'"):
        OnnxEmbedding(model).fit(clips)


def test_a_clip_on_which_the_model_fails_is_named(clips, tmp_path):
    model = encoder(tmp_path / "model.onnx")
    node = helper.make_node("Slice", ["x", "start", "end"], ["y"])
    picky = build(
        tmp_path / "picky.onnx",
        [node, helper.make_node("Reshape", ["y", "shape"], ["z"])],
        [("x", FLOAT, ["batch", "samples"])],
        [("z", FLOAT, ["batch", 4000])],
        {
            "start": np.array([0, 0]),
            "end": np.array([1, 4000]),
            "shape": np.array([1, 4000]),
        },
    )
    assert model
    long_first = [clips[2], clips[0]]
    with pytest.raises(AudioError, match=r"X\[1\].*picky\.onnx failed on an input of shape"):
        OnnxEmbedding(picky).fit_transform(long_first)
    with pytest.warns(AudioWarning, match="1 of 2 clips"):
        make_audio_union(OnnxEmbedding(picky), on_error="nan", sr=SR).fit_transform(long_first)


@pytest.mark.parametrize("package", ["onnxruntime", "huggingface_hub"])
def test_a_missing_package_is_named_with_the_extra(package, clips, tmp_path, monkeypatch):
    model = tmp_path / f"{package}.onnx"
    encoder(model)
    monkeypatch.setitem(sys.modules, package, None)
    name = model if package == "onnxruntime" else "hf:nobody/nothing/model.onnx"
    with pytest.raises(
        ImportError, match=rf"{package} is not installed\. Install it with pip install 'skser\[pre"
    ):
        OnnxEmbedding(name).fit(clips)
