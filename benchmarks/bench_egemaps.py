"""The 88 values of EGeMAPS beside those of openSMILE's eGeMAPSv02, on RAVDESS and EMO-DB.

Prints Spearman's r of every value over all clips, with the reason where the two part (the table
of docs/guide/egemaps.md), and how far apart in time the two pitch tracks are; values of sounds
that are known; and the unweighted average recall (UAR) of emotions on unseen speakers: of either
set, of ten spectral features, and of these with the voice. RAVDESS has 6 folds of speakers, EMO-DB
leaves one speaker out; recalls are those of the joined predictions. openSMILE reads samples of 16
bits, so both get clips at 16 kHz rounded as it does.

The peer is installed apart: ``pip install -r benchmarks/requirements.txt``. Needs RAVDESS and
EMO-DB. Run: ``python benchmarks/bench_egemaps.py [--every 10] [--only known|agreement|emotion]``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from _common import keep, ravdess_corpus, ravdess_folder, ten_features

import numpy as np  # isort: skip
from scipy.signal import lfilter  # isort: skip
from scipy.stats import spearmanr  # isort: skip
from sklearn.metrics import balanced_accuracy_score  # isort: skip
from sklearn.model_selection import (  # isort: skip
    LeaveOneGroupOut,
    StratifiedGroupKFold,
    cross_val_predict,
)
from sklearn.pipeline import make_pipeline  # isort: skip
from sklearn.preprocessing import StandardScaler  # isort: skip
from sklearn.svm import SVC  # isort: skip

import skser  # isort: skip
from skser import (  # isort: skip
    Audio,
    EGeMAPS,
    LoadAudio,
    Pitch,
    VoiceAnalysis,
    as_items,
    load_emo_db,
    make_audio_union,
)
from skser.analysis._egemaps import functionals  # isort: skip

SR = 16000
F0 = "F0semitoneFrom27.5Hz_sma3nz"
LEVELS = 0.95, 0.99
TARGET = 45
WANTED = {
    "loudness, flux, MFCC, alpha ratio, Hammarberg index, slopes: means over all frames": (
        0.99,
        ["loudness_sma3_amean", "spectralFlux_sma3_amean"]
        + [f"mfcc{n}_sma3_amean" for n in (1, 2, 3, 4)],
    ),
    "alpha ratio, Hammarberg index, slopes: means over voiced frames": (
        0.99,
        [
            "alphaRatioV_sma3nz_amean",
            "hammarbergIndexV_sma3nz_amean",
            "slopeV0-500_sma3nz_amean",
            "slopeV500-1500_sma3nz_amean",
        ],
    ),
    "level": (0.99, ["equivalentSoundLevel_dBp"]),
    "F0, mean and percentiles": (
        0.95,
        [
            f"{F0}_{statistic}"
            for statistic in ("amean", "percentile20.0", "percentile50.0", "percentile80.0")
        ],
    ),
    "loudness peaks": (0.95, ["loudnessPeaksPerSec"]),
    "voiced segments": (0.85, ["VoicedSegmentsPerSec"]),
}
VOICE = [
    "Pitch",
    "Loudness",
    "Jitter",
    "Shimmer",
    "HNR",
    "Formants",
    "HarmonicDifference",
    "AlphaRatio",
    "HammarbergIndex",
    "SpectralSlope",
    "SpectralFlux",
    "SpeechRhythm",
]


def corpora(every: int) -> dict[str, Any]:
    """Return clips, emotions and speakers of both corpora."""
    folder = ravdess_folder()
    ravdess = ravdess_corpus()
    if folder is None or not (folder.parent / "emodb").is_dir():
        raise SystemExit("no EMO-DB: set SKSER_DATA to the folder that holds ravdess/ and emodb/")
    return {
        name: (corpus.data[::every], corpus.target[::every], corpus.groups[::every])
        for name, corpus in (("RAVDESS", ravdess), ("EMO-DB", load_emo_db(folder.parent / "emodb")))
    }


def rounded(paths: Any) -> Any:
    """Return clips at 16 kHz, as openSMILE rounds them."""
    sounds = LoadAudio(sr=SR).transform(paths)
    samples = ((sound.y * 32767).astype(np.int16) / np.float32(32768) for sound in sounds)
    return as_items([Audio(y.astype(np.float32), SR) for y in samples])


def theirs(clips: Any, names: list[str]) -> np.ndarray:
    import opensmile

    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02,
        feature_level=opensmile.FeatureLevel.Functionals,
        num_workers=1,
    )
    if list(smile.feature_names) != names:
        raise SystemExit("openSMILE has other names than EGeMAPS")
    return np.concatenate([smile.process_signal(clip.y, SR).to_numpy() for clip in clips])


REASONS = {
    "Slope": "turning points, and frames that only one program calls voiced",
    "F0semitone": "frames that only one program calls voiced",
    "jitter": "skser: periods of the excitation, not of the waveform",
    "shimmer": "different cycles, as for jitter",
    "HNR": "skser: corrected for the window, as in Boersma (1993)",
    "H1-H2": "skser: first harmonic minus second; openSMILE: second minus third",
    "H1-A3": "skser: correct third formant",
    "amplitudeLogRelF0": "unvoiced frames: missing in skser, -201 dB in openSMILE",
    "frequency": "skser: correct formants",
    "bandwidth": "skser: correct formants; openSMILE: above 1000 Hz",
    "slope": "skser: least squares in dB, independent of the gain",
    "egment": "frames that only one program calls voiced",
    "V": "other frames are voiced, in openSMILE 20 ms early",
}
"""Why the values whose name contains the key differ; the first key that matches counts."""


def why(name: str, r: float) -> str:
    """Return the reason why a value differs from openSMILE's, if it does."""
    if r >= LEVELS[0]:
        return ""
    return next(reason for part, reason in REASONS.items() if part in name)


