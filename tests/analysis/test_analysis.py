import numpy as np
import pytest

from skser.analysis import Analysis, AnalysisPlan, _framing


@pytest.fixture
def y(rng):
    return rng.normal(scale=0.1, size=5000).astype(np.float32)


@pytest.mark.parametrize(
    "name", ["magnitude", "power", "centroid", "rms", "zero_crossing_rate", "chroma_cqt"]
)
def test_intermediates_are_computed_once(name, y):
    analysis = Analysis(y, AnalysisPlan())
    assert getattr(analysis, name) is getattr(analysis, name)


@pytest.mark.parametrize(
    ("name", "arguments", "others"),
    [
        ("mel", (40, 0.0, None), (128, 0.0, None)),
        ("log_mel", (40, 0.0, None), (40, 50.0, None)),
        ("mfcc", (13, 40, 0.0, None), (20, 40, 0.0, None)),
        ("chroma", (12,), (24,)),
    ],
)
def test_methods_are_computed_once_for_each_set_of_arguments(name, arguments, others, y):
    method = getattr(Analysis(y, AnalysisPlan()), name)
    assert method(*arguments) is method(*arguments)
    assert method(*others) is not method(*arguments)


def test_one_transform_serves_every_spectral_feature(y, monkeypatch):
    calls = []
    spectra = _framing.spectra
    monkeypatch.setattr(_framing, "spectra", lambda *args: calls.append(args) or spectra(*args))
    analysis = Analysis(y, AnalysisPlan())
    _ = analysis.mfcc(20, 128, 0.0, None), analysis.chroma(12), analysis.centroid
    assert len(calls) == 1


@pytest.mark.parametrize("n_samples", [1, 2, 511, 512, 513, 5000])
@pytest.mark.parametrize(("n_fft", "hop_length"), [(2048, 512), (1023, 300), (2, 1), (512, 1024)])
def test_every_series_has_the_same_number_of_frames(n_samples, n_fft, hop_length, rng):
    y = rng.normal(size=n_samples).astype(np.float32)
    analysis = Analysis(y, AnalysisPlan(n_fft=n_fft, hop_length=hop_length))
    assert analysis.n_frames == 1 + (n_samples - n_fft % 2) // hop_length
    assert analysis.magnitude.shape == (analysis.n_frames, 1 + n_fft // 2)
    assert analysis.rms.shape == analysis.zero_crossing_rate.shape == (analysis.n_frames,)


def test_block_of_frames_does_not_matter(y, monkeypatch):
    whole = Analysis(y, AnalysisPlan()).magnitude
    monkeypatch.setattr(_framing, "_BLOCK_BYTES", 3 * 2048 * 8)
    np.testing.assert_array_equal(Analysis(y, AnalysisPlan()).magnitude, whole)
