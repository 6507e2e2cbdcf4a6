import math
import pickle
import subprocess
import sys

import numpy as np
import pytest

from skser import (
    Conv1DClassifier,
    Conv2DClassifier,
    DenseClassifier,
    ImageToSequence,
    Mel2D,
    MelImage,
    SpectrogramScaler,
    make_emotional_speech,
)
from skser.neural.architectures._registry import get_architecture, list_architectures

LISTED = {entry.name: entry for entry in list_architectures().itertuples()}
SLOW = {"alexnet", "sequence512", "vgg16"}


def conv(filters, kernel_values, channels_in):
    return filters * (kernel_values * channels_in + 1)


def dense(units, values_in):
    return units * (values_in + 1)


def batch_norm(channels):
    """Scale and offset, which are trained, and mean and variance, which are not."""
    return 4 * channels


def residual1d(channels_in):
    """Seven normalised convolutions without bias, attention of 64 units, and 6 classes."""
    block = 128 * (3 * 128) + batch_norm(128) + 128 * 128 + batch_norm(128)
    attention = dense(64, 128) + dense(1, 64)
    return 128 * (5 * channels_in) + batch_norm(128) + 3 * block + attention + dense(6, 2 * 128)


def residual2d():
    """Of 64 rows: two blocks beside 1 x 1 convolutions, 8 rows to 128 values, attention."""
    stem = 16 * 3 * 3 + batch_norm(16)
    first = 16 * 32 + 16 * 32 * 9 + batch_norm(32) + 32 * 32 * 9 + batch_norm(32)
    second = 32 * 64 + 32 * 64 * 9 + batch_norm(64) + 64 * 64 * 9 + batch_norm(64)
    rows = 8 * 64 * 128 + batch_norm(128)
    return stem + first + second + rows + dense(64, 128) + dense(1, 64) + dense(6, 2 * 128)


UNTRAINED_2D = 2 * (16 + 2 * 32 + 2 * 64 + 128)


