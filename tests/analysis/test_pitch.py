import numpy as np
import pytest
from vowels import HOP, SR, at_frames, harmonics, phrases, vowel, with_noise

from skser.analysis._long_spectra import LongSpectra
from skser.analysis._pitch import _best_path, track_pitch


def tracked(y):
    return track_pitch(LongSpectra(y, SR, HOP))


def agreement(y, track, voiced, margin=2):
    """Share of voiced frames within 1 %, and of frames whose voicing is wrong.

    Frames within 20 ms of the beginning and the end of a voiced stretch are left out, where an
    analysis of 60 ms sees both sides.
    """
    f0 = tracked(y).f0
    truth, mask = at_frames(track)[: len(f0)], at_frames(voiced)[: len(f0)]
    changes = np.flatnonzero(np.diff(mask))
    clear = np.abs(np.arange(len(f0))[:, None] - changes).min(axis=1, initial=99) > margin
    found = ~np.isnan(f0)
    both = clear & mask & found
    right = np.abs(f0[both] / truth[both] - 1) < 0.01
    return right.mean(), np.mean((found != mask)[clear])


CONTOURS = {
    **{f"{f0} Hz": f0 for f0 in (70, 85, 100, 120, 150, 180, 220, 260, 300, 350, 400, 450, 500)},
    "rises an octave": lambda t: 110 * 2 ** (t / 0.6),
    "falls an octave": lambda t: 240 * 2 ** (-t / 0.6),
    "low vibrato": lambda t: 110 * 2 ** (0.8 * np.sin(2 * np.pi * 5.5 * t) / 12),
    "high vibrato": lambda t: 200 * 2 ** (np.sin(2 * np.pi * 6 * t) / 12),
}


@pytest.mark.parametrize("snr", [None, 20])
@pytest.mark.parametrize("f0", CONTOURS.values(), ids=CONTOURS)
def test_follows_the_contour_and_knows_the_pauses(f0, snr, rng):
    y, track, voiced = phrases(f0)
    if snr is not None:
        y = with_noise(y, snr, rng)
    right, wrong_voicing = agreement(y, track, voiced)
    assert right >= 0.99
    assert wrong_voicing < 0.02


@pytest.mark.parametrize(
    "f0",
    [
        lambda t: 300 * 2 ** (-1.5 * t / 0.6),
        lambda t: 120 * 2 ** (1.5 * np.sin(2 * np.pi * 5 * t) / 12),
    ],
    ids=["steep glide", "deep vibrato"],
)
def test_what_changes_much_within_a_frame_is_a_little_less_exact(f0):
    y, track, voiced = phrases(f0)
    found = tracked(y).f0
    truth, mask = at_frames(track)[: len(found)], at_frames(voiced)[: len(found)]
    both = mask & ~np.isnan(found)
    assert np.mean(np.abs(found[both] / truth[both] - 1) < 0.02) > 0.9


@pytest.mark.parametrize("f0", [70, 120, 250, 500])
def test_withstands_as_much_noise_as_a_loud_street(f0, rng):
    y, track, voiced = phrases(f0)
    right, wrong_voicing = agreement(with_noise(y, 5, rng), track, voiced)
    assert right >= 0.95
    assert wrong_voicing < 0.05


@pytest.mark.parametrize("f0", [80, 130, 210, 320])
@pytest.mark.parametrize(
    "amplitudes",
    [
        [0, 1, 1, 1, 0.7, 0.5],
        [0, 0, 1, 1, 1, 1, 1],
        [0.1, 1, 0.1, 0.05, 0.05],
        [1],
        [1, 0, 0.5, 0, 0.3],
    ],
    ids=["no fundamental", "nor second", "strong second", "sinusoid", "odd ones only"],
)
def test_finds_the_octave(f0, amplitudes):
    f0s = tracked(0.1 * harmonics(f0, amplitudes)).f0[3:-3]
    np.testing.assert_allclose(f0s, f0, rtol=0.01)


@pytest.mark.parametrize("gain", [1e-3, 1, 2**15 / 0.5])
def test_does_not_depend_on_the_level(gain):
    y = vowel(150).y
    expected, found = tracked(y), tracked(np.float32(gain) * y)
    np.testing.assert_allclose(found.f0, expected.f0, rtol=1e-4)
    np.testing.assert_allclose(found.voicing, expected.voicing, atol=1e-3)


def test_clipped_sound_keeps_its_pitch():
    y = vowel(150, level=1.0).y
    np.testing.assert_allclose(tracked(np.clip(y, -0.2, 0.2)).f0[3:-3], 150, rtol=0.01)


TIME = np.arange(2 * SR) / SR
UNVOICED = {
    "zeros": 0 * TIME,
    "DC": 0 * TIME + 0.5,
    "ramp": TIME,
    "white noise": np.random.default_rng(0).normal(scale=0.1, size=len(TIME)),
    "10 Hz hum": 0.5 * np.sin(2 * np.pi * 10 * TIME),
    "click": np.where(np.arange(len(TIME)) == 9000, 1.0, 0.0),
    "int16 noise": np.random.default_rng(0).integers(-(2**15), 2**15, len(TIME)),
}


@pytest.mark.parametrize("y", UNVOICED.values(), ids=UNVOICED)
def test_hears_no_voice_in(y):
    pitch = tracked(y.astype(np.float32))
    assert np.isnan(pitch.f0).all()
    assert (0 <= pitch.voicing).all()
    assert (pitch.voicing < 0.5).all()


