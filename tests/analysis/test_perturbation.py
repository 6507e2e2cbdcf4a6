import numpy as np
import pytest
from vowels import (
    HOP,
    SR,
    contour,
    harmonics,
    local_perturbation,
    local_perturbation_db,
    vowel,
    with_noise,
)

from skser.analysis._long_spectra import LongSpectra
from skser.analysis._perturbation import find_cycles, jitter_and_shimmer
from skser.analysis._pitch import track_pitch

# An open glottis damps the formants; what they are while it is closed is in `vowels`.
DAMPED = (150.0, 200.0, 250.0, 300.0)


def measured_frames(y):
    frames = LongSpectra(y, SR, HOP)
    return jitter_and_shimmer(frames, track_pitch(frames).f0)


def measured(y):
    jitter, shimmer = measured_frames(y)
    return np.nanmean(jitter), np.nanmean(shimmer)


@pytest.mark.parametrize("jitter", [0.005, 0.01, 0.03])
@pytest.mark.parametrize("f0", [70, 100, 125, 170, 200, 230, 310, 380])
def test_jitter_of_the_source_shows_through_the_formants(f0, jitter, rng):
    sound = vowel(f0, 2, jitter=jitter, rng=rng)
    assert measured(sound.y)[0] == pytest.approx(local_perturbation(sound.periods), rel=0.2)


@pytest.mark.parametrize("f0", [100, 200, 310])
def test_jitter_survives_noise(f0, rng):
    sound = vowel(f0, 2, jitter=0.01, rng=rng)
    noisy = with_noise(sound.y, 30, rng)
    assert measured(noisy)[0] == pytest.approx(local_perturbation(sound.periods), rel=0.2)


@pytest.mark.parametrize("shimmer", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("f0", [70, 85, 100, 125, 150, 180])
def test_shimmer_of_the_source_where_a_cycle_fades_before_the_next(f0, shimmer, rng):
    sound = vowel(f0, 2, shimmer=shimmer, bandwidths=DAMPED, rng=rng)
    assert measured(sound.y)[1] == pytest.approx(local_perturbation_db(sound.strengths), rel=0.2)


@pytest.mark.parametrize(("shimmer", "ratio"), [(0.2, 0.8), (0.3, 0.6)])
def test_shimmer_of_a_very_rough_voice_is_too_low(shimmer, ratio, rng):
    """Larger steps are left out, as the guide states."""
    sound = vowel(100, 4, shimmer=shimmer, bandwidths=DAMPED, rng=rng)
    truth = local_perturbation_db(sound.strengths)
    assert truth == pytest.approx({0.2: 2, 0.3: 3}[shimmer], abs=0.3)
    assert measured(sound.y)[1] / truth == pytest.approx(ratio, abs=0.08)


@pytest.mark.parametrize("f0", [80, 150, 300, 500])
def test_shimmer_of_a_waveform_whose_cycles_differ_in_height(f0, rng):
    carrier = harmonics(f0, [1, 0.8, 0.6, 0.4], 2)
    cycle = (f0 * np.arange(len(carrier)) / SR).astype(int)
    heights = 1 + 0.05 * rng.uniform(-1, 1, size=cycle[-1] + 1)
    y = (0.1 * heights[cycle] * carrier).astype(np.float32)
    assert measured(y)[1] == pytest.approx(local_perturbation_db(heights), rel=0.2)


@pytest.mark.parametrize("f0", [70, 120, 200, 330, 500])
def test_an_even_voice_has_hardly_any(f0):
    jitter, shimmer = measured(vowel(f0, 1).y)
    assert jitter < 0.002
    assert shimmer < 0.1


def test_a_glide_is_no_jitter():
    assert measured(vowel(lambda t: 120 * 2**t).y)[0] < 0.006


@pytest.mark.parametrize("f0", [75, 150, 400])
def test_no_cycle_is_lost_or_found_twice(f0, rng, monkeypatch):
    monkeypatch.setattr("skser.analysis._perturbation._CHUNK", 60)
    sound = vowel(f0, 3, jitter=0.01, rng=rng)
    frames = LongSpectra(sound.y, SR, HOP)
    cycles = find_cycles(frames, np.full(frames.n_frames, f0, dtype=np.float32))
    inside = (cycles.time > 0.1) & (cycles.time < 2.9)
    truth = (sound.closures > 0.1) & (sound.closures < 2.9)
    assert inside.sum() == pytest.approx(truth.sum(), abs=1)
    assert np.diff(cycles.time[inside]).max() < 1.5 / f0
    assert np.isfinite(cycles.period[inside]).mean() > 0.98


def test_cycles_are_measured_alike_however_many_are_compared_at_once(rng, monkeypatch):
    y = with_noise(
        vowel(lambda t: 90 * 4 ** (t / 2), 2, jitter=0.02, shimmer=0.1, rng=rng).y, 20, rng
    )
    together = measured_frames(y)
    monkeypatch.setattr("skser.analysis._perturbation._BLOCK", 3)
    np.testing.assert_allclose(measured_frames(y), together, rtol=1e-4)


def test_a_recording_may_be_upside_down(rng):
    y = vowel(150, 2, jitter=0.01, shimmer=0.1, rng=rng).y
    np.testing.assert_allclose(measured_frames(-y), measured_frames(y), rtol=1e-4)


def test_cycles_on_either_side_of_a_pause_are_no_neighbours(rng):
    first, second = vowel(150, 0.5, level=0.1).y, vowel(150, 0.5, level=0.12).y
    y = np.concatenate([first, np.zeros(4000, dtype=np.float32), second])
    _, shimmer = measured(y)
    assert shimmer < 0.3


def test_missing_where_there_is_no_voice():
    y = np.concatenate([vowel(150, 0.5).y, np.zeros(SR // 2, dtype=np.float32)])
    frames = LongSpectra(y, SR, HOP)
    f0 = track_pitch(frames).f0
    for values in jitter_and_shimmer(frames, f0):
        assert values.shape == f0.shape
        assert values.dtype == np.float32
        assert np.isnan(values[np.isnan(f0)]).all()
        assert np.isfinite(values[5:40]).all()


@pytest.mark.parametrize("n_samples", [0, 1, 500, SR])
def test_silence_has_none(n_samples):
    frames = LongSpectra(np.zeros(n_samples, dtype=np.float32), SR, HOP)
    unvoiced = np.full(frames.n_frames, np.nan, dtype=np.float32)
    for f0 in (unvoiced, np.full(frames.n_frames, 100, dtype=np.float32)):
        for values in jitter_and_shimmer(frames, f0):
            assert np.isnan(values).all()


def test_other_sample_rates(rng):
    from scipy.signal import resample

    sound = vowel(120, 1, jitter=0.02, rng=rng)
    y = resample(sound.y, 44100).astype(np.float32)
    frames = LongSpectra(y, 44100, 441)
    jitter, _ = jitter_and_shimmer(frames, np.full(frames.n_frames, 120, dtype=np.float32))
    assert np.nanmean(jitter) == pytest.approx(local_perturbation(sound.periods), rel=0.2)


def test_the_contour_of_a_vowel_is_what_was_asked_for():
    sound = vowel(lambda t: 100 + 50 * t, 2)
    middles = (sound.closures[1:] + sound.closures[:-1]) / 2
    np.testing.assert_allclose(1 / sound.periods, 100 + 50 * middles, rtol=1e-3)
    assert len(contour(100, 2)) == len(sound.y)
