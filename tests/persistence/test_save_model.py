import json
import zipfile

import numpy as np
import pytest
from hostile import members_of, nodes_of
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectFromModel, SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold, StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skser import (
    MFCC,
    RMS,
    Conv1DClassifier,
    EmotionReport,
    ModelFileError,
    Segment,
    SegmentClassifier,
    SpeakerNormalizer,
    load_model,
    make_audio_union,
    read_card,
    save_model,
)
from skser.persistence._trusted import TRUSTED

X = np.random.default_rng(0).normal(size=(12, 4))
Y = np.array(["angry", "calm", "sad"] * 4)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.skser"


def test_the_file_holds_text_and_plain_arrays(path):
    save_model(make_pipeline(StandardScaler(), SVC()).fit(X, Y), path)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["card.json", "estimator.skops"]
        with zipfile.ZipFile(archive.open("estimator.skops")) as inner:
            schema, *arrays = inner.namelist()
            assert schema == "schema.json"
            for name in arrays:
                assert not np.load(inner.open(name), allow_pickle=False).dtype.hasobject


def test_equal_estimators_are_equal_files(path):
    files = []
    for _ in range(2):
        save_model(make_pipeline(MFCC(), StandardScaler()), path, card={"date": "2026-01-01"})
        files.append(path.read_bytes())
    assert files[0] == files[1]


def test_classes_are_named_by_their_public_module(path):
    """So that a file opens where the class has moved to another private module."""
    save_model(make_audio_union(MFCC(), RMS()), path)
    _, schema, _ = members_of(path)
    modules = {node["__module__"] for node in nodes_of(schema)}
    assert {m for m in modules if m.startswith("skser")} == {"skser.compose", "skser.features"}


def test_a_file_that_cannot_be_written_leaves_the_old_one(path):
    save_model(StandardScaler(), path)
    before = path.read_bytes()
    with pytest.raises(ModelFileError):
        save_model(FunctionTransformer(lambda X: X), path)
    assert path.read_bytes() == before


def local():
    def halve(X):
        return X / 2

    return halve


def net(input_shape, n_classes):
    raise NotImplementedError


@pytest.mark.parametrize(
    ("estimator", "match"),
    [
        (FunctionTransformer(lambda X: X), r"<lambda>, which cannot be found by that name"),
        (FunctionTransformer(local()), r"halve, which cannot be found"),
        (FunctionTransformer(kw_args={True: 1.0, False: 2.0}), "keys are True and False"),
        (FunctionTransformer(kw_args={1: 1.0, "1": 2.0}), "keys that are equal as text"),
        (FunctionTransformer(kw_args={("a", 1): 1.0}), "keys must be str"),
        (StandardScaler(copy=np.str_.format), "cannot be written"),
        (FunctionTransformer(kw_args={"X": csr_array(np.eye(2))}), "SparseMatrixNode"),
    ],
    ids=["lambda", "local", "bool keys", "equal keys", "tuple keys", "method", "sparse"],
)
def test_what_cannot_be_written_is_told(path, estimator, match):
    with pytest.raises(ModelFileError, match=match):
        save_model(estimator, path)
    assert not path.exists()


def test_what_holds_itself_is_told(path):
    with config_context(enable_metadata_routing=True):
        requesting = LogisticRegression().set_fit_request(sample_weight=True)
    with pytest.raises(ModelFileError, match="set_fit_request"):
        save_model(requesting.fit(X, Y), path)


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(SimpleImputer(), SelectKBest(k=2), SVC()),
        MLPClassifier((3,), solver="sgd", tol=1e9, random_state=0),
        GridSearchCV(SVC(), {"C": [1, 2]}, cv=RepeatedStratifiedKFold(n_splits=2, n_repeats=1)),
        FunctionTransformer(np.negative, kw_args={"casting": "same_kind"}),
    ],
    ids=["selection", "perceptron", "search", "ufunc"],
)
def test_what_is_often_in_a_pipeline_needs_no_trust(path, estimator):
    fitted = estimator.fit(X, Y)
    assert save_model(fitted, path)["trust"] == []
    method = "transform" if isinstance(estimator, FunctionTransformer) else "predict"
    expected = getattr(fitted, method)(X)
    np.testing.assert_array_equal(getattr(load_model(path), method)(X), expected)


def test_a_random_generator_travels(path):
    generator = np.random.default_rng(3)
    save_model(FunctionTransformer(kw_args={"rng": generator}), path)
    assert load_model(path).kw_args["rng"].random() == generator.random()


