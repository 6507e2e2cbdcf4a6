"""Synthetic emotional speech: a data set of known structure for running code."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils import Bunch, check_random_state

from skser._sklearn_compat import Interval, validate_params
from skser.audio import Audio
from skser.datasets._corpus import make_frame
from skser.datasets._corpus_bunch import Corpus
from skser.datasets._voice import (
    Manner,
    Speaker,
    draw_manner,
    draw_score,
    draw_speaker,
    synthesise,
)

DURATIONS = (1.05, 2.45)  # s; rounding to whole frames stays within 1 to 2.5
SEXES = ("female", "male")
INTENSITIES = {"normal": 1.0, "strong": 1.5}
SENTENCES = ("kalIbe somA, tUna", "menO bagisA, xUle", "rofA netIku, dOli")

# Directions follow Scherer (2003) and Juslin & Laukka (2003); the magnitudes are chosen so that the
# classes overlap. New emotions go last, because the position of a name is part of its seed.
EMOTIONS = {
    "angry": Manner(
        pitch=3.5, pitch_range=0.4, final=-2, rate=0.2, loudness=6, tilt=-5, jitter=0.5,
        openness=0.10, precision=0.15,
    ),
    "calm": Manner(
        pitch=-1, pitch_range=-0.4, final=-1, rate=-0.15, loudness=-2.5, tilt=2.5, breathiness=2,
        jitter=-0.4,
    ),
    "disgusted": Manner(
        pitch=-1.5, pitch_range=0.1, final=-2, rate=-0.25, loudness=1, tilt=-1, jitter=0.8,
        openness=-0.06, spread=0.04,
    ),
    "fearful": Manner(
        pitch=4.5, pitch_range=-0.3, final=1.5, tremor=0.6, rate=0.3, loudness=-1, tilt=1,
        breathiness=5, jitter=1.0, precision=-0.15,
    ),
    "happy": Manner(
        pitch=3.5, pitch_range=0.6, final=2, rate=0.15, loudness=3.5, tilt=-2.5, jitter=-0.3,
        openness=0.03, spread=0.06, precision=0.1,
    ),
    "neutral": Manner(),
    "sad": Manner(
        pitch=-2, pitch_range=-0.7, final=-1.5, rate=-0.3, loudness=-5, tilt=5, breathiness=5,
        jitter=0.4, openness=-0.05, precision=-0.3,
    ),
    "surprised": Manner(
        pitch=4, pitch_range=0.8, final=6, rate=0.05, loudness=2.5, tilt=-1.5, openness=0.06,
    ),
}  # fmt: skip
# Standard deviations between people who express the same emotion, and between clips of one person.
PERSONAL = Manner(
    pitch=0.85, pitch_range=0.14, final=0.7, rate=0.07, loudness=1.4, tilt=1.05, breathiness=1.4,
    jitter=0.2, openness=0.02, spread=0.015, precision=0.07,
)  # fmt: skip
CASUAL = Manner(
    pitch=0.95, pitch_range=0.18, final=0.85, rate=0.1, loudness=1.8, tilt=1.45, breathiness=1.8,
    jitter=0.25, openness=0.025, spread=0.018, precision=0.1,
)  # fmt: skip

DESCR = """\
Synthetic emotional speech
--------------------------

A test signal for code. Every clip is computed by a source-filter voice that says nonsense; nobody
spoke, felt or judged anything. This is NOT speech data: do not draw conclusions from these clips
about emotion, or about how well a method recognises it.

:Clips: {n_clips}, {n_per_class} of each class from each of {n_speakers} speakers
:Classes: {classes}
:Audio: mono, {sr} Hz, 1 to 2.5 s

Emotions change the level, range and contour of the pitch, the rate, loudness, spectral tilt,
breathiness and irregularity of the voice in the directions that Scherer (2003) and Juslin and
Laukka (2003) report. Speakers differ in vocal tract, base pitch, habits, and in how strongly and
in which way they express an emotion. "strong" clips depart further from the even voice than
"normal" ones; neutral clips are all "normal". Sentences are crossed with emotions: clip k of a
speaker and emotion has sentence k modulo {n_sentences}.
"""


def _generator(seed: int, *key: int) -> np.random.Generator:
    """Return an independent generator whose output depends on `seed` and `key` only."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def _take(emotion: str, k: int) -> tuple[str, str, int]:
    """Return sentence, intensity and repetition of clip `k`: all normal sentences come first."""
    block, sentence = divmod(k, len(SENTENCES))
    intensities = ["normal"] if emotion == "neutral" else list(INTENSITIES)
    repetition, intensity = divmod(block, len(intensities))
    return SENTENCES[sentence], intensities[intensity], repetition + 1


def _clip(
    speaker: Speaker,
    personal: Manner,
    emotion: str,
    k: int,
    sr: int,
    rng: np.random.Generator,
) -> Audio:
    """Synthesise clip `k` of `emotion`, spoken by `speaker` in a `personal` way."""
    sentence, intensity, _ = _take(emotion, k)
    strength = speaker.expressiveness * INTENSITIES[intensity]
    expressed = speaker.habit.shifted(EMOTIONS[emotion], strength)
    manner = expressed.shifted(personal).shifted(draw_manner(rng, CASUAL))
    score = draw_score(sentence, speaker, manner, rng, DURATIONS)
    return Audio(synthesise(score, speaker, manner, sr, rng).astype(np.float32), sr)