# Each network at the input of its study: (input, K, parameters, parameters that are not trained).
# Comments follow the length, or rows x frames, through the pools.
TABLE = {
    "compact": ((157, 1), 6, 28_166, 0),
    "wide": ((314, 1), 6, 446_598, 446_598 - 446_470),
    "deep8": (
        (180, 1),
        6,
        conv(256, 3, 1)
        + conv(256, 3, 256)
        + batch_norm(256)  # 180 -> 60
        + conv(128, 3, 256)
        + 3 * conv(128, 3, 128)
        + batch_norm(128)  # 60 -> 20
        + conv(64, 3, 128)
        + conv(64, 3, 64)
        + dense(6, 20 * 64),
        2 * (256 + 128),
    ),
    "pyramid3": (
        (180, 1),
        6,
        conv(512, 3, 1)  # 180 -> 90
        + conv(256, 3, 512)
        + batch_norm(256)  # 90 -> 45
        + conv(128, 3, 256)
        + conv(64, 3, 128)  # 45 -> 23
        + conv(32, 3, 64)  # 23 -> 12
        + dense(256, 12 * 32)
        + dense(6, 256),
        2 * 256,
    ),
    "pyramid5": (
        (258, 1),
        6,
        conv(512, 5, 1)  # 258 -> 129
        + conv(256, 5, 512)
        + batch_norm(256)  # 129 -> 65
        + conv(128, 5, 256)
        + conv(64, 5, 128)  # 65 -> 33
        + conv(32, 5, 64)  # 33 -> 17
        + dense(256, 17 * 32)
        + dense(6, 256),
        2 * 256,
    ),
    "ijpr2020": ((216, 1), 10, 445_578, 0),
    "ijpr2020-small": (
        (5, 1),
        6,
        conv(128, 2, 1)
        + conv(128, 2, 128)  # 5 -> 3
        + 3 * conv(128, 2, 128)
        + conv(128, 2, 128)
        + dense(6, 3 * 128),
        0,
    ),
    "l2pool8": (
        (180, 1),
        6,
        conv(64, 10, 1)  # 180 -> 171
        + conv(128, 10, 64)  # 171 -> 162, pooled to 20
        + conv(128, 10, 128)  # 20 -> 11, pooled to 1
        + dense(256, 1 * 128)
        + dense(6, 256),
        0,
    ),
    "sequence512": ((2162, 1), 6, 6_733_958, 6_733_958 - 6_729_606),
    "melmean": ((128, 1), 6, 553_894, 553_894 - 552_486),
    "three-block": (
        (30, 216, 1),
        6,
        conv(32, 3 * 3, 1)  # 30 x 216 -> 28 x 214, pooled to 14 x 107
        + conv(64, 3 * 3, 32)  # 14 x 107 -> 12 x 105, pooled to 6 x 52
        + conv(64, 3 * 3, 64)  # 6 x 52 -> 4 x 50
        + dense(64, 4 * 50 * 64)
        + dense(32, 64)
        + dense(6, 32),
        0,
    ),
    "bn4x10": (
        (30, 216, 1),
        6,
        conv(32, 4 * 10, 1)  # 30 x 216 -> 15 x 108
        + 3 * conv(32, 4 * 10, 32)  # 15 x 108 -> 7 x 54 -> 3 x 27 -> 1 x 13
        + 4 * batch_norm(32)
        + dense(64, 1 * 13 * 32)
        + batch_norm(64)
        + dense(6, 64),
        2 * (4 * 32 + 64),
    ),
    "stride8": (
        (30, 216, 1),
        6,
        conv(32, 8 * 8, 1)  # 30 x 216 -> 4 x 27, pooled to 2 x 14
        + conv(32, 8 * 8, 32)  # 2 x 14 -> 1 x 2, pooled to 1 x 1
        + conv(32, 8 * 8, 32)
        + conv(64, 8 * 8, 32)
        + 3 * conv(64, 8 * 8, 64)
        + dense(32, 1 * 1 * 64)
        + dense(6, 32),
        0,
    ),
    "vgg16": (
        (128, 157, 1),
        6,
        conv(64, 3 * 3, 1)
        + conv(64, 3 * 3, 64)  # 128 x 157 -> 64 x 78
        + conv(128, 3 * 3, 64)
        + conv(128, 3 * 3, 128)  # 64 x 78 -> 32 x 39
        + conv(256, 3 * 3, 128)
        + 2 * conv(256, 3 * 3, 256)  # 32 x 39 -> 16 x 19
        + conv(512, 3 * 3, 256)
        + 2 * conv(512, 3 * 3, 512)  # 16 x 19 -> 8 x 9
        + 3 * conv(512, 3 * 3, 512)  # 8 x 9 -> 4 x 4
        + dense(512, 4 * 4 * 512)
        + dense(6, 512),
        0,
    ),
    "conv7x7": ((128, 157, 1), 6, 951_926, 951_926 - 951_718),
    "singh2020": ((128, 157, 1), 6, 897_350, 0),
    "alexnet": ((128, 188, 1), 6, 36_300_894, 36_300_894 - 36_281_746),
    "dropout3": ((128, 63, 1), 6, 830_854, 2 * 64),
    "image-linear": ((64, 64, 3), 5, 192_485, 0),
    "image-two": ((64, 64, 3), 5, 171_225, 0),
    "image-two-k5": ((64, 64, 3), 5, 164_610, 0),
    "image-three": ((64, 64, 3), 5, 32_482, 0),
    "image-three-dense": ((64, 64, 3), 5, 149_050, 0),
    "image-four-dense": ((64, 64, 3), 5, 48_700, 0),
    "dense": ((128,), 6, dense(64, 128) + dense(6, 64), 0),
    "residual1d": ((54, 64), 6, residual1d(64), 2 * 7 * 128),
    "residual2d": ((64, 54, 1), 6, residual2d(), UNTRAINED_2D),
    "residual2d-views": (
        (64, 54, 1),
        6,
        2 * residual2d() + batch_norm(40) + residual1d(40),
        2 * UNTRAINED_2D + 2 * 40 + 2 * 7 * 128,
    ),
}

# The same at other inputs. VGG-16 without its head is published with 14 714 688 parameters.
ELSEWHERE = [
    ("compact", (314, 1), 6, 58_886, 0),
    ("compact", (471, 1), 6, 88_070, 0),
    ("vgg16", (32, 32, 3), 6, 14_714_688 + dense(512, 512) + dense(6, 512), 0),
]


def n_values(variables):
    return sum(math.prod(variable.shape) for variable in variables)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in LISTED
    ],
)
def network(request):
    """Each network at its reference input, with its line in the list; one at a time."""
    entry = LISTED[request.param]
    model = get_architecture(entry.name)(entry.reference_input, entry.n_classes)
    return model, entry


@pytest.mark.parametrize(
    ("name", "input_shape", "n_classes", "parameters", "untrained"),
    [(name, *row) for name, row in TABLE.items()] + ELSEWHERE,
)
def test_has_exactly_the_published_parameters(name, input_shape, n_classes, parameters, untrained):
    model = get_architecture(name)(input_shape, n_classes)
    assert n_values(model.weights) == parameters
    assert n_values(model.non_trainable_weights) == untrained


@pytest.mark.parametrize("name", TABLE)
def test_is_listed_as_in_the_table(name):
    input_shape, n_classes, parameters, _ = TABLE[name]
    entry = LISTED[name]
    assert entry.reference_input == input_shape
    assert entry.dimensions == len(input_shape) - 1
    assert entry.n_classes == n_classes
    assert entry.parameters == parameters
    assert entry.source


