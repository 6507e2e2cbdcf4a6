"""
Enrol new speakers
==================

Emotion shows in how people deviate from the way they usually speak, and a model does not know how a
new speaker usually speaks. This example enrols a few sentences of each new speaker, without labels.
The features of the speaker's clips are then standardised by the speaker's own mean and standard
deviation.
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
# `with_speakers` attaches the speaker to each clip, so that all steps of a pipeline know it.

corpus = make_emotional_speech(n_speakers=6, n_per_class=5, random_state=0)
X, y = with_speakers(corpus.data, corpus.groups), corpus.target

# %%
# One pipeline has a single scaler for all speakers, the other standardises each speaker separately.
# With ``unseen="global"``, clips of a speaker who is not enrolled are standardised by the
# statistics of all training clips, so nothing is known about this speaker.

how = {"pooling": ["mean", "std", "p05", "p95"], "deltas": 1}
features = make_audio_union(MFCC(20, **how), SpectralContrast(**how), memory=tempfile.mkdtemp())
classifier = SVC(C=10, class_weight="balanced")
plain = make_pipeline(features, StandardScaler(), classifier)
knowing = make_pipeline(SpeakerNormalizer(features, unseen="global"), classifier)

# %%
# Ten clips of each test speaker are drawn for enrolment and are never scored. The number of
# enrolled clips grows from 0 to 10, and the other clips are scored again each time.

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
# Without enrolment, the pipeline that standardises each speaker does worse than the plain one: it
# has learnt from values relative to each speaker, but the values of an unknown speaker are relative
# to all speakers. After a few sentences, it does better.

import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
ax.plot(counts, uars, marker="o", label="each speaker standardised")
ax.axhline(stranger, linestyle="--", color="gray", label="one scaler for all")
ax.set(xlabel="unlabelled sentences enrolled", ylabel="UAR", xticks=counts)
_ = ax.legend()

# %%
# The guide shows this curve for RAVDESS and EMO-DB, on the page about speaker normalisation and
# enrolment.
