import json

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, RobustScaler, StandardScaler
from sklearn.svm import SVC

import skser
from skser import (
    MFCC,
    AugmentedClassifier,
    Conv1DClassifier,
    Conv2DClassifier,
    DenseClassifier,
    Gain,
    GeometricVotingClassifier,
    ImageToSequence,
    Mel2D,
    SegmentClassifier,
    SpectrogramScaler,
    TrimSilence,
    export_onnx,
    list_architectures,
    make_emotional_speech,
    make_recognizer,
)
from skser.preprocessing._ragged import pad_ragged

onnxruntime = pytest.importorskip("onnxruntime")
CLASSIFIERS = [DenseClassifier, Conv1DClassifier, Conv2DClassifier]


@pytest.fixture
def table(rng):
    """Values of very different sizes, and labels."""
    y = np.repeat(["angry", "calm", "happy"], 20)
    centres = rng.normal(size=(3, 12))[np.unique(y, return_inverse=True)[1]]
    values = (rng.normal(size=(60, 12)) + centres) * 10.0 ** np.linspace(-2, 3, 12)
    return (values + 500).astype(np.float32), y


@pytest.fixture
def exported(tmp_path):
    """Export a classifier, and return a session."""

    def export(estimator):
        path = tmp_path / "model.onnx"
        export_onnx(estimator, path)
        return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    return export


def assert_equal_decisions(session, feed, estimator, X):
    probabilities, label = session.run(["probabilities", "label"], feed)
    np.testing.assert_allclose(probabilities, estimator.predict_proba(X), atol=1e-5)
    assert label.tolist() == estimator.predict(X).tolist()


@pytest.mark.parametrize(
    "pipeline",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        make_pipeline(SimpleImputer(), StandardScaler(), PCA(5), LinearDiscriminantAnalysis()),
        make_pipeline(RobustScaler(), CalibratedClassifierCV(SVC())),
        make_pipeline(
            StandardScaler(),
            LinearDiscriminantAnalysis(),
            "passthrough",
            VotingClassifier(
                [
                    ("a", LogisticRegression()),
                    ("none", "drop"),
                    ("c", LinearDiscriminantAnalysis()),
                ],
                voting="soft",
                weights=[1, 5, 2],
            ),
        ),
        make_pipeline(
            StandardScaler(),
            GeometricVotingClassifier(
                [("a", LogisticRegression()), ("b", LinearDiscriminantAnalysis())], weights=[2, 1]
            ),
        ),
    ],
    ids=["logistic regression", "LDA", "SVM", "vote", "geometric vote"],
)
@pytest.mark.parametrize("labels", ["text", "numbers"])
def test_a_pipeline_of_scikit_learn_gives_equal_probabilities(pipeline, labels, table, exported):
    X, y = table
    if labels == "numbers":
        y = np.unique(y, return_inverse=True)[1] + 5
    pipeline.fit(X, y)
    assert_equal_decisions(exported(pipeline), {"X": X}, pipeline, X)


def test_a_network_behind_scaling_and_lda(table, exported, as_if_trained):
    X, y = table
    before = make_pipeline(StandardScaler(), LinearDiscriminantAnalysis()).fit(X, y)
    network = as_if_trained(Conv1DClassifier(), before.transform(X), y)
    pipeline = Pipeline([*before.steps, ("classify", network)])
    assert_equal_decisions(exported(pipeline), {"X": X}, pipeline, X)


@pytest.fixture(scope="module")
def image_session(image_pipeline, tmp_path_factory):
    path = tmp_path_factory.mktemp("graph") / "images.onnx"
    export_onnx(image_pipeline, path)
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def test_a_graph_takes_images_of_any_number_and_length_padded_with_nan(
    image_pipeline, images, image_session
):
    assert image_session.get_inputs()[0].shape == ["n_samples", 16, "n_frames"]
    X, _ = images
    ragged = np.empty(len(X), dtype=object)
    for i, image in enumerate(X):
        ragged[i] = image[:, : 9 + i]
    assert_equal_decisions(image_session, {"X": pad_ragged(ragged)}, image_pipeline, ragged)
    assert_equal_decisions(image_session, {"X": X[:1]}, image_pipeline, X[:1])