def _check_emotions(emotions: Sequence[str]) -> list[str]:
    """Return the names as plain strings; raise if none is given or one is unknown or repeated."""
    names = [str(name) for name in emotions]
    unknown = sorted(set(names) - set(EMOTIONS))
    if unknown:
        raise ValueError(f"Unknown emotions {unknown}. The known ones are {sorted(EMOTIONS)}.")
    if not names or len(set(names)) < len(names):
        raise ValueError(f"emotions must be a non-empty list without repetitions, got {names}.")
    return names


@validate_params(
    {
        "n_speakers": [Interval(Integral, 1, None, closed="left")],
        "n_per_class": [Interval(Integral, 1, None, closed="left")],
        "emotions": ["array-like"],
        "sr": [Interval(Integral, 8000, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_emotional_speech(
    n_speakers: int = 8,
    n_per_class: int = 6,
    *,
    emotions: Sequence[str] = ("angry", "fearful", "happy", "neutral", "sad"),
    sr: int = 22050,
    random_state: int | np.random.RandomState | None = None,
) -> Bunch:
    """Make a synthetic data set of emotional speech.

    The clips are a test signal for code, with the structure of an acted corpus: speakers, emotions,
    intensities and sentences are crossed, and speakers differ enough that a model scores higher on
    voices that it was trained on. They are not recordings of speech; do not draw conclusions about
    emotion from them.

    Parameters
    ----------
    n_speakers : int, default=8
        Number of speakers, alternately female and male.
    n_per_class : int, default=6
        Number of clips of each emotion from each speaker. Raising it or `n_speakers` adds clips and
        leaves the existing ones unchanged.
    emotions : sequence of str, default=("angry", "fearful", "happy", "neutral", "sad")
        Classes, chosen from these five, "calm", "disgusted" and "surprised".
    sr : int, default=22050
        Sample rate in Hz, at least 8000.
    random_state : int, RandomState instance or None, default=None
        Random seed or generator that determines every clip. Pass an int for reproducible clips.

    Returns
    -------
    Bunch
        Dictionary-like object with these attributes.

        data : ndarray of shape (n_clips,), dtype object
            :class:`~skser.Audio` with mono float32 samples, 1 to 2.5 s long, peak below 1.
        target : ndarray of shape (n_clips,)
            Emotion of each clip.
        target_names : ndarray of shape (n_classes,)
            Sorted emotions.
        groups : ndarray of shape (n_clips,)
            Speaker of each clip, "s01" and so on.
        frame : DataFrame of shape (n_clips, 14)
            One row per clip, with the columns that `load_ravdess` describes; path is missing.
        DESCR : str
            Description of the clips and of their limits.

    References
    ----------
    .. [1] K. R. Scherer, "Vocal communication of emotion: A review of research paradigms", Speech
       Communication 40, 2003.
    .. [2] P. N. Juslin, P. Laukka, "Communication of emotions in vocal expression and music
       performance: Different channels, same code?", Psychological Bulletin 129, 2003.

    Examples
    --------
    >>> from skser import make_emotional_speech
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=1, random_state=0)
    >>> speech.data.shape
    (10,)
    >>> speech.frame.loc[0, ["speaker", "sex", "emotion"]].tolist()
    ['s01', 'female', 'angry']
    """
    names = _check_emotions(emotions)
    codes = {name: code for code, name in enumerate(EMOTIONS)}
    seed = int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
    clips: list[Audio] = []
    rows: list[dict[str, Any]] = []
    for s in range(n_speakers):
        sex = SEXES[s % 2]
        speaker = draw_speaker(_generator(seed, 0, s), sex)
        for emotion in names:
            code = codes[emotion]
            personal = draw_manner(_generator(seed, 1, s, code), PERSONAL)
            for k in range(n_per_class):
                rng = _generator(seed, 2, s, code, k)
                clips.append(_clip(speaker, personal, emotion, k, sr, rng))
                sentence, intensity, repetition = _take(emotion, k)
                rows.append(
                    {
                        "speaker": f"s{s + 1:02d}",
                        "sex": sex,
                        # The BCP 47 code for content that is not in a language.
                        "language": "zxx",
                        "sentence": sentence.lower(),
                        "label": emotion,
                        "intensity": intensity,
                        "corpus": "synthetic",
                        "duration": len(clips[-1].y) / sr,
                        "sample_rate": sr,
                        "repetition": repetition,
                    }
                )
    data = np.empty(len(clips), dtype=object)
    # Assign element by element; otherwise numpy unpacks the named tuples into a second axis.
    for i, clip in enumerate(clips):
        data[i] = clip
    frame = make_frame(rows, read_headers=False)
    target = frame["emotion"].to_numpy(dtype=str)
    return Corpus(
        data=data,
        target=target,
        target_names=np.unique(target),
        groups=frame["speaker"].to_numpy(dtype=str),
        frame=frame,
        DESCR=DESCR.format(
            n_clips=len(clips),
            n_per_class=n_per_class,
            n_speakers=n_speakers,
            classes=", ".join(sorted(names)),
            sr=sr,
            n_sentences=len(SENTENCES),
        ),
    )
