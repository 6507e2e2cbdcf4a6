import librosa
import numpy as np
import pytest
from librosa import feature as reference

from skser import (
    MFCC,
    MFCC2D,
    RMS,
    ZCR,
    Audio,
    Chroma,
    Mel,
    Mel2D,
    SpectralBandwidth,
    SpectralCentroid,
    SpectralContrast,
    SpectralFlatness,
    SpectralRolloff,
    Tonnetz,
)
from skser.features import AudioFeature

# Of a short clip, or of silence, librosa warns, and librosa.load of what it imports; we do not.
pytestmark = [
    pytest.mark.filterwarnings("ignore:'(aifc|audioop|sunau)' is deprecated"),
    pytest.mark.filterwarnings("ignore:n_fft=.* is too large:UserWarning"),
    pytest.mark.filterwarnings("ignore:Trying to estimate tuning:UserWarning"),
]

SR = 22050
TIME = np.arange(SR) / SR
SIGNALS = {
    "tone": 0.5 * np.sin(2 * np.pi * 440 * TIME),
    "chord": sum(0.2 * np.sin(2 * np.pi * f * TIME) for f in (261.6, 329.6, 392.0)),
    "noise": np.random.default_rng(0).normal(scale=0.1, size=SR),
    "silence": np.zeros(SR),
    "two samples": np.array([0.3, -0.2]),
    "one sample": np.array([0.3]),
}


def of_frames(function):
    return lambda y, sr, n_fft, hop_length, window: function(
        y=y, frame_length=n_fft, hop_length=hop_length
    )


def of_spectrum(function):
    return lambda y, **parameters: function(y=y, **parameters)


def mel(y, to_db=False, **parameters):
    power = reference.melspectrogram(y=y, **parameters)
    return librosa.power_to_db(power) if to_db else power


REFERENCES = {
    ZCR: of_frames(reference.zero_crossing_rate),
    RMS: of_frames(reference.rms),
    SpectralCentroid: of_spectrum(reference.spectral_centroid),
    SpectralBandwidth: of_spectrum(reference.spectral_bandwidth),
    SpectralRolloff: of_spectrum(reference.spectral_rolloff),
    SpectralFlatness: lambda y, sr, **parameters: reference.spectral_flatness(y=y, **parameters),
    SpectralContrast: of_spectrum(reference.spectral_contrast),
    Chroma: of_spectrum(reference.chroma_stft),
    Mel: mel,
    Mel2D: lambda y, to_db=True, **parameters: mel(y, to_db, **parameters),
    MFCC: of_spectrum(reference.mfcc),
    MFCC2D: of_spectrum(reference.mfcc),
    Tonnetz: lambda y, sr, n_fft, hop_length, window: reference.tonnetz(
        y=y, sr=sr, hop_length=hop_length
    ),
}
CROSSES_ZERO = {SpectralContrast, Mel2D, MFCC, MFCC2D, Tonnetz}
OWN_PARAMETERS = {
    SpectralBandwidth: [{"p": 1.0}, {"p": 3.0}],
    SpectralRolloff: [{"roll_percent": 0.5}, {"roll_percent": 0.99}],
    SpectralFlatness: [{"power": 1.0}, {"amin": 1e-5}],
    SpectralContrast: [{"n_bands": 4}, {"fmin": 100.0}, {"linear": True}, {"quantile": 0.2}],
    Chroma: [{"n_chroma": 24}],
    Mel: [{"n_mels": 40}, {"fmin": 50.0, "fmax": 8000.0}, {"to_db": True}],
    Mel2D: [{"n_mels": 40}, {"fmin": 50.0, "fmax": 8000.0}, {"to_db": False}],
    MFCC: [{"n_mfcc": 40}, {"n_mels": 40}, {"fmin": 50.0, "fmax": 8000.0}],
    MFCC2D: [{"n_mfcc": 40}, {"n_mels": 40}, {"fmin": 50.0, "fmax": 8000.0}],
}
SHARED_PARAMETERS = [
    {"n_fft": 1024, "hop_length": 256},
    {"n_fft": 1023, "hop_length": 300},
    {"sr": 16000},
    {"window": "hamming"},
]