def test_the_graph_says_what_it_belongs_to(image_session, images):
    properties = image_session.get_modelmeta().custom_metadata_map
    assert json.loads(properties["classes"]) == sorted(set(images[1]))
    assert properties["skser_version"] == skser.__version__


def test_a_network_alone_takes_what_features_give(table, exported, as_if_trained):
    X, y = table
    network = as_if_trained(DenseClassifier(), X / 1000, y)
    assert_equal_decisions(exported(network), {"X": X / 1000}, network, X / 1000)


def test_features_stay_in_python(exported):
    speech = make_emotional_speech(n_speakers=2, n_per_class=1, random_state=0)
    pipeline = make_pipeline(TrimSilence(), MFCC(8), StandardScaler(), LogisticRegression())
    pipeline.fit(speech.data, speech.target)
    session = exported(pipeline)
    values = pipeline[:2].transform(speech.data)
    assert_equal_decisions(session, {"X": values}, pipeline, speech.data)
    in_python = session.get_modelmeta().custom_metadata_map["steps_in_python"]
    assert json.loads(in_python) == {"X": ["trimsilence", "mfcc"]}


def test_a_vote_of_recognisers_has_an_input_for_each(exported):
    speech = make_emotional_speech(n_speakers=2, n_per_class=1, random_state=0)
    members = [
        ("few", make_pipeline(MFCC(4), StandardScaler(), LogisticRegression())),
        ("many", make_pipeline(MFCC(9), LinearDiscriminantAnalysis())),
    ]
    vote = VotingClassifier(members, voting="soft").fit(speech.data, speech.target)
    feed = {
        name: member[0].transform(speech.data) for name, member in vote.named_estimators_.items()
    }
    assert_equal_decisions(exported(vote), feed, vote, speech.data)