def agreement(ours: np.ndarray, peer: np.ndarray, names: list[str]) -> dict[str, Any]:
    r = [float(spearmanr(a, b)[0]) for a, b in zip(ours.T, peer.T, strict=True)]
    print(f"\nSpearman's r of EGeMAPS and openSMILE's eGeMAPSv02, {len(ours)} clips\n")
    print("| value | r | reason |\n|---|---|---|")
    for name, value in zip(names, r, strict=True):
        print(f"| `{name}` | {value:.3f} | {why(name, value)} |")
    counts = {str(level): sum(value >= level for value in r) for level in LEVELS}
    print(f"\nat least .95: {counts['0.95']} of {len(r)} (wanted {TARGET})")
    print(f"at least .99: {counts['0.99']} of {len(r)}\n")
    table = dict(zip(names, r, strict=True))
    for what, (wanted, which) in WANTED.items():
        least = min(table[name] for name in which)
        print(f"{what}: least {least:.3f}, wanted {wanted} {'' if least >= wanted else 'MISSED'}")
    return {"spearman": table, "at least": counts}


def count_if_earlier(clips: Any, peer: np.ndarray) -> dict[str, int]:
    """Return how many values reach .95 if voicing is earlier than the spectra by some frames."""
    rows: dict[int, list[np.ndarray]] = {shift: [] for shift in range(4)}
    for clip in clips:
        voice = VoiceAnalysis(clip.y, SR)
        voiced = voice.voiced
        for shift, moved in rows.items():
            # Set the value of a cached property.
            voice.__dict__["voiced"] = np.append(voiced[shift:], np.zeros(shift, dtype=bool))
            moved.append(functionals(voice))
    counts = {}
    for shift, moved in rows.items():
        r = [spearmanr(*pair)[0] for pair in zip(np.array(moved).T, peer.T, strict=True)]
        counts[f"{10 * shift} ms"] = sum(bool(value >= LEVELS[0]) for value in r)
    print("\nat least .95, with voicing so much earlier:")
    print(", ".join(f"{shift} {count}" for shift, count in counts.items()))
    return counts


def known_sounds() -> dict[str, tuple[np.ndarray, dict[str, float]]]:
    """Return sounds of a second, and what values they have by construction."""
    time = np.arange(SR) / SR
    rng = np.random.default_rng(0)
    amplitudes = 0.2, 0.05, 0.1, 0.02
    tones = sum(a * np.sin(2 * np.pi * 200 * n * time) for n, a in enumerate(amplitudes, start=1))
    pulses = np.zeros(SR)
    pulses[::128] = 1  # 125 Hz
    vowel = pulses
    formants = {"F1": (500, 60), "F2": (1500, 90), "F3": (2500, 120)}
    for frequency, bandwidth in formants.values():
        z = np.exp((-np.pi * bandwidth + 2j * np.pi * frequency) / SR)
        vowel = lfilter([1], [1, -2 * z.real, abs(z) ** 2], vowel)
    vowel *= 0.1 / vowel.std()
    noise = rng.normal(scale=0.1 * 10 ** (-20 / 20), size=SR)
    truth = {f"{n}frequency_sma3nz_amean": f for n, (f, _) in formants.items()}
    truth |= {f"{n}bandwidth_sma3nz_amean": b for n, (_, b) in formants.items()}
    slope = float(values_of(vowel)["slopeV500-1500_sma3nz_amean"])
    return {
        "harmonics of 0.2, 0.05, 0.1, 0.02": (
            tones,
            {"logRelF0-H1-H2_sma3nz_amean": 20 * np.log10(amplitudes[0] / amplitudes[1])},
        ),
        "vowel": (vowel, truth),
        "vowel, 20 dB softer (truth: as loud)": (
            0.1 * vowel,
            {"slopeV500-1500_sma3nz_amean": slope},
        ),
        "vowel in noise, 20 dB": (vowel + noise, {"HNRdBACF_sma3nz_amean": 20.0}),
    }


def values_of(y: np.ndarray) -> dict[str, float]:
    feature = EGeMAPS().fit([y])
    return dict(zip(feature.get_feature_names_out(), feature.transform([y])[0], strict=True))


