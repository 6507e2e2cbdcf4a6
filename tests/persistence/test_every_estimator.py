"""Every estimator of the package comes out of a file as it went in."""

import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import skser
from skser import (
    MFCC,
    RMS,
    AddNoise,
    Audio,
    AudioFunction,
    AugmentedClassifier,
    Compose,
    Conv1DClassifier,
    Conv2DClassifier,
    FeatureStore,
    Gain,
    GeometricVotingClassifier,
    ImageToSequence,
    Mel2D,
    OneOf,
    OnnxEmbedding,
    Segment,
    SegmentClassifier,
    SequentialGroupSelector,
    SpeakerNormalizer,
    SpectrogramScaler,
    SpeechEmbedding,
    enroll_speakers,
    incremental_grid,
    load_model,
    make_audio_union,
    make_emotional_speech,
    make_recognizer,
    save_model,
    uar_scorer,
    with_speakers,
)
from skser.compose._speaker_calibrated_classifier import SpeakerCalibratedClassifier
from skser.neural import _adapter

ABSTRACT = {"AudioFeature", "AudioImage"}
PUBLIC = {name: getattr(skser, name) for name in skser.__all__}
OURS = {
    name: cls
    for name, cls in PUBLIC.items()
    if inspect.isclass(cls) and issubclass(cls, BaseEstimator) and name not in ABSTRACT
}
NETWORKS = ["Conv1DClassifier", "Conv2DClassifier", "DenseClassifier"]
OUTPUTS = ("decision_function", "predict", "predict_proba", "transform")


@pytest.fixture(scope="module")
def speech():
    return make_emotional_speech(2, 3, emotions=["angry", "sad"], random_state=0)


@pytest.fixture(scope="module")
def X(speech):
    return with_speakers(speech.data, speech.groups)


@pytest.fixture
def through_a_file(tmp_path):
    """Write an estimator, forget what is compiled, and read it."""

    def travel(estimator, trusted=()):
        path = tmp_path / "model.skser"
        save_model(estimator, path)
        loaded = load_model(path, trusted=trusted)
        assert type(loaded) is type(estimator)
        return loaded

    return travel


def outputs(estimator, X):
    found = {}
    for method in OUTPUTS:
        if hasattr(estimator, method):
            values = getattr(estimator, method)(X)
            arrays = values if isinstance(values, list) or values.dtype == object else [values]
            arrays = [a.y if isinstance(a, Audio) else np.asarray(a) for a in arrays]
            found[method] = [(a.dtype, a.shape, a.tobytes()) for a in arrays]
    assert found
    return found


def vectors():
    return make_audio_union(MFCC(8), RMS(pooling=["mean", "p95"]))


def pipeline(last=None):
    last = LogisticRegression(max_iter=1000) if last is None else last
    return Pipeline([("features", vectors()), ("scale", StandardScaler()), ("classify", last)])


def images():
    return make_audio_union(Mel2D(16), duration=0.5)


def network(cls):
    classifier = cls(epochs=1, random_state=0)
    if cls is Conv2DClassifier:
        return make_pipeline(images(), SpectrogramScaler(), classifier)
    return make_pipeline(vectors(), StandardScaler(), classifier)


SPECIAL = {
    "AudioFeatureUnion": vectors,
    "AugmentedClassifier": lambda: AugmentedClassifier(
        pipeline(), Compose([AddNoise(), OneOf([Gain()])]), random_state=0
    ),
    "GeometricVotingClassifier": lambda: GeometricVotingClassifier(
        [("a", pipeline()), ("b", pipeline(LogisticRegression(C=0.01)))], weights=[2, 1]
    ),
    "ImageToSequence": lambda: make_pipeline(images(), ImageToSequence()),
    "SegmentClassifier": lambda: SegmentClassifier(pipeline(), window=0.5, hop=0.25),
    "SequentialGroupSelector": lambda: SequentialGroupSelector(pipeline(), cv=2),
    "SpeakerNormalizer": lambda: SpeakerNormalizer(vectors()),
    "SpectrogramScaler": lambda: make_pipeline(images(), SpectrogramScaler()),
    **{name: lambda name=name: network(getattr(skser, name)) for name in NETWORKS},
}
HAVE_TESTS_OF_THEIR_OWN = {
    "AudioFunction", "Compose", "OneOf", "OnnxEmbedding", "SpeechEmbedding",
}  # fmt: skip
AUGMENTERS = [n for n, cls in OURS.items() if issubclass(cls, skser.augmentation._base.Augmenter)]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if name in NETWORKS else ())
        for name in sorted(OURS.keys() - HAVE_TESTS_OF_THEIR_OWN - set(AUGMENTERS))
    ],
)
def test_it_computes_the_same_to_the_bit(name, X, speech, through_a_file, monkeypatch):
    estimator = SPECIAL[name]() if name in SPECIAL else OURS[name]()
    estimator.fit(X[:8], speech.target[:8])
    expected = outputs(estimator, X[8:9])
    # Else a network would be the very one that was trained.
    monkeypatch.setattr(_adapter, "_networks", type(_adapter._networks)())
    assert outputs(through_a_file(estimator), X[8:9]) == expected


@pytest.mark.parametrize("name", AUGMENTERS)
def test_an_augmenter_changes_sound_the_same(name, X, through_a_file):
    parameters = {"Compose": [[Gain()]], "OneOf": [[Gain(), AddNoise()]]}.get(name, [])
    augmenter = OURS[name](*parameters).set_params(random_state=3)
    samples = X[0].y[:4000]
    loaded = through_a_file(augmenter)
    np.testing.assert_array_equal(loaded(samples, 16000), augmenter(samples, 16000))