def test_an_augmented_classifier_is_exported_as_what_it_has_trained(exported):
    speech = make_emotional_speech(n_speakers=2, n_per_class=1, random_state=0)
    pipeline = make_pipeline(MFCC(4), StandardScaler(), LogisticRegression())
    augmented = AugmentedClassifier(pipeline, Gain(), n_copies=1).fit(speech.data, speech.target)
    values = augmented.estimator_[0].transform(speech.data)
    assert_equal_decisions(exported(augmented), {"X": values}, augmented, speech.data)


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (StandardScaler(), "StandardScaler is not one"),
        (make_pipeline(StandardScaler(), RidgeClassifier()), "'ridgeclassifier' .* no probab"),
        (
            make_pipeline(FunctionTransformer(np.sin), LogisticRegression()),
            "Step 'functiontransformer' .* cannot be exported",
        ),
    ],
)
def test_what_cannot_be_exported_is_named(estimator, message, table, tmp_path):
    estimator.fit(*table)
    with pytest.raises(TypeError, match=message):
        export_onnx(estimator, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_a_network_in_an_ensemble_of_scikit_learn_is_named(table, tmp_path, as_if_trained):
    X, y = table
    network = as_if_trained(DenseClassifier(), X / 1000, y)
    pipeline = make_pipeline(StandardScaler(), CalibratedClassifierCV(FrozenEstimator(network)))
    with pytest.raises(TypeError, match=r"Step 'calibratedclassifiercv' .* cannot be exported"):
        export_onnx(pipeline.fit(X, y), tmp_path / "model.onnx")


def test_what_works_on_clips_themselves_is_named(tmp_path):
    speech = make_emotional_speech(n_speakers=2, n_per_class=1, random_state=0)
    pipeline = make_pipeline(MFCC(4), LinearDiscriminantAnalysis())
    segments = SegmentClassifier(pipeline, window=0.5).fit(speech.data, speech.target)
    with pytest.raises(TypeError, match=r"SegmentClassifier .* Export .* estimator_"):
        export_onnx(segments, tmp_path / "model.onnx")


def test_labels_must_be_text_or_integers(table, tmp_path):
    X, y = table
    pipeline = LinearDiscriminantAnalysis().fit(X, y == "calm")
    with pytest.raises(TypeError, match="neither text nor integers"):
        export_onnx(pipeline, tmp_path / "model.onnx")


@pytest.mark.parametrize("estimator", [LogisticRegression(), Conv1DClassifier()])
def test_an_estimator_must_be_fitted(estimator, tmp_path):
    with pytest.raises(NotFittedError):
        export_onnx(estimator, tmp_path / "model.onnx")


@pytest.mark.parametrize("thing", [LogisticRegression, "voice.skser", None])
def test_what_is_no_estimator_is_refused(thing, tmp_path):
    with pytest.raises(TypeError, match="takes a fitted classifier"):
        export_onnx(thing, tmp_path / "model.onnx")


def test_the_path_must_be_that_of_a_file(table, tmp_path):
    fitted = LinearDiscriminantAnalysis().fit(*table)
    with pytest.raises(IsADirectoryError, match="is a folder"):
        export_onnx(fitted, tmp_path)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        export_onnx(fitted, tmp_path / "none" / "model.onnx")


@pytest.mark.parametrize("missing", ["onnx", "skl2onnx"])
def test_a_missing_extra_is_named(missing, table, tmp_path, monkeypatch):
    fitted = LinearDiscriminantAnalysis().fit(*table)
    monkeypatch.setitem(__import__("sys").modules, missing, None)
    with pytest.raises(ImportError, match=rf"{missing} is not installed: .*skser\[export\]"):
        export_onnx(fitted, tmp_path / "model.onnx")


@pytest.mark.slow
@pytest.mark.parametrize("entry", list(list_architectures().itertuples()), ids=lambda e: e.name)
def test_every_architecture_gives_equal_probabilities(entry, exported, as_if_trained):
    speech = make_emotional_speech(n_speakers=2, n_per_class=1, random_state=0)
    images = SpectrogramScaler().fit_transform(
        Mel2D(64, sr=16000, duration=1.0).fit_transform(speech.data)
    )
    X = np.stack([np.resize(image, entry.reference_input) for image in images])
    if X.shape[-1] == 1:
        X = X[..., 0]
    network = as_if_trained(CLASSIFIERS[entry.dimensions](entry.name), X, speech.target)
    assert_equal_decisions(exported(network), {"X": X}, network, X)


@pytest.mark.slow
def test_sequences_of_images_with_channels(exported):
    speech = make_emotional_speech(n_speakers=2, n_per_class=1, random_state=0)
    images = Mel2D(16, sr=16000, deltas=1, duration=1.0).fit_transform(speech.data)
    pipeline = make_pipeline(
        SpectrogramScaler(), ImageToSequence(), Conv1DClassifier("residual1d", epochs=1)
    ).fit(images, speech.target)
    assert_equal_decisions(exported(pipeline), {"X": images}, pipeline, images)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["fast", "best"])
def test_the_recognisers_give_equal_probabilities(kind, exported, speech_clips):
    speech = make_emotional_speech(n_speakers=2, n_per_class=2, random_state=0)
    recognizer = make_recognizer(kind, embedding=False, random_state=0)
    if kind == "best":
        recognizer.set_params(network__classify__epochs=2)
    recognizer.fit(speech.data, speech.target)
    session = exported(recognizer)
    for clip in speech_clips[:5]:
        if kind == "fast":
            feed = {"X": recognizer[:1].transform([clip])}
        else:
            fast, network = recognizer.estimators_
            image = pad_ragged(network[:2].transform([clip]))
            feed = {"fast": fast[:1].transform([clip]), "network": image}
        assert_equal_decisions(session, feed, recognizer, [clip])