class TestJobs:
    @pytest.fixture
    def trained_in_processes(self, path):
        union = make_audio_union(RMS(), n_jobs=8)
        save_model(make_pipeline(SpeakerNormalizer(union), StandardScaler()), path)
        return path

    def test_a_loaded_model_starts_no_processes(self, trained_in_processes):
        loaded = load_model(trained_in_processes)
        assert loaded[0].extractor.n_jobs is None

    def test_whoever_loads_it_may_ask_for_processes(self, trained_in_processes):
        loaded = load_model(trained_in_processes, n_jobs=2)
        assert loaded[0].extractor.n_jobs == 2

    def test_a_word_is_no_number_of_processes(self, trained_in_processes):
        with pytest.raises(TypeError, match="n_jobs='all' must be an integer"):
            load_model(trained_in_processes, n_jobs="all")

    def test_no_process_is_no_number_of_processes(self, trained_in_processes):
        with pytest.raises(ValueError, match="n_jobs=0 must be at least 1"):
            load_model(trained_in_processes, n_jobs=0)


def test_an_optimizer_of_keras_is_told_by_name(path):
    class Adam:
        __module__ = "keras.src.optimizers.adam"
        __slots__ = ("rate",)

    with pytest.raises(ModelFileError, match=r"__optimizer=.* an object of Keras"):
        save_model(SelectFromModel(Conv1DClassifier(optimizer=Adam())), path)


@pytest.mark.parametrize("name", ["callbacks", "metrics"])
def test_objects_of_keras_for_training_are_told_by_name(path, name):
    class OfKeras:
        __module__ = "keras.src.of_keras"

    class Own(OfKeras):
        pass

    classifier = Conv1DClassifier(**{name: [Own()]})
    with pytest.raises(ModelFileError, match=rf"set_params\(estimator__{name}=None\)"):
        save_model(SelectFromModel(classifier), path)
    assert not path.exists()


@pytest.mark.parametrize("nothing", [None, "model", SVC])
def test_only_estimators_are_written(path, nothing):
    with pytest.raises(TypeError, match="must be an estimator"):
        save_model(nothing, path)


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(MFCC(), SVC()),
        GridSearchCV(SVC(), {"C": [1, 2]}),
        SegmentClassifier(make_pipeline(MFCC(), SVC()), vote="majority"),
    ],
    ids=["pipeline", "search", "segments"],
)
def test_a_classifier_that_is_not_fitted_is_not_written(path, estimator):
    with pytest.raises(NotFittedError, match=r"is not fitted, .* Call its fit"):
        save_model(estimator, path)
    assert not path.exists()