@pytest.mark.parametrize("name", sorted(OURS.keys() - SPECIAL.keys() - HAVE_TESTS_OF_THEIR_OWN))
def test_it_travels_unfitted(name, through_a_file):
    estimator = OURS[name]()
    loaded = through_a_file(estimator)
    assert loaded.get_params() == estimator.get_params()


SEARCH = GridSearchCV(
    pipeline(SVC()),
    incremental_grid("features", keep=["mfcc"], add=["rms"]),
    cv=StratifiedGroupKFold(2),
    scoring=uar_scorer,
)
COMPOSED = {
    "svc": pipeline(SVC()),
    "calibrated": SpeakerCalibratedClassifier(pipeline(SVC())),
    "search": SEARCH,
    "normalised": make_pipeline(SpeakerNormalizer(vectors()), LogisticRegression(max_iter=1000)),
    "vote": VotingClassifier([("a", pipeline()), ("b", pipeline())], voting="soft"),
    "fast": make_recognizer("fast", embedding=False),
}


@pytest.mark.parametrize("kind", COMPOSED)
def test_a_composition_computes_the_same_to_the_bit(kind, X, speech, through_a_file):
    groups = {"groups": speech.groups} if kind in ("search", "calibrated") else {}
    fitted = COMPOSED[kind].fit(X, speech.target, **groups)
    loaded = through_a_file(fitted)
    assert outputs(loaded, X[:3]) == outputs(fitted, X[:3])
    if kind == "search":
        assert loaded.best_params_.keys() == fitted.best_params_.keys()
        assert loaded.best_score_ == fitted.best_score_


def test_enrolled_speakers_are_in_the_file(X, speech, through_a_file):
    model = make_pipeline(SpeakerNormalizer(vectors()), LogisticRegression(max_iter=1000))
    model.fit(X[:8], speech.target[:8])
    stranger = with_speakers(speech.data[:4], ["stranger"] * 4)
    enroll_speakers(model, stranger)
    loaded = through_a_file(model)
    assert outputs(loaded, stranger[:1]) == outputs(model, stranger[:1])


@pytest.mark.slow
def test_the_best_recogniser_computes_the_same_in_another_process(X, speech, tmp_path):
    model = make_recognizer("best", embedding=False, random_state=0)
    model.set_params(network__classify__epochs=2).fit(speech.data, speech.target)
    save_model(model, tmp_path / "best.skser")
    code = (
        "import sys, numpy as np, skser\n"
        "speech = skser.make_emotional_speech(2, 3, emotions=['angry', 'sad'], random_state=0)\n"
        f"model = skser.load_model({str(tmp_path / 'best.skser')!r})\n"
        "assert 'tensorflow' not in sys.modules\n"
        f"np.save({str(tmp_path / 'p.npy')!r}, model.predict_proba(speech.data[:3]))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert np.load(tmp_path / "p.npy").tobytes() == model.predict_proba(speech.data[:3]).tobytes()


@pytest.mark.slow
def test_training_goes_on_from_a_file(X, speech, through_a_file):
    features = vectors().fit_transform(X)
    trained = Conv1DClassifier(epochs=2, warm_start=True, optimizer="rmsprop", random_state=0)
    trained.fit(features, speech.target)
    loaded = through_a_file(trained)
    expected = outputs(trained.fit(features, speech.target), features)
    assert outputs(loaded.fit(features, speech.target), features) == expected


@pytest.mark.parametrize("memory", ["folder", "store"])
def test_the_folder_of_a_memory_stays_here(memory, X, tmp_path, through_a_file):
    kept = tmp_path / "cache"
    union = make_audio_union(RMS(), memory=kept if memory == "folder" else FeatureStore(kept))
    union.fit_transform(X[:2])
    loaded = through_a_file(Pipeline([("union", union)], memory=str(tmp_path)))
    assert loaded.memory is None
    assert loaded["union"].memory is None
    assert union.memory is not None


def test_an_embedding_is_written_as_the_path_of_its_model(X, tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "pretrained")
    encoder = pytest.importorskip("models").encoder(tmp_path / "model.onnx")
    embedding = OnnxEmbedding(tmp_path / "model.onnx").fit(X[:1])
    card = save_model(embedding, tmp_path / "e.skser")
    assert "onnxruntime" in card["versions"]
    loaded = load_model(tmp_path / "e.skser")
    assert loaded.model == encoder
    assert outputs(loaded, X[:2]) == outputs(embedding, X[:2])


def test_a_speech_embedding_travels_unfitted(through_a_file):
    assert through_a_file(SpeechEmbedding()).get_params() == SpeechEmbedding().get_params()


def loudest(y, sr):
    return np.abs(y).max(keepdims=True)


def test_a_function_of_a_user_travels_as_its_name(X, tmp_path):
    feature = AudioFunction(loudest).fit(X[:1])
    card = save_model(feature, tmp_path / "f.skser")
    name = f"{__name__}.loudest"
    assert card["trust"] == [name]
    with pytest.raises(skser.ModelFileError, match=rf"trusted=\['{name}'\]"):
        load_model(tmp_path / "f.skser")
    for trusted in ([name], [loudest]):
        loaded = load_model(tmp_path / "f.skser", trusted=trusted)
        assert outputs(loaded, X[:2]) == outputs(feature, X[:2])


def test_clips_as_parameters_travel(X, through_a_file):
    noise = [Audio(X[0].y[:2000], 16000), Segment("noise.wav", 0.5, 1.0)]
    loaded = through_a_file(AddNoise(noise=noise))
    assert loaded.noise[1] == noise[1]
    assert type(loaded.noise[0]) is Audio
    np.testing.assert_array_equal(loaded.noise[0].y, noise[0].y)
