import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from skser import Conv2DClassifier, Mel2D, SpectrogramScaler, make_emotional_speech


@pytest.fixture(scope="session")
def images():
    """Mel images of one length of built-in speech, in dB, and their labels."""
    speech = make_emotional_speech(n_speakers=2, n_per_class=1, random_state=0)
    return Mel2D(16, sr=16000, duration=1.0).fit_transform(speech.data), speech.target


@pytest.fixture(scope="session")
def as_if_trained():
    """Give a classifier a network with random weights, and all else that `fit` leaves."""

    def make(classifier, X, y):
        from skser.neural._adapter import TrainedNetwork
        from skser.neural._building import build_model
        from skser.neural._compiled import with_embedding
        from skser.neural._keras import import_keras, seeded
        from skser.neural._optimizers import optimizer_config
        from skser.neural._regularisation import Regularisation
        from skser.neural.architectures._registry import registered

        import_keras()
        inputs = classifier._inputs(X, reset=True)
        builder = classifier._builder()
        shape = classifier._shape(inputs, any_length=registered(builder).any_length)
        classifier.classes_ = np.unique(y)
        with seeded(0):
            model = build_model(builder, shape, len(classifier.classes_))
        rng = np.random.default_rng(0)
        # Biases, and means of batch normalisation, of which a new network has zeros. A kernel whose
        # mean is not 0 would give sums that are far larger than what they differ in.
        weights = [
            (w * rng.uniform(0.8, 1.2, w.shape) + 0.01 * (w.ndim == 1)).astype(np.float32)
            for w in model.get_weights()
        ]
        classifier.network_ = TrainedNetwork(
            build=builder,
            input_shape=shape,
            n_classes=len(classifier.classes_),
            optimizer=optimizer_config("adam"),
            regularisation=Regularisation(),
            key=None,
            weights=weights,
            optimizer_state=None,
            n_parameters=model.count_params(),
            n_units=with_embedding(model).output_shape[1][1],
            history={"loss": [1.0]},
        )
        classifier._n_features_out = classifier.network_.n_units
        return classifier

    return make


@pytest.fixture(scope="session")
def image_pipeline(images, as_if_trained):
    """Images of any length, scaled, and a network that takes them."""
    X, y = images
    scaler = SpectrogramScaler().fit(X)
    network = as_if_trained(Conv2DClassifier("residual2d"), scaler.transform(X), y)
    return Pipeline([("scale", scaler), ("classify", network)])
