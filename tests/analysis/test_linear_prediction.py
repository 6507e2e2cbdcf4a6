import numpy as np
import pytest
import scipy.linalg

from skser.analysis._linear_prediction import harmonic_envelope, levinson_durbin, poles


def polynomials(*pole_sets):
    return np.array([np.poly([*half, *np.conj(half)]).real for half in pole_sets])


def test_recursion_solves_the_normal_equations(rng):
    y = rng.normal(size=(6, 200)).cumsum(axis=1)
    lags = np.array([[row[: 200 - k] @ row[k:] for k in range(11)] for row in y])
    coefficients, error = levinson_durbin(lags)
    for one, filtered, power in zip(lags, coefficients, error, strict=True):
        np.testing.assert_allclose(filtered[1:], -scipy.linalg.solve_toeplitz(one[:-1], one[1:]))
        assert power == pytest.approx(one @ filtered)


def test_poles_are_those_the_polynomial_was_made_of(rng):
    known = rng.uniform(0.5, 0.99, (50, 5)) * np.exp(1j * np.sort(rng.uniform(0.1, 3.0, (50, 5))))
    found = poles(polynomials(*known))
    np.testing.assert_allclose(found, known, rtol=1e-5)


def test_poles_close_together_are_told_apart():
    known = np.array([0.95 * np.exp(1j * w) for w in (0.5, 0.53, 1.0, 2.0, 2.05)])
    np.testing.assert_allclose(poles(polynomials(known))[0], known, rtol=1e-5)


def test_poles_on_the_axis_are_missing():
    pair = 0.9 * np.exp(1j)
    polynomial = np.poly([pair, np.conj(pair), 0.8, -0.5]).real
    found = poles(polynomial[None])[0]
    assert found[0] == pytest.approx(pair)
    assert np.isnan(found[1])


def test_poles_of_no_frame():
    assert poles(np.empty((0, 11))).shape == (0, 5)


@pytest.mark.parametrize("f0", [93.75, 200.0, 400.0])
def test_envelope_passes_through_the_harmonics(f0, rng):
    smooth = np.exp(-np.linspace(0, 5, 257)).astype(np.float32)[None]
    comb = smooth * (1 + 0.9 * np.cos(2 * np.pi * np.arange(257) * 31.25 / f0)).astype(np.float32)
    envelope = harmonic_envelope(comb, 31.25, np.array([f0], np.float32), 161)[0]
    first = round(f0 / 31.25) + 1
    np.testing.assert_allclose(envelope[first:], 1.9 * smooth[0, first:161], rtol=0.25)