def known(names: list[str]) -> None:
    print("\nSounds that are known                        truth, EGeMAPS, openSMILE")
    for label, (y, truth) in known_sounds().items():
        print(label)
        own = values_of(y)
        peer = dict(zip(names, theirs([Audio(y, SR)], names)[0], strict=True))
        for name, value in truth.items():
            print(f"  {name:36s} {value:9.4g} {own[name]:9.4g} {peer[name]:9.4g}")


def delay(clips: Any) -> dict[str, float]:
    """Return the median distance of the pitch tracks in semitones, over their shift in time."""
    import opensmile

    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02,
        feature_level=opensmile.FeatureLevel.LowLevelDescriptors,
        num_workers=1,
    )
    apart: dict[int, list[float]] = {shift: [] for shift in range(4)}
    for clip in clips:
        track = smile.process_signal(clip.y, SR)[F0].to_numpy()
        own = Pitch("semitone", pooling=None).fit_transform([clip])[0]
        for shift, distances in apart.items():
            # Their first frame of 20 ms is centred where our second one is.
            pairs = np.stack([own[1 + shift :][: len(track)], track[: len(own) - 1 - shift]])
            pairs = pairs[:, (pairs > 0).all(axis=0)]
            distances += list(np.abs(pairs[0] - pairs[1]))
    result = {f"{10 * shift} ms": float(np.median(each)) for shift, each in apart.items()}
    print(f"\nsemitones between the pitch tracks, theirs so much later, {len(clips)} clips:")
    print(", ".join(f"{shift} {value:.3f}" for shift, value in result.items()))
    return result


def uar(X: np.ndarray, y: Any, groups: Any, cv: Any) -> float:
    pipeline = make_pipeline(StandardScaler(), SVC(C=10))
    return float(
        balanced_accuracy_score(y, cross_val_predict(pipeline, X, y, groups=groups, cv=cv))
    )


def feature_sets(paths: Any, ours: np.ndarray, peer: np.ndarray) -> Iterator[Any]:
    """Yield names of sets of values, and the values."""
    leaves = [getattr(skser, name)() for name in VOICE]
    union = make_audio_union(*ten_features(), *leaves).fit(paths[:1])
    members = [name.split("__")[0] for name in union.get_feature_names_out()]
    voice = np.isin(members, [name.lower() for name in VOICE])
    values = union.transform(paths)
    ten = values[:, ~voice]
    yield "EGeMAPS", ours
    yield "openSMILE's eGeMAPSv02", peer
    yield "ten spectral features", ten
    yield "ten spectral features and twelve of the voice", values
    yield "ten spectral features and EGeMAPS", np.hstack([ten, ours])
    yield "ten spectral features and openSMILE's", np.hstack([ten, peer])
    # One feature after the other, in the order of the first example, then the voice.
    for count in range(2, len(union.transformer_list) + 1):
        chosen = [name for name, _ in union.transformer_list[:count]]
        label = f"up to {chosen[-1]}"
        yield label, values[:, np.isin(members, chosen)]


def on_corpora(read: dict[str, Any], names: list[str], only: str | None) -> dict[str, Any]:
    tables, result, every = {}, {}, []
    for corpus, (paths, _, _) in read.items():
        clips = rounded(paths)
        every.append(clips)
        tables[corpus] = EGeMAPS().fit_transform(clips), theirs(clips, names)
    if only in (None, "agreement"):
        pairs = zip(*tables.values(), strict=True)
        result["agreement"] = agreement(*(np.concatenate(pair) for pair in pairs), names)
        peer = np.concatenate([table for _, table in tables.values()])
        result["if_earlier"] = count_if_earlier(np.concatenate(every), peer)
        result["delay"] = delay(clips[:: max(1, len(clips) // 50)])
    if only in (None, "emotion"):
        scores: dict[str, dict[str, float]] = {}
        for corpus, (paths, y, groups) in read.items():
            cv = StratifiedGroupKFold(6) if corpus == "RAVDESS" else LeaveOneGroupOut()
            for label, X in feature_sets(paths, *tables[corpus]):
                scores.setdefault(label, {})[corpus] = uar(X, y, groups, cv)
        print("\nUAR on unseen speakers, SVC(C=10)              RAVDESS  EMO-DB")
        for label, score in scores.items():
            print(f"{label:46s}  {score['RAVDESS']:.3f}    {score['EMO-DB']:.3f}")
        result["UAR"] = scores
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take every n-th clip")
    parser.add_argument("--only", choices=["known", "agreement", "emotion"])
    options = parser.parse_args()
    try:
        import opensmile  # noqa: F401
    except ImportError:
        raise SystemExit("opensmile is not installed; see the first lines") from None
    names = list(EGeMAPS().fit([np.zeros(SR)]).get_feature_names_out())
    result: dict[str, Any] = {}
    if options.only in (None, "known"):
        known(names)
    if options.only != "known":
        result |= on_corpora(corpora(options.every), names, options.only)
    keep("egemaps", result)


if __name__ == "__main__":
    main()