def test_whisper_is_unvoiced(rng):
    from scipy.signal import lfilter

    breath = rng.normal(size=SR)
    for f, bandwidth in ((500, 150), (1500, 200), (2500, 250)):
        r = np.exp(-np.pi * bandwidth / SR)
        breath = lfilter([1], [1, -2 * r * np.cos(2 * np.pi * f / SR), r * r], breath)
    f0 = tracked((0.1 * breath / breath.std()).astype(np.float32)).f0
    assert np.mean(~np.isnan(f0)) < 0.1


def test_clicks_here_and_there_are_finite(rng):
    y = (rng.random(2 * SR) < 20 / SR).astype(np.float32)
    pitch = tracked(y)
    assert np.mean(~np.isnan(pitch.f0)) < 0.1
    assert np.isfinite(pitch.voicing).all()


@pytest.mark.parametrize("n_samples", [0, 1, 50, 160, 959])
def test_a_clip_shorter_than_a_frame_has_frames(n_samples):
    pitch = tracked(vowel(200, 0.1).y[:n_samples])
    assert len(pitch.f0) == len(pitch.voicing) == 1 + n_samples // HOP
    assert np.isfinite(pitch.voicing).all()


@pytest.mark.parametrize("sr", [8000, 11025, 22050, 44100, 48000])
def test_other_sample_rates(sr):
    from scipy.signal import resample

    y = resample(vowel(140).y, sr).astype(np.float32)
    f0 = track_pitch(LongSpectra(y, sr, round(0.01 * sr))).f0[3:-3]
    np.testing.assert_allclose(f0, 140, rtol=0.01)


def test_spectra_of_a_long_clip_are_the_same_though_not_kept(monkeypatch):
    y = phrases(150)[0]
    kept = tracked(y)
    monkeypatch.setattr("skser.analysis._long_spectra._KEPT", 10)
    frames = LongSpectra(y, SR, HOP)
    again = track_pitch(frames)
    assert frames._kept is None
    np.testing.assert_array_equal(again.f0, kept.f0)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 16, 50])
def test_the_path_is_the_best_of_all(n, rng, monkeypatch):
    monkeypatch.setattr("skser.analysis._pitch._UNVOICED", 0.5)
    octaves = rng.uniform(0, 4, size=(n, 3)).astype(np.float32)
    score = rng.uniform(0, 1, size=(n, 3)).astype(np.float32)
    assert _worth(_best_path(octaves, score), octaves, score) == pytest.approx(
        _best_worth(octaves, score), abs=1e-4
    )


def _transition(a, b, octaves_a, octaves_b):
    from skser.analysis._pitch import _JUMP_COST, _VOICING_COST

    if a == b == 3:
        return 0
    if a == 3 or b == 3:
        return _VOICING_COST
    return _JUMP_COST * abs(octaves_a[a] - octaves_b[b])


def _worth(path, octaves, score):
    local = np.c_[score, np.full(len(score), 0.5)]
    total = sum(local[t, state] for t, state in enumerate(path))
    pairs = zip(path[:-1], path[1:], octaves[:-1], octaves[1:], strict=True)
    return total - sum(_transition(*pair) for pair in pairs)


def _best_worth(octaves, score):
    local = np.c_[score, np.full(len(score), 0.5)]
    total = local[0]
    for t in range(1, len(local)):
        total = [
            local[t, b]
            + max(total[a] - _transition(a, b, octaves[t - 1], octaves[t]) for a in range(4))
            for b in range(4)
        ]
    return max(total)


@pytest.mark.parametrize("f0", [35.0, 45.0])
def test_no_pitch_is_below_that_of_the_lowest_voice(f0):
    time = np.arange(2 * SR) / SR
    harmonics = [np.cos(2 * np.pi * k * f0 * time) for k in range(1, 40)]
    for y in (harmonics[0], np.sum(harmonics, axis=0) / 20):
        # Refined by interpolation, hence a little below the lowest candidate.
        assert np.nanmin(tracked(y.astype(np.float32)).f0, initial=55) > 54


def test_a_hum_is_unvoiced():
    hum = np.sin(2 * np.pi * 35 * np.arange(2 * SR) / SR).astype(np.float32)
    assert np.isfinite(tracked(hum).f0).mean() < 0.05


@pytest.mark.parametrize(
    ("hum", "level", "is_heard"), [(50, -30, False), (50, -15, True), (100, -35, False)]
)
def test_mains_hum_is_heard_in_pauses_unless_it_is_soft(hum, level, is_heard):
    y, _, voiced = phrases(130)
    speech = np.sqrt(np.mean(np.square(y[voiced])))
    wave = np.sqrt(2) * speech * 10 ** (level / 20)
    noisy = y + wave * np.sin(2 * np.pi * hum * np.arange(len(y)) / SR)
    found = ~np.isnan(tracked(noisy.astype(np.float32)).f0)
    pauses = ~at_frames(voiced)[: len(found)]
    assert found[pauses].mean() > 0.8 if is_heard else found[pauses].mean() < 0.2


@pytest.mark.parametrize("f0", [56, 60, 990, 1000])
def test_reaches_the_ends_of_its_range(f0):
    n_harmonics = 3 if f0 > 500 else 20
    y = 0.1 * harmonics(f0, 1 / np.arange(1, 1 + n_harmonics))
    found = tracked(y.astype(np.float32)).f0
    np.testing.assert_allclose(np.nanmedian(found), f0, rtol=0.01)
