"""Files of format 1, written here byte by byte: every later version of skser opens them.

Nothing of skser.persistence writes them, and what they hold is frozen. If a test fails, mend
`load_model`, or raise the number of the format and let it say what to do; do not change the files.
"""

import hashlib
import io
import json
import math
import zipfile

import numpy as np
import pytest

from skser import ModelFileError, load_model, read_card

# Of those that scikit-learn wrote then.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.InconsistentVersionWarning")

CARD = {
    "format": 1,
    "estimator": "Pipeline(AudioFeatureUnion(RMS), StandardScaler, LogisticRegression)",
    "classes": ["angry", "calm"],
    "input": {"kind": "clips", "sample_rate": 16000},
    "score": None,
    "date": "2026-11-21T23:50:53+00:00",
    "licence": "CC0-1.0",
    "note": None,
    "versions": {"skser": "0.1.0", "python": "3.11.7", "scikit-learn": "1.9.1", "skops": "0.16.0"},
    "trust": [],
}


class Frozen:
    """A schema of skops' protocol 2, and its arrays."""

    def __init__(self):
        self.arrays = {}

    def node(self, loader, name, **fields):
        module, _, name = name.rpartition(".")
        return {"__class__": name, "__module__": module, "__loader__": loader, **fields}

    def of(self, value):
        match value:
            case np.ndarray() | np.generic():
                number = len(self.arrays)
                buffer = io.BytesIO()
                np.lib.format.write_array(buffer, np.asarray(value), (1, 0), allow_pickle=False)
                self.arrays[f"{number}.npy"] = buffer.getvalue()
                name = f"numpy.{type(value).__name__}"
                fields = {"type": "numpy", "file": f"{number}.npy", "__id__": number + 1}
                return self.node("NdArrayNode", name, **fields)
            case list():
                return self.node("ListNode", "builtins.list", content=[self.of(v) for v in value])
            case tuple():
                return self.node("TupleNode", "builtins.tuple", content=[self.of(v) for v in value])
            case {"class": name, **attributes}:
                return self.node("ObjectNode", name, content=self.of(attributes))
            case dict():
                types = [self.node("TypeNode", "builtins.str") for _ in value]
                key_types = self.node("ListNode", "builtins.list", content=types)
                content = {key: self.of(item) for key, item in value.items()}
                return self.node("DictNode", "builtins.dict", content=content, key_types=key_types)
            case _:
                text = json.dumps(value)
                return self.node("JsonNode", "builtins.str", content=text, is_json=True)

    def write(self, path, estimator):
        schema = {**self.of(estimator), "protocol": 2, "_skops_version": "0.16.0"}
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as archive:
            archive.writestr("schema.json", json.dumps(schema))
            for name, content in self.arrays.items():
                archive.writestr(name, content)
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w") as archive:
            archive.writestr("card.json", json.dumps(CARD))
            archive.writestr("estimator.skops", inner.getvalue())
            archive.comment = b"skser sha256 " + b"0" * 64
        body = outer.getvalue()[:-64]
        path.write_bytes(body + hashlib.sha256(body).hexdigest().encode())


RMS = {
    "class": "skser.features.RMS",
    "sr": None,
    "duration": None,
    "n_fft": None,
    "hop_length": None,
    "window": None,
    "pooling": "mean",
    "deltas": 0,
}
PLAN = {
    "class": "skser.analysis.AnalysisPlan",
    "sr": 16000,
    "n_fft": 2048,
    "hop_length": 512,
    "window": "hann",
}
FITTED_RMS = RMS | {
    "plan_": PLAN,
    "array_sr_": 16000,
    "n_samples_": None,
    "output_shape_": (1,),
    "n_coefficients_": 1,
    "n_frames_": 4,
}
UNION = {
    "class": "skser.compose.AudioFeatureUnion",
    "transformer_list": [("rms", RMS)],
    "sr": 16000,
    "n_fft": 2048,
    "hop_length": 512,
    "window": "hann",
    "duration": None,
    "n_jobs": None,
    "memory": None,
    "on_error": "raise",
    "progress": False,
    "transformer_weights": None,
    "verbose_feature_names_out": True,
    "transformers_": [("rms", FITTED_RMS)],
}
SCALER = {
    "class": "sklearn.preprocessing._data.StandardScaler",
    "with_mean": True,
    "with_std": True,
    "copy": True,
    "n_features_in_": 1,
    "n_samples_seen_": np.float64(4.0),
    "mean_": np.array([0.25]),
    "var_": np.array([0.0625]),
    "scale_": np.array([0.25]),
    "_sklearn_version": "1.9.1",
}
LOGISTIC = {
    "class": "sklearn.linear_model._logistic.LogisticRegression",
    "penalty": "deprecated",
    "C": 1.0,
    "l1_ratio": 0.0,
    "dual": False,
    "tol": 0.0001,
    "fit_intercept": True,
    "intercept_scaling": 1,
    "class_weight": None,
    "random_state": None,
    "solver": "lbfgs",
    "max_iter": 100,
    "verbose": 0,
    "warm_start": False,
    "n_jobs": None,
    "n_features_in_": 1,
    "classes_": np.array(["angry", "calm"]),
    "n_iter_": np.array([3], dtype=np.int32),
    "coef_": np.array([[-2.0]]),
    "intercept_": np.array([1.0]),
    "_sklearn_version": "1.9.1",
}
PIPELINE = {
    "class": "sklearn.pipeline.Pipeline",
    "steps": [("features", UNION), ("scale", SCALER), ("classify", LOGISTIC)],
    "transform_input": None,
    "memory": None,
    "verbose": False,
    "_sklearn_version": "1.9.1",
}