def test_lists_the_table_and_our_own():
    assert set(LISTED) == {*TABLE, "small"}


def test_list_has_these_columns():
    columns = ["name", "dimensions", "reference_input", "n_classes", "parameters", "source"]
    assert list(list_architectures().columns) == [*columns, "any_length"]


def test_list_is_sorted_by_dimensions_then_name():
    listed = list_architectures()
    keys = list(zip(listed["dimensions"], listed["name"], strict=True))
    assert keys == sorted(keys)


def test_listed_parameters_are_the_networks(network):
    model, entry = network
    assert n_values(model.weights) == entry.parameters


def test_returns_probabilities(network, rng):
    model, entry = network
    x = rng.normal(size=(1, *entry.reference_input)).astype(np.float32)
    probabilities = model(x, training=False).numpy()
    assert probabilities.shape == (1, entry.n_classes)
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(), 1, rtol=1e-5)


def test_last_dense_layer_classifies(network):
    import keras

    from skser.neural.layers import EnsembleDense

    model, entry = network
    dense = (keras.layers.Dense, EnsembleDense)
    last = [layer for layer in model.layers if isinstance(layer, dense)][-1]
    assert last.units == entry.n_classes


@pytest.mark.parametrize("name", LISTED)
def test_builder_pickles(name):
    builder = get_architecture(name)
    assert pickle.loads(pickle.dumps(builder)) is builder


def test_l2_penalty_is_on_the_second_convolution_alone():
    model = get_architecture("l2pool8")((180, 1), 6)
    penalised = [
        n
        for n, layer in enumerate(model.layers)
        if getattr(layer, "kernel_regularizer", None) or getattr(layer, "bias_regularizer", None)
    ]
    assert penalised == [1]
    assert len(model.losses) == 2


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("pyramid", "pyramid3.*pyramid5|pyramid5.*pyramid3"),
        ("image_two", "image-two.*image-two-k5"),
        ("AlexNet", "alexnet"),
        ("?", "alexnet.*compact.*wide"),
    ],
)
def test_unknown_name_is_answered_with_near_ones(wrong, near):
    with pytest.raises(ValueError, match=rf"unknown\. Similar names: .*({near}).*a callable"):
        get_architecture(wrong)


def test_listing_loads_no_keras():
    code = (
        "import sys; from skser.neural.architectures._registry import list_architectures; "
        "list_architectures(); "
        "print(sorted({'keras', 'tensorflow'} & {name.split('.')[0] for name in sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.slow
def test_every_network_trains_an_epoch_and_predicts_the_same_in_a_fresh_process(tmp_path):
    classifiers, inputs = {}, {}
    for entry in list_architectures().itertuples():
        X, y = speech(entry.reference_input)
        kind = {0: DenseClassifier, 1: Conv1DClassifier, 2: Conv2DClassifier}[entry.dimensions]
        classifiers[entry.name] = kind(entry.name, epochs=1, random_state=0).fit(X, y)
        inputs[entry.name] = X
    expected = {name: clf.predict_proba(inputs[name]) for name, clf in classifiers.items()}
    file = tmp_path / "networks.pkl"
    file.write_bytes(pickle.dumps((classifiers, inputs)))
    code = (
        "import pickle, sys; classifiers, inputs = pickle.load(open(sys.argv[1], 'rb'));"
        "found = {name: clf.predict_proba(inputs[name]) for name, clf in classifiers.items()};"
        "pickle.dump(found, open(sys.argv[2], 'wb'))"
    )
    found = tmp_path / "found.pkl"
    subprocess.run([sys.executable, "-c", code, file, found], check=True)
    for name, probabilities in pickle.loads(found.read_bytes()).items():
        np.testing.assert_array_equal(probabilities, expected[name], err_msg=name)


def speech(shape):
    """Return built-in speech as inputs of a shape, and labels."""
    corpus = make_emotional_speech(n_per_class=2, random_state=0)
    clips, y = corpus.data[:8], corpus.target[:8]
    if len(shape) == 3 and shape[-1] == 3:
        return MelImage(*shape[:2]).fit_transform(clips), y
    n_rows, n_frames = shape[:2] if len(shape) == 3 else (8, 1 + -(-shape[0] // 8))
    image = Mel2D(n_rows, hop_length=256, duration=(n_frames - 1) * 256 / 22050)
    X = SpectrogramScaler().fit_transform(image.fit_transform(clips))
    assert X.shape[2] == n_frames
    if len(shape) == 3:
        return X, y
    if len(shape) == 2 and shape[1] > 1:
        return ImageToSequence().fit_transform(Mel2D(shape[1]).fit_transform(clips)), y
    return X.reshape(len(X), -1)[:, : shape[0]], y
