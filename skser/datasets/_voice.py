"""A source-filter voice that speaks nonsense, in plain numpy.

Drawing and applying are separate: the ``draw_*`` functions take a generator and return what they
drew (a speaker, a manner, a score); :func:`synthesise` turns a score into samples and uses its
generator only for the noise and the cycle-to-cycle irregularity of the source.

References
----------
.. [1] D. H. Klatt, "Software for a cascade/parallel formant synthesizer", JASA 67, 1980.
.. [2] D. H. Klatt, L. C. Klatt, "Analysis, synthesis, and perception of voice quality variations
   among female and male talkers", JASA 87, 1990 (the KLGLOTT88 source).
.. [3] A. E. Rosenberg, "Effect of glottal pulse shape on the quality of natural vowels", JASA 49,
   1971.
.. [4] G. E. Peterson, H. L. Barney, "Control methods used in a study of the vowels", JASA 24, 1952.
"""

from dataclasses import astuple, dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]

FRAME_RATE = 200.0  # control frames per second
TOP_FORMANT = 8000.0  # Hz; above, the tract no longer acts as a tube and absorbs
SPEED_OF_SOUND = 350.0  # m/s, in warm moist air
NEUTRAL_LENGTH = 0.175  # m
NEUTRAL_TRACT = np.array([500.0, 1500.0, 2500.0])  # Hz, of a uniform tube of that length
NEUTRAL_TILT = 10.0  # dB at 3 kHz
NEUTRAL_JITTER = 0.008  # of a period
NEUTRAL_BREATH = 2.5  # of the noise, against pulses whose flow peaks at 1
NEUTRAL_LEVEL = -28.0  # dBFS, root mean square
REFERENCE_HEIGHT = 3000.0  # Hz, where Klatt & Klatt state the spectral tilt


class Phone(NamedTuple):
    """Steady targets of a stretch of speech; levels are relative to an unstressed vowel."""

    duration: float  # s
    formants: tuple[float, float, float]  # Hz, an adult male tract
    voice: float = 0.0
    aspiration: float = 0.0
    frication: float = 0.0
    centre: float = 3000.0  # Hz, of the frication


VOWELS = {
    "a": Phone(0.115, (730, 1150, 2440), voice=1.0),
    "e": Phone(0.105, (500, 1880, 2500), voice=0.9),
    "i": Phone(0.100, (280, 2250, 2950), voice=0.75),
    "o": Phone(0.110, (520, 880, 2410), voice=0.9),
    "u": Phone(0.100, (310, 900, 2240), voice=0.75),
}
LABIAL, ALVEOLAR, VELAR = (280, 900, 2250), (300, 1750, 2650), (300, 2050, 2300)


def _stop(place: tuple[float, float, float], centre: float, voiced: bool) -> tuple[Phone, ...]:
    """Return the closure and burst of a stop, with a voice bar or else a puff of breath."""
    if voiced:
        return Phone(0.055, place, voice=0.12), Phone(0.012, place, 0.3, 0.1, 0.3, centre)
    burst = Phone(0.018, place, 0.0, 0.3, 0.6, centre)
    return Phone(0.058, place), burst, Phone(0.025, place, aspiration=0.8)


CONSONANTS = {
    "m": (Phone(0.070, (260, 1000, 2200), voice=0.35),),
    "n": (Phone(0.065, (260, 1500, 2500), voice=0.35),),
    "l": (Phone(0.060, (340, 1050, 2800), voice=0.5),),
    "r": (Phone(0.055, (350, 1150, 1600), voice=0.5),),
    "b": _stop(LABIAL, 900, voiced=True),
    "d": _stop(ALVEOLAR, 4000, voiced=True),
    "g": _stop(VELAR, 2000, voiced=True),
    "k": _stop(VELAR, 2000, voiced=False),
    "t": _stop(ALVEOLAR, 4500, voiced=False),
    "s": (Phone(0.095, ALVEOLAR, frication=0.35, centre=6500),),
    "x": (Phone(0.095, (290, 1950, 2700), frication=0.4, centre=3200),),
    "f": (Phone(0.085, LABIAL, frication=0.12, centre=5500),),
}
PAUSE = Phone(0.130, (500.0, 1500.0, 2500.0))


