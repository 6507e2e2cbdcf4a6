"""
What is it worth to know the speaker?
=====================================

Emotion is how someone differs from their usual self, and a recogniser that has never heard a person
does not know that self. Here a few sentences of each test speaker are enrolled, without labels, and
their values are standardised by the speaker's own mean and deviation.

Run it on RAVDESS, or leave ``--corpus`` out for the built-in speech::

    python examples/plot_knowing_the_speaker.py --corpus data/ravdess --memory .skser-cache
"""

import argparse

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skser import (
    MFCC,
    SpeakerNormalizer,
    SpectralContrast,
    load_corpus,
    make_audio_union,
    make_emotional_speech,
    uar_score,
    with_speakers,
)

parser = argparse.ArgumentParser()
parser.add_argument("--corpus", help="corpus that tells its speakers; default: built-in speech")
parser.add_argument("--memory", help="folder that keeps computed features")
options = parser.parse_args()

# %%
# Each clip carries its speaker, through any splitter and into ``predict``.

if options.corpus:
    corpus = load_corpus(options.corpus)
else:
    corpus = make_emotional_speech(n_speakers=6, n_per_class=5, random_state=0)
X, y = with_speakers(corpus.data, corpus.groups), corpus.target

# %%
# Two pipelines: one scaler for all speakers, and one for each. With ``unseen="global"`` a speaker
# who was not enrolled is standardised as all training speakers together, so that nothing is known
# of a stranger.

how = {"pooling": ["mean", "std", "p05", "p95"], "deltas": 1}
features = make_audio_union(MFCC(20, **how), SpectralContrast(**how), memory=options.memory)
classifier = SVC(C=10, class_weight="balanced")
plain = make_pipeline(features, StandardScaler(), classifier)
knowing = make_pipeline(SpeakerNormalizer(features, unseen="global"), classifier)

# %%
# In each fold, as many clips of every test speaker are enrolled as are to be known. Ten are drawn
# and put aside; the same other clips are scored every time.

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
# Without enrolment the normalised pipeline does worse than the plain one: it has learnt from values
# relative to each speaker, and those of a stranger are relative to all. A few sentences put it
# ahead.

figure, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
ax.plot(counts, uars, marker="o", label="each speaker standardised")
ax.axhline(stranger, linestyle="--", color="gray", label="one scaler for all")
ax.set(xlabel="unlabelled sentences enrolled", ylabel="UAR", xticks=counts)
ax.legend()
plt.show()

# %%
# The guide's page on speakers has the same curve for RAVDESS and EMO-DB, with more draws.
