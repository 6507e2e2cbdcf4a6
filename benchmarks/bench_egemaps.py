"""The 88 values of EGeMAPS beside those of openSMILE's eGeMAPSv02, on RAVDESS and EMO-DB.

Prints Spearman's r of every value over all clips, with the reason where the two part, and the
unweighted average recall (UAR) of emotions on unseen speakers: of either set, of ten spectral
features, and of these with the voice. RAVDESS has 6 folds of speakers, EMO-DB leaves one speaker
out; recalls are those of the joined predictions. openSMILE reads samples of 16 bits, so both get
clips at 16 kHz rounded as it does.

The peer is installed apart: ``pip install -r benchmarks/requirements.txt``. Needs RAVDESS and
EMO-DB. Run: ``python benchmarks/bench_egemaps.py [--every 10] [--only agreement|emotion]``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from _common import keep, ravdess_corpus, ravdess_folder, ten_features

import numpy as np  # isort: skip
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
from skser import Audio, EGeMAPS, LoadAudio, as_items, load_emo_db, make_audio_union  # isort: skip

SR = 16000
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
            f"F0semitoneFrom27.5Hz_sma3nz_{statistic}"
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


def why(name: str, r: float) -> str:
    """Return the reason why a value parts from openSMILE's."""
    if r >= LEVELS[0]:
        return ""
    reasons = (
        ("F0semitone", "octave errors of theirs; a slope is that of fewer, longer parts here"),
        ("jitter", "periods of the excitation here, of the waveform there"),
        ("shimmer", "cycles found by other periods"),
        ("HNR", "no correction for the window there"),
        ("H1-H2", "harmonic 1 minus harmonic 2 here"),
        ("H1-A3", "third formant, and peak of the harmonic"),
        ("amplitudeLogRelF0", "unvoiced frames count as -201 there"),
        ("frequency", "formants are too high there"),
        ("bandwidth", "bandwidths are above 1000 Hz there"),
        ("slope", "least squares in dB here"),
        ("Voiced", "voicing"),
        ("voiced", "voicing"),
        ("V", "voicing, which is 20 ms early there"),
    )
    return next((reason for part, reason in reasons if part in name), "voicing")


def agreement(ours: np.ndarray, peer: np.ndarray, names: list[str]) -> dict[str, Any]:
    r = [float(spearmanr(a, b)[0]) for a, b in zip(ours.T, peer.T, strict=True)]
    print(f"\nSpearman's r of EGeMAPS and openSMILE's eGeMAPSv02, {len(ours)} clips\n")
    for name, value in zip(names, r, strict=True):
        print(f"{name:45s} {value:6.3f}  {why(name, value)}")
    counts = {str(level): sum(value >= level for value in r) for level in LEVELS}
    print(f"\nat least .95: {counts['0.95']} of {len(r)} (wanted {TARGET})")
    print(f"at least .99: {counts['0.99']} of {len(r)}\n")
    table = dict(zip(names, r, strict=True))
    for what, (wanted, which) in WANTED.items():
        least = min(table[name] for name in which)
        print(f"{what}: least {least:.3f}, wanted {wanted} {'' if least >= wanted else 'MISSED'}")
    return {"spearman": table, "at least": counts}


def uar(X: np.ndarray, y: Any, groups: Any, cv: Any) -> float:
    pipeline = make_pipeline(StandardScaler(), SVC(C=10))
    return float(
        balanced_accuracy_score(y, cross_val_predict(pipeline, X, y, groups=groups, cv=cv))
    )


def feature_sets(paths: Any, ours: np.ndarray, peer: np.ndarray | None) -> Iterator[Any]:
    """Yield names of sets of values, and the values."""
    leaves = [getattr(skser, name)() for name in VOICE]
    union = make_audio_union(*ten_features(), *leaves).fit(paths[:1])
    members = [name.split("__")[0] for name in union.get_feature_names_out()]
    voice = np.isin(members, [name.lower() for name in VOICE])
    values = union.transform(paths)
    ten = values[:, ~voice]
    yield "EGeMAPS", ours
    if peer is not None:
        yield "openSMILE's eGeMAPSv02", peer
    yield "ten spectral features", ten
    yield "ten spectral features and twelve of the voice", values
    yield "ten spectral features and EGeMAPS", np.hstack([ten, ours])
    if peer is not None:
        yield "ten spectral features and openSMILE's", np.hstack([ten, peer])
    # One feature after the other, in the order of the first example, then the voice.
    for count in range(2, len(union.transformer_list) + 1):
        chosen = [name for name, _ in union.transformer_list[:count]]
        label = f"up to {chosen[-1]}"
        yield label, values[:, np.isin(members, chosen)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take every n-th clip")
    parser.add_argument("--only", choices=["agreement", "emotion"])
    options = parser.parse_args()
    read = corpora(options.every)
    result: dict[str, Any] = {}
    tables: dict[str, tuple[np.ndarray, np.ndarray | None]] = {}
    for corpus, (paths, _, _) in read.items():
        clips = rounded(paths)
        feature = EGeMAPS().fit(clips[:1])
        names = list(feature.get_feature_names_out())
        try:
            peer = theirs(clips, names)
        except ImportError as error:
            print(f"openSMILE left out: {error}. See benchmarks/requirements.txt.")
            peer = None
        tables[corpus] = feature.transform(clips), peer
    if options.only != "emotion" and all(peer is not None for _, peer in tables.values()):
        pairs = zip(*tables.values(), strict=True)
        result["agreement"] = agreement(*(np.concatenate(pair) for pair in pairs), names)
    if options.only != "agreement":
        scores: dict[str, dict[str, float]] = {}
        for corpus, (paths, y, groups) in read.items():
            cv = StratifiedGroupKFold(6) if corpus == "RAVDESS" else LeaveOneGroupOut()
            for label, X in feature_sets(paths, *tables[corpus]):
                scores.setdefault(label, {})[corpus] = uar(X, y, groups, cv)
        print("\nUAR on unseen speakers, SVC(C=10)              RAVDESS  EMO-DB")
        for label, score in scores.items():
            print(f"{label:46s}  {score['RAVDESS']:.3f}    {score['EMO-DB']:.3f}")
        result["UAR"] = scores
    keep("egemaps", result)


if __name__ == "__main__":
    main()