@dataclass(frozen=True)
class Manner:
    """Deviations from a speaker's even voice; zeros stand for that voice."""

    pitch: float = 0.0  # semitones
    pitch_range: float = 0.0  # octaves: 1 doubles every excursion of the contour
    final: float = 0.0  # semitones gained over the last syllable
    tremor: float = 0.0  # semitones, amplitude of a wobble at about 6 Hz
    rate: float = 0.0  # octaves: 1 is twice as fast
    loudness: float = 0.0  # dB
    tilt: float = 0.0  # dB taken away at 3 kHz
    breathiness: float = 0.0  # dB of aspiration
    jitter: float = 0.0  # octaves: 1 doubles jitter and shimmer
    openness: float = 0.0  # octaves on the first formant (jaw)
    spread: float = 0.0  # octaves on the second and third formants (lips)
    precision: float = 0.0  # octaves on the vowel space

    def shifted(self, other: "Manner", by: float = 1.0) -> "Manner":
        """Move `by` times along `other`."""
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Manner(*(own + by * more for own, more in pairs))


@dataclass(frozen=True)
class Speaker:
    """A tract, a larynx and the habits of a person."""

    pitch: float  # Hz, of the even voice
    tract: float  # m, from glottis to lips
    formants: tuple[float, ...]  # own factors on the first three formants
    habit: Manner
    expressiveness: float  # how far this person departs from the habit when moved
    noise_floor: float  # dBFS, of the room


@dataclass(frozen=True)
class Score:
    """Control tracks of one utterance, `FRAME_RATE` frames per second."""

    f0: Array  # (n_frames,) Hz
    formants: Array  # (n_frames, 3) Hz
    voice: Array  # (n_frames,) linear, as are the next two
    aspiration: Array
    frication: Array
    centre: Array  # (n_frames,) Hz


# Standard deviations between people.
HABIT_SPREAD = Manner(
    pitch_range=0.18, final=0.7, rate=0.07, loudness=2.1, tilt=1.8, breathiness=2.1, jitter=0.25,
    openness=0.02, spread=0.015, precision=0.08,
)  # fmt: skip


def draw_manner(rng: np.random.Generator, spread: Manner) -> Manner:
    """Draw a manner whose fields are normal about zero with the fields of `spread` as sd."""
    return Manner(*(rng.normal(0, sd) for sd in astuple(spread)))


def draw_speaker(rng: np.random.Generator, sex: str) -> Speaker:
    """Draw a person whose pitch and tract length vary about the adult means of `sex`."""
    pitch, tract = (200.0, 0.147) if sex == "female" else (115.0, 0.170)
    return Speaker(
        pitch=pitch * 2 ** (rng.normal(0, 2.0) / 12),
        tract=tract * 2 ** rng.normal(0, 0.06),
        formants=tuple(2 ** rng.normal(0, 0.05) for _ in range(3)),
        habit=draw_manner(rng, HABIT_SPREAD),
        expressiveness=float(np.clip(rng.normal(1.0, 0.2), 0.5, 1.5)),
        noise_floor=rng.uniform(-72, -60),
    )


def _phones(sentence: str) -> list[tuple[Phone, bool]]:
    """Parse a sentence: letters are phones, capital vowels are accented, commas are pauses."""
    phones = []
    for letter in sentence.replace(" ", ""):
        if letter in CONSONANTS:
            phones += [(phone, False) for phone in CONSONANTS[letter]]
        elif letter == ",":
            phones.append((PAUSE, False))
        else:
            phones.append((VOWELS[letter.lower()], letter.isupper()))
    return phones


