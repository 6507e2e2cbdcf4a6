"""Pitch, jitter, shimmer and harmonics-to-noise ratio of a clip, beside Praat's.

100 clips of RAVDESS and EMO-DB, of the half of the speakers on which no constant was chosen
(actors 13 to 24; speakers 12 to 16); `--half chosen` is the other half. The value of a clip is
the median F0, and the mean of the others, over voiced frames. The peer is installed apart:
``pip install -r benchmarks/requirements.txt``. Run: ``python benchmarks/bench_voice_praat.py``.
"""

from __future__ import annotations

import argparse
from typing import Any

from _common import keep, ravdess_folder

import numpy as np  # isort: skip

from skser import LoadAudio, load_emo_db, load_ravdess  # isort: skip
from skser.analysis._harmonicity import harmonics_to_noise  # isort: skip
from skser.analysis._long_spectra import LongSpectra  # isort: skip
from skser.analysis._perturbation import jitter_and_shimmer  # isort: skip
from skser.analysis._pitch import track_pitch  # isort: skip

SR, HOP = 16000, 160
FLOOR, CEILING = 75, 600
CHOSEN_ON = {"ravdess": {f"{i:02d}" for i in range(1, 13)}, "emodb": {"03", "08", "09", "10", "11"}}
VALUES = "F0", "jitter", "shimmer", "HNR"
TARGETS = 0.96, 0.70, 0.60, 0.75


def ours(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    frames = LongSpectra(y, SR, HOP)
    f0 = track_pitch(frames).f0
    if np.isnan(f0).all():
        return np.full(4, np.nan), f0
    jitter, shimmer = jitter_and_shimmer(frames, f0)
    hnr = harmonics_to_noise(frames, f0)
    values = np.nanmedian(f0), np.nanmean(jitter), np.nanmean(shimmer), np.nanmean(hnr)
    return np.array(values), f0


def praats(y: np.ndarray, n_frames: int) -> tuple[np.ndarray, np.ndarray]:
    import parselmouth
    from parselmouth.praat import call

    sound = parselmouth.Sound(y.astype(np.float64), SR)
    pitch = sound.to_pitch_ac(time_step=HOP / SR, pitch_floor=FLOOR, pitch_ceiling=CEILING)
    f0 = pitch.selected_array["frequency"]
    pulses = call([sound, pitch], "To PointProcess (cc)")
    limits = (0, 0, 0.0001, 0.02, 1.3)
    harmonicity = sound.to_harmonicity_cc(time_step=HOP / SR, minimum_pitch=FLOOR).values
    values = (
        np.median(f0[f0 > 0]) if (f0 > 0).any() else np.nan,
        call(pulses, "Get jitter (local)", *limits),
        call([sound, pulses], "Get shimmer (local_dB)", *limits, 1.6),
        harmonicity[harmonicity > -199].mean() if (harmonicity > -199).any() else np.nan,
    )
    nearest = np.interp(np.arange(n_frames) * HOP / SR, pitch.xs(), np.arange(len(f0)))
    at_frames = f0[np.rint(nearest).astype(int)]
    return np.array(values), np.where(at_frames > 0, at_frames, np.nan)


def chosen_clips(half: str, n_clips: int) -> list[Any]:
    folder = ravdess_folder()
    if folder is None or not (folder.parent / "emodb").is_dir():
        raise SystemExit("no RAVDESS and EMO-DB: set SKSER_DATA to the folder that holds them")
    result = []
    for name, corpus in (
        ("ravdess", load_ravdess(folder)),
        ("emodb", load_emo_db(folder.parent / "emodb")),
    ):
        inside = np.isin(corpus.groups.astype(str), list(CHOSEN_ON[name])) == (half == "chosen")
        data = corpus.data[inside]
        result += list(data[np.linspace(0, len(data) - 1, n_clips // 2).astype(int)])
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--half", choices=["chosen", "other"], default="other")
    arguments = parser.parse_args()
    try:
        import parselmouth  # noqa: F401
    except ImportError:
        raise SystemExit("praat-parselmouth is not installed; see the first lines") from None

    paths = chosen_clips(arguments.half, arguments.clips)
    table, extra, missed, gross, both, frames = [], 0, 0, 0, 0, 0
    for sound in LoadAudio(sr=SR).transform(paths):
        own, f0 = ours(sound.y)
        theirs, reference = praats(sound.y, len(f0))
        table.append((own, theirs))
        voiced, theirs_voiced = ~np.isnan(f0), ~np.isnan(reference)
        extra += np.sum(voiced & ~theirs_voiced)
        missed += np.sum(theirs_voiced & ~voiced)
        agreed = voiced & theirs_voiced
        gross += np.sum(np.abs(f0[agreed] / reference[agreed] - 1) > 0.2)
        both += agreed.sum()
        frames += len(f0)
    values = np.array(table)
    result = {}
    print(f"{len(paths)} clips, speakers: {arguments.half}")
    print("          r   RAVDESS  EMO-DB   wanted   medians: ours, Praat's")
    for i, (name, target) in enumerate(zip(VALUES, TARGETS, strict=True)):
        pairs = values[:, :, i]
        there = ~np.isnan(pairs).any(axis=1)
        half = np.arange(len(pairs)) < len(pairs) // 2
        r = [np.corrcoef(pairs[there & part].T)[0, 1] for part in (half | ~half, half, ~half)]
        ours_median, theirs_median = np.nanmedian(pairs, axis=0)
        result[name] = {"r": r[0], "r_ravdess": r[1], "r_emodb": r[2], "clips": int(there.sum())}
        print(
            f"{name:8s} {r[0]:.3f}  {r[1]:.3f}   {r[2]:.3f}    {target:.2f}     "
            f"{ours_median:.4g}, {theirs_median:.4g}"
        )
    shares = {"only_ours": extra / frames, "only_praat": missed / frames, "gross": gross / both}
    print("frames voiced for us alone {:.3f}, for Praat alone {:.3f}".format(*shares.values()))
    print(f"F0 of frames voiced for both more than 20 % apart {shares['gross']:.3f}")
    keep("voice_praat", {"speakers": arguments.half, "values": result, "frames": shares})


if __name__ == "__main__":
    main()