every_feature = pytest.mark.parametrize("feature", REFERENCES)


def frames(feature, clip, **parameters):
    if issubclass(feature, AudioFeature):
        extractor = feature(pooling=None, **parameters)
        values = extractor.fit_transform([clip])
        return values.reshape(-1, extractor.n_frames_)
    return feature(**parameters).fit_transform([clip])[0]


def librosas(feature, y, **parameters):
    plan = {"sr": SR, "n_fft": 2048, "hop_length": 512, "window": "hann"}
    return REFERENCES[feature](np.asarray(y, dtype=np.float32), **plan | parameters)


def assert_equal(feature, actual, expected, name="", *, crosses_zero=None):
    crosses_zero = feature in CROSSES_ZERO if crosses_zero is None else crosses_zero
    scale = np.abs(expected).max()
    np.testing.assert_allclose(
        actual, expected, rtol=1e-4, atol=scale * (1e-4 if crosses_zero else 1e-9), err_msg=name
    )


@pytest.fixture(scope="module")
def speech(speech_clips):
    """Samples of 22 clips, 2.5 s each."""
    return {path: librosa.load(path, sr=SR, duration=2.5)[0] for path in speech_clips}


@every_feature
def test_equals_librosa_on_speech(feature, speech):
    for path, y in speech.items():
        assert_equal(feature, frames(feature, y), librosas(feature, y), path)


@every_feature
@pytest.mark.parametrize("signal", SIGNALS)
def test_equals_librosa_on_signals(feature, signal):
    y = SIGNALS[signal]
    assert_equal(feature, frames(feature, y), librosas(feature, y))


@pytest.mark.parametrize(
    ("feature", "parameters"),
    [
        (feature, parameters)
        for feature in REFERENCES
        for parameters in [*OWN_PARAMETERS.get(feature, []), *SHARED_PARAMETERS]
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else value.__name__,
)
def test_equals_librosa_for_other_parameters(feature, parameters, speech_clips):
    crosses_zero = feature in CROSSES_ZERO or "to_db" in parameters
    for path in speech_clips[:2]:
        y, _ = librosa.load(path, sr=parameters.get("sr", SR))
        assert_equal(
            feature,
            frames(feature, path, **parameters),
            librosas(feature, y, **parameters),
            path,
            crosses_zero=crosses_zero,
        )


@every_feature
def test_equals_librosa_for_odd_frames_and_a_whole_number_of_hops(feature, rng):
    y = rng.normal(scale=0.1, size=3000).astype(np.float32)
    plan = {"n_fft": 1023, "hop_length": 300}
    assert_equal(feature, frames(feature, y, **plan), librosas(feature, y, **plan))


@pytest.mark.parametrize(
    ("sr", "hop_length"), [(44100, 441), (22050, 220), (22050, 221), (16000, 160), (48000, 480)]
)
def test_tonnetz_equals_librosa_at_hops_of_ten_milliseconds(sr, hop_length, speech_clips):
    y, _ = librosa.load(speech_clips[1], sr=sr, offset=1.0, duration=0.4)
    plan = {"sr": sr, "hop_length": hop_length}
    actual = frames(Tonnetz, Audio(y, sr), **plan)
    assert_equal(Tonnetz, actual, librosas(Tonnetz, y, **plan))


@pytest.mark.parametrize("feature", [RMS, ZCR, MFCC])
def test_deltas_equal_librosa(feature, speech):
    y = next(iter(speech.values()))
    static = librosas(feature, y)
    expected = np.concatenate([static, *(reference.delta(static, order=i) for i in (1, 2))])
    assert_equal(feature, frames(feature, y, deltas=2), expected, crosses_zero=True)


@pytest.mark.parametrize("feature", [Mel2D, MFCC2D])
def test_deltas_of_images_are_channels(feature, speech):
    y = next(iter(speech.values()))
    static = librosas(feature, y)
    expected = np.stack([static, *(reference.delta(static, order=i) for i in (1, 2))], axis=-1)
    assert_equal(feature, frames(feature, y, deltas=2), expected)