def _smoothed(track: Array, seconds: float) -> Array:
    """Compute a moving Hann average along the first axis, with the ends held."""
    width = 2 * round(seconds * FRAME_RATE / 2) + 1
    kernel = np.hanning(width + 2)[1:-1]
    padded = np.pad(track, [(width // 2,) * 2] + [(0, 0)] * (track.ndim - 1), mode="edge")
    shape = (-1,) + (1,) * (track.ndim - 1)
    return scipy.signal.convolve(padded, (kernel / kernel.sum()).reshape(shape), mode="valid")


def _pitch_contour(peaks: Array, heights: Array, manner: Manner, drift: Array) -> Array:
    """Return the pitch contour in semitones above the even pitch, frame by frame.

    It is the sum of a declination, accents (their `peaks` in seconds, `heights` in semitones) and a
    slow `drift` in semitones, scaled by the pitch range of `manner`, plus its final movement and
    tremor.
    """
    time = np.arange(len(drift)) / FRAME_RATE
    declination = 1.5 - 3.0 * time / time[-1]
    accents = np.exp(-0.5 * ((time[:, None] - peaks) / 0.09) ** 2) @ heights
    ending = np.clip((time - time[-1] + 0.45) / 0.35, 0.0, 1.0) ** 2
    tremor = np.sin(2 * np.pi * 6.0 * time)
    moving = 2**manner.pitch_range * (declination + accents + drift)
    return manner.pitch + moving + manner.final * ending + manner.tremor * tremor


def draw_score(
    sentence: str,
    speaker: Speaker,
    manner: Manner,
    rng: np.random.Generator,
    limits: tuple[float, float],
) -> Score:
    """Draw one way in which `speaker` says `sentence` in `manner`.

    Parameters
    ----------
    sentence : str
        Letters of `VOWELS` (capitals are accented) and `CONSONANTS`; a comma is a pause.
    speaker : Speaker
        Speaker of the sentence; the habit must already be part of `manner`.
    manner : Manner
        Manner of speaking. Pitch, timing and articulation are used here, the rest by
        :func:`synthesise`.
    rng : numpy.random.Generator
        Generator that draws timing, accent heights, and the drift of pitch and effort.
    limits : tuple of float
        Shortest and longest duration in seconds; timing is stretched to fit.

    Returns
    -------
    Score
    """
    edge = PAUSE._replace(duration=0.08)
    spoken = [(edge, False), *_phones(sentence), (edge, False)]
    accented = np.array([accent for _, accent in spoken])
    seconds = np.array([phone.duration for phone, _ in spoken])
    seconds *= 2 ** (-manner.rate + rng.normal(0, 0.15, size=len(seconds))) * (1 + 0.4 * accented)
    # Speech slows down before it stops.
    seconds[-2] *= 1.35
    seconds *= np.clip(seconds.sum(), *limits) / seconds.sum()
    ends = np.round(np.cumsum(seconds) * FRAME_RATE).astype(int)
    lengths = np.diff(ends, prepend=0)

    targets = np.log2([phone.formants for phone, _ in spoken])
    middle = np.log2(NEUTRAL_TRACT)
    targets = middle + 2**manner.precision * (targets - middle)
    posture = np.array([manner.openness, manner.spread, manner.spread])
    anatomy = np.log2(speaker.formants) + np.log2(NEUTRAL_LENGTH / speaker.tract)
    formants = 2 ** _smoothed(np.repeat(targets + posture + anatomy, lengths, axis=0), 0.07)

    n_frames = len(formants)
    peaks = (ends - lengths / 2)[accented] / FRAME_RATE
    drift = _smoothed(rng.normal(0, 3.0, size=n_frames), 0.25)
    semitones = _pitch_contour(peaks, rng.normal(4.0, 1.0, size=len(peaks)), manner, drift)
    stress = 3.0 * _smoothed(np.repeat(1.0 * accented, lengths), 0.1)
    effort = _smoothed(rng.normal(0, 6.0, size=n_frames), 0.25) + np.linspace(1.5, -3.0, n_frames)
    loud = 10 ** ((effort + stress) / 20)

    def track(field: str) -> Array:
        return np.repeat([getattr(phone, field) for phone, _ in spoken], lengths)

    return Score(
        f0=speaker.pitch * 2 ** (semitones / 12),
        formants=formants,
        voice=loud * _smoothed(track("voice"), 0.035),
        # Air leaks through the glottis whenever it vibrates, not only in h-like phones.
        aspiration=_smoothed(track("aspiration") + 0.1 * loud * track("voice"), 0.03),
        frication=loud * _smoothed(track("frication"), 0.02),
        centre=track("centre") * (NEUTRAL_LENGTH / speaker.tract) ** 0.5,
    )


def _cycles(f0: Array, sr: int, jitter: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return phase (cycles) and amplitude of an irregular oscillator at `f0` Hz, per sample.

    `jitter` is the relative standard deviation of the period; the amplitude of a cycle varies by
    three times as much (shimmer).
    """
    even = np.cumsum(f0) / sr
    n_cycles = int(even[-1] * 1.5) + 2
    factors = 1 + jitter * np.clip(rng.normal(size=n_cycles), -3, 3)
    phase = np.cumsum(f0 * factors[even.astype(int)]) / sr
    heights = 1 + 3 * jitter * np.clip(rng.normal(size=n_cycles), -3, 3)
    return phase, heights[phase.astype(int)]


def glottal_flow(phase: Array, open_quotient: float) -> Array:
    """Return the glottal flow of the KLGLOTT88 model, with peak 1.

    ``u(x) = 27/4 (x^2 - x^3)`` with ``x = phase / open_quotient`` while the glottis is open
    (``x < 1``), else 0: Klatt & Klatt (1990), a polynomial pulse after Rosenberg (1971).

    Parameters
    ----------
    phase : ndarray of shape (n_samples,)
        Phase in cycles; the integer part is ignored.
    open_quotient : float
        Fraction of a cycle during which the glottis is open, in (0, 1].

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    x = np.minimum((phase % 1.0) / open_quotient, 1.0)
    return 6.75 * x * x * (1 - x)


def tilt_filter(decibels: float, sr: int) -> tuple[list[float], list[float]]:
    """Return a one-pole low-pass that attenuates 3 kHz by `decibels` (TL of Klatt & Klatt, 1990).

    ``H(z) = (1 - a) / (1 - a / z)``, with `a` the root inside the unit circle of
    ``|H(exp(jw))|^2 = 10^(-decibels / 10)``.
    """
    power = 10 ** (-decibels / 10)
    half = 1 - power * np.cos(2 * np.pi * REFERENCE_HEIGHT / sr)
    pole = (half - np.sqrt(half**2 - (1 - power) ** 2)) / (1 - power)
    return [1 - pole], [1, -pole]


def resonator_inverse(
    frequency: Array, bandwidth: Array, grid: Array, sr: int
) -> NDArray[np.complex64]:
    """Return the inverse response of Klatt's (1980) digital resonator, with gain 1 at 0 Hz.

    ``1 / H(z) = (1 - B/z - C/z^2) / (1 - B - C)`` with ``C = -exp(-2 pi bw / sr)`` and ``B = 2
    exp(-pi bw / sr) cos(2 pi f / sr)``. The inverse is used because a cascade is a product, and one
    division at its end is cheaper than one for each resonator. `frequency` and `bandwidth` in Hz
    have shape (n, 1), the result has shape (n, n_bins) for a `grid` of n_bins frequencies in Hz.
    """
    delay = np.exp(-2j * np.pi * grid / sr).astype(np.complex64)
    radius = np.exp(-np.pi * bandwidth / sr)
    b, c = 2 * radius * np.cos(2 * np.pi * frequency / sr), -(radius**2)
    b, c, gain = (np.asarray(v, dtype=np.float32) for v in (b, c, 1 - b - c))
    return 1 / gain - (b / gain + (c / gain) * delay) * delay


def _bandwidth(frequency: Array) -> Array:
    """Return a bandwidth in Hz, about as in Klatt (1980): 65 at F1, 110 at F2, 155 at F3."""
    return 42 + 0.045 * frequency


def _filtered(signal: Array, responses: NDArray[np.inexact], hop: int) -> Array:
    """Filter n_frames * hop samples by responses that crossfade from hop to hop.

    `responses` has shape (n_frames, 4 * hop + 1), the bins of an FFT of 8 hops; the impulse
    responses must have died away after 6 hops.
    """
    n_frames = len(responses)
    # Periodic Hann windows of two hops add up to one, so a steady filter is applied exactly.
    window = scipy.signal.windows.hann(2 * hop, sym=False).astype(np.float32)
    padded = np.pad(signal.astype(np.float32), (hop, hop))
    blocks = np.lib.stride_tricks.sliding_window_view(padded, 2 * hop)[::hop][:n_frames]
    spectra = scipy.fft.rfft(blocks * window, n=8 * hop)
    pieces = scipy.fft.irfft(spectra * responses, n=8 * hop).reshape(n_frames, 8, hop)
    out = np.zeros((n_frames + 7, hop))
    for part in range(8):
        out[part : part + n_frames] += pieces[:, part]
    return out.ravel()[hop : hop + len(signal)]


def _tract_response(score: Score, speaker: Speaker, grid: Array, sr: int) -> NDArray[np.complex64]:
    """Return the response of three moving formants in cascade with those of a uniform tube."""
    spacing = SPEED_OF_SOUND / 2 / speaker.tract
    fixed = np.arange(3.5 * spacing, min(TOP_FORMANT, sr / 2), spacing)[:, None, None]
    total = np.ones((1, len(grid)), dtype=np.complex64)
    for frequency in (*fixed, *score.formants.T[:, :, None]):
        total = total * resonator_inverse(frequency, _bandwidth(frequency), grid, sr)
    return 1 / total


def _frication_response(centre: Array, grid: Array) -> NDArray[np.float32]:
    """Return a bell on a logarithmic axis, half an octave wide (one sd), with mean power 1."""
    octaves = np.log2(np.maximum(grid, 1.0) / np.minimum(centre, 0.8 * grid[-1])[:, None])
    bell = np.exp(-0.5 * (octaves / 0.5) ** 2)
    return (bell / np.sqrt(np.mean(bell**2, axis=1, keepdims=True))).astype(np.float32)


def synthesise(
    score: Score, speaker: Speaker, manner: Manner, sr: int, rng: np.random.Generator
) -> Array:
    """Synthesise the samples of a score.

    Parameters
    ----------
    score : Score
        Control tracks.
    speaker : Speaker
        Speaker, whose tract and room are used.
    manner : Manner
        Manner of speaking. Its tilt, breathiness, jitter and loudness are used here; the rest is
        already in the score.
    sr : int
        Sample rate in Hz.
    rng : numpy.random.Generator
        Generator that draws noise, jitter and shimmer.

    Returns
    -------
    ndarray of shape (n_samples,)
        Mono samples without DC offset, with a peak below 1.
    """
    hop = round(sr / FRAME_RATE)
    n_frames = len(score.f0)
    n_samples = n_frames * hop
    grid = np.arange(4 * hop + 1) * (sr / (8 * hop))

    def sampled(track: Array) -> Array:
        return np.interp(np.arange(n_samples) / hop, np.arange(n_frames), track)

    tilt = max(NEUTRAL_TILT + manner.tilt, 1.0)
    # A pressed voice closes early and bright, a breathy one late and dull.
    openness = 0.55 + 0.012 * manner.tilt + 0.008 * manner.breathiness
    jitter = min(NEUTRAL_JITTER * 2**manner.jitter, 0.06)
    f0 = sampled(score.f0)
    phase, amplitude = _cycles(f0, sr, jitter, rng)
    flow = amplitude * glottal_flow(phase, min(max(openness, 0.35), 0.85))
    # A difference of the flow is its derivative averaged over a sample, which reduces the aliasing
    # of a closure that falls between two samples.
    pulses = np.diff(flow, prepend=0.0) * sr / f0
    voiced = scipy.signal.lfilter(*tilt_filter(tilt, sr), pulses) * sampled(score.voice)

    breath, hiss, room = rng.normal(size=(3, n_samples))
    # Breath is loudest while the glottis is open (Klatt & Klatt, 1990).
    breath *= sampled(score.aspiration) * (0.4 + flow)
    breath *= NEUTRAL_BREATH * 10 ** (manner.breathiness / 20)
    speech = _filtered(voiced + breath, _tract_response(score, speaker, grid, sr), hop)
    speech /= np.sqrt(np.mean(speech**2))
    hiss *= sampled(score.frication)
    speech += _filtered(hiss, _frication_response(score.centre, grid), hop)

    level = 10 ** ((NEUTRAL_LEVEL + manner.loudness) / 20)
    mixed = level * speech + 10 ** (speaker.noise_floor / 20) * room
    high_pass = scipy.signal.butter(2, 50, "highpass", fs=sr, output="sos")
    mixed = scipy.signal.sosfilt(high_pass, mixed)
    mixed -= mixed.mean()
    return mixed * min(1.0, 0.98 / np.abs(mixed).max())
