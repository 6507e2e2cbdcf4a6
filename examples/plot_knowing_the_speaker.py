"""
Knowing the speaker
===================

Emotion is how people differ from their usual self, and a model does not know the usual self of a
stranger. This example enrols a few sentences of each new speaker, without labels. The values of the
speaker's clips are then standardised by the speaker's own mean and deviation.
"""

import tempfile

from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skser import (
    MFCC,
    SpeakerNormalizer,
    SpectralContrast,
    make_audio_union,
    make_emotional_speech,
    with_speakers,
)

# %%
# `with_speakers` notes on each clip who speaks, for all steps of a pipeline.

corpus = make_emotional_speech(n_speakers=6, n_per_class=5, random_state=0)
X, y = with_speakers(corpus.data, corpus.groups), corpus.target

# %%
# One pipeline has the same scaler for all speakers, the other a scaler for each speaker. With
# ``unseen="global"``, a speaker who is not enrolled is standardised by the statistics of all
# training clips, so nothing is known of a stranger.

how = {"pooling": ["mean", "std", "p05", "p95"], "deltas": 1}
features = make_audio_union(MFCC(20, **how), SpectralContrast(**how), memory=tempfile.mkdtemp())
classifier = SVC(C=10, class_weight="balanced")
plain = make_pipeline(features, StandardScaler(), classifier)
knowing = make_pipeline(SpeakerNormalizer(features, unseen="global"), classifier)

# %%
# Ten clips of each test speaker are drawn for enrolment and are never scored. The number of clips
# that are enrolled grows, and the other clips are scored again each time.

import numpy as np
from sklearn.model_selection import GroupKFold

from skser import uar_score

counts = [0, 1, 2, 5, 10]
n_aside = counts[-1]
rng = np.random.default_rng(0)
scores = {count: [] for count in counts}
without = []
for train, test in GroupKFold(3).split(X, y, corpus.groups):
    speakers = [test[corpus.groups[test] == who] for who in np.unique(corpus.groups[test])]
    orders = [rng.permutation(clips) for clips in speakers]
    scored = np.concatenate([order[n_aside:] for order in orders])
    knowing.fit(X[train], y[train])
    n_known = 0
    for count in counts:
        if count:
            knowing[0].enroll(X[np.concatenate([order[n_known:count] for order in orders])])
        scores[count].append(uar_score(y[scored], knowing.predict(X[scored])))
        n_known = count
    without.append(uar_score(y[scored], plain.fit(X[train], y[train]).predict(X[scored])))

uars = [np.mean(scores[count]) for count in counts]
stranger = np.mean(without)
for count, uar in zip(counts, uars, strict=True):
    print(f"{count:2d} sentences of a new speaker: UAR {uar:.3f}")
print(f"one scaler for all: UAR {stranger:.3f}")
print(f"Ten sentences of a new speaker are worth {uars[-1] - stranger:+.3f} of UAR.")

# %%
# Without enrolment, the pipeline with a scaler for each speaker does worse than the plain one: it
# has learnt from values relative to the speaker, and those of a stranger are relative to all. A few
# sentences put it ahead.

import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
ax.plot(counts, uars, marker="o", label="each speaker standardised")
ax.axhline(stranger, linestyle="--", color="gray", label="one scaler for all")
ax.set(xlabel="unlabelled sentences enrolled", ylabel="UAR", xticks=counts)
_ = ax.legend()

# %%
# The guide has this curve for RAVDESS and EMO-DB, on its page about knowing the speaker.