class AlwaysSad(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        return self

    def predict(self, X):
        return ["sad"] * len(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


def test_a_classifier_that_needs_no_fit_is_written(path):
    card = save_model(AlwaysSad(), path)
    assert load_model(path, trusted=card["trust"]).predict(X[:1]) == ["sad"]


def test_a_tree_is_opened_only_if_it_is_trusted(path):
    """Its nodes are read without looking whether there are as many."""
    tree = DecisionTreeClassifier(random_state=0).fit(X, Y)
    card = save_model(tree, path)
    assert card["trust"] == ["sklearn.tree._tree.Tree"]
    with pytest.raises(ModelFileError, match=r"not trusted: sklearn\.tree\._tree\.Tree"):
        load_model(path)
    loaded = load_model(path, trusted=card["trust"])
    np.testing.assert_array_equal(loaded.predict(X), tree.predict(X))


def test_a_builder_of_a_network_has_to_be_trusted(path):
    card = save_model(SelectFromModel(Conv1DClassifier(net)), path)
    assert card["trust"] == [f"{__name__}.net"]
    with pytest.raises(ModelFileError, match=f"{__name__}.net"):
        load_model(path)
    assert load_model(path, trusted=[net]).estimator.architecture is net


def test_what_is_trusted_is_there():
    for name in TRUSTED:
        module, _, attribute = name.rpartition(".")
        assert hasattr(__import__(module, fromlist=[attribute]), attribute), name


def test_what_is_trusted_takes_its_state_as_it_is():
    """No method of its own runs when a file is opened, but for the check of a network."""
    for name, loaders in TRUSTED.items():
        module, _, attribute = name.rpartition(".")
        if module.startswith("skser") and loaders == ("ObjectNode",):
            cls = getattr(__import__(module, fromlist=[attribute]), attribute)
            own = [c for c in cls.__mro__ if c.__module__.startswith("skser.")]
            hooks = {h for c in own for h in ("__new__", "__setstate__") if h in vars(c)}
            assert not hooks or attribute == "TrainedNetwork", name


class TestCard:
    def test_what_is_found(self, path):
        pipe = make_pipeline(make_audio_union(MFCC(), sr=16000), StandardScaler(), SVC())
        clips = np.random.default_rng(0).normal(size=(4, 4000))
        card = save_model(pipe.fit(clips, [0, 0, 1, 1]), path)
        assert card == read_card(path)
        assert card["format"] == 1
        assert card["estimator"] == "Pipeline(AudioFeatureUnion(MFCC), StandardScaler, SVC)"
        assert card["classes"] == [0, 1]
        assert card["input"] == {"kind": "clips", "sample_rate": 16000}
        assert card["versions"].keys() == {
            "skser", "python", "scikit-learn", "numpy", "scipy", "librosa", "skops",
        }  # fmt: skip
        assert card["trust"] == []

    def test_networks_name_their_versions(self, path):
        card = save_model(SelectFromModel(Conv1DClassifier()), path)
        assert {"keras", "tensorflow"} <= card["versions"].keys()
        assert card["input"]["kind"] == "arrays"

    def test_what_is_given(self, path):
        given = {"licence": "CC0-1.0", "note": "Grüße", "speakers": ("a", "b"), "n": np.int64(3)}
        save_model(StandardScaler(), path, card=given)
        card = read_card(path)
        assert card["licence"] == "CC0-1.0"
        assert card["note"] == "Grüße"
        assert card["speakers"] == ["a", "b"]
        assert card["n"] == 3

    def test_a_report_is_written_as_its_figures(self, path):
        report = EmotionReport.from_predictions(
            ["sad", "sad", "calm", "calm"],
            ["sad", "calm", "calm", "calm"],
            groups=["a", "b", "a", "b"],
            random_state=0,
        )
        score = save_model(StandardScaler(), path, card={"score": report})["score"]
        assert score["uar"] == 0.75
        assert score["recall"] == {"calm": 1.0, "sad": 0.5}
        assert score["n_clips"] == 4
        assert score["n_speakers"] == 2

    @pytest.mark.parametrize(("listed", "shown"), [(False, "2"), (True, "list of 2 folds")])
    def test_a_search_states_its_score_and_its_folds(self, path, listed, shown):
        cv = list(StratifiedKFold(2).split(X, Y)) if listed else 2
        search = GridSearchCV(LogisticRegression(), {"C": [1, 2]}, cv=cv, scoring="accuracy")
        score = save_model(search.fit(X, Y), path)["score"]
        assert score["value"] == search.best_score_
        assert score["scoring"] == "accuracy"
        assert score["protocol"] == f"best of a search, cv={shown}, 2 folds"

    @pytest.mark.parametrize("name", ["format", "versions", "trust"])
    def test_what_must_not_be_set(self, path, name):
        with pytest.raises(ModelFileError, match=f"cannot set .*{name}"):
            save_model(StandardScaler(), path, card={name: 1})

    def test_what_is_not_json(self, path):
        with pytest.raises(ModelFileError, match="is not JSON"):
            save_model(StandardScaler(), path, card={"note": object()})
        assert not path.exists()

    @pytest.mark.parametrize("card", ["A note.", [1], 3])
    def test_what_is_no_mapping(self, path, card):
        with pytest.raises(TypeError, match="must be a dict"):
            save_model(StandardScaler(), path, card=card)

    @pytest.mark.parametrize("note", ["\udc80", 10**5000], ids=["half a character", "huge"])
    def test_what_json_has_no_way_to_write(self, path, note):
        with pytest.raises(ModelFileError, match="card= cannot be written"):
            save_model(StandardScaler(), path, card={"note": note})
        assert not path.exists()

    def test_what_holds_itself(self, path):
        note = []
        note.append(note)
        with pytest.raises(ModelFileError, match="holds itself"):
            save_model(StandardScaler(), path, card={"note": note})

    def test_it_has_numbers_and_text_of_python(self, path):
        card = save_model(StandardScaler(), path, card={"n": np.float64(0.5), "who": np.str_("a")})
        assert (type(card["n"]), type(card["who"])) == (float, str)

    def test_it_is_json_that_other_programs_read(self, path):
        save_model(
            StandardScaler(),
            path,
            card={"score": {"uar": float("nan")}, "clip": Segment("a", 0, 1)},
        )
        with zipfile.ZipFile(path) as archive:
            card = json.loads(archive.read("card.json"), parse_constant=pytest.fail)
        assert card["score"] == {"uar": None}