def test_a_pipeline_of_format_1_predicts(tmp_path):
    path = tmp_path / "frozen.skser"
    Frozen().write(path, PIPELINE)
    loaded = load_model(path)
    # The RMS of a constant is the constant, but for frames that reach beyond the ends.
    rms = loaded["features"].transform([np.full(16000, 0.5)])[0, 0]
    assert rms == pytest.approx(0.5, rel=0.05)
    logit = 1 - 2 * (rms - 0.25) / 0.25
    (probabilities,) = loaded.predict_proba([np.full(16000, 0.5)])
    assert probabilities[1] == pytest.approx(1 / (1 + math.exp(-logit)))
    assert loaded.predict([np.full(16000, 0.5)]).tolist() == ["angry"]
    assert read_card(path) == CARD


OPTIMIZER = {
    "module": "keras.optimizers",
    "class_name": "Adam",
    "config": {"learning_rate": 0.001, "weight_decay": None},
    "registered_name": None,
}
NETWORK = {
    "class": "skser.neural.DenseClassifier",
    "architecture": "dense",
    "optimizer": "adam",
    "learning_rate": None,
    "epochs": 1,
    "batch_size": 32,
    "validation_split": 0.0,
    "early_stopping": False,
    "reduce_lr": False,
    "class_weight": None,
    "mixup": 0.0,
    "warm_start": False,
    "random_state": 0,
    "verbose": 0,
    "n_features_in_": 4,
    "classes_": np.array(["angry", "calm"]),
    "_n_trainings": 0,
    "_split_seed": 7,
    "network_": {
        "class": "skser.neural._adapter.TrainedNetwork",
        "build": "dense",
        "input_shape": (4,),
        "n_classes": 2,
        "optimizer": json.dumps(OPTIMIZER),
        "regularisation": {
            "class": "skser.neural._regularisation.Regularisation",
            "time_mask": 0,
            "frequency_mask": 0,
            "mixup": 0.0,
        },
        "key": None,
        "weights": [
            np.zeros((4, 64), np.float32),
            np.ones(64, np.float32),
            np.zeros((64, 2), np.float32),
            np.log([1, 3]).astype(np.float32),
        ],
        "optimizer_state": None,
        "n_parameters": 450,
        "n_units": 64,
        "history": {"loss": [0.68]},
    },
    "history_": {"loss": [0.68]},
    "n_epochs_": 1,
    "n_parameters_": 450,
    "_n_features_out": 64,
}


@pytest.mark.slow
def test_a_network_of_format_1_predicts(tmp_path):
    path = tmp_path / "frozen.skser"
    Frozen().write(path, NETWORK)
    probabilities = load_model(path).predict_proba(np.ones((3, 4)))
    np.testing.assert_allclose(probabilities, [[0.25, 0.75]] * 3, rtol=1e-6)


def test_a_network_of_format_1_opens(tmp_path):
    path = tmp_path / "frozen.skser"
    Frozen().write(path, NETWORK)
    assert load_model(path).network_.n_classes == 2


def test_a_class_that_is_no_longer_there_is_told(tmp_path):
    path = tmp_path / "frozen.skser"
    Frozen().write(path, {"class": "sklearn.preprocessing._data.OldScaler", "copy": True})
    with pytest.raises(ModelFileError, match=r"_data\.OldScaler"):
        load_model(path)
