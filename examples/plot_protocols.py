"""
Compare a random split with speakers apart
==========================================

A model that was trained on a speaker recognises that speaker's emotions better than those of a new
speaker. A random split puts each speaker on both sides, so its score is too high for new people.
This example scores the same pipeline on a random split, with speakers apart, and with sentences
apart.
"""

import tempfile

from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skser import MFCC, SpectralContrast, make_audio_union, make_emotional_speech

corpus = make_emotional_speech(random_state=0)
how = {"pooling": ["mean", "std", "p05", "p95"], "deltas": 1}
features = make_audio_union(MFCC(20, **how), SpectralContrast(**how), memory=tempfile.mkdtemp())
pipeline = make_pipeline(features, StandardScaler(), SVC(C=10))

# %%
# `check_leakage` counts what appears on both sides of each fold. In a random split, all speakers
# do. `StratifiedGroupKFold` keeps them apart; `check_leakage` passes it the speakers as ``groups``.

from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from skser import check_leakage

print(check_leakage(corpus, StratifiedKFold(5, shuffle=True, random_state=0)).to_string())
print(check_leakage(corpus, StratifiedGroupKFold(5)).to_string())

# %%
# `compare_protocols` scores the pipeline under all three splits.

from skser import compare_protocols

table = compare_protocols(pipeline, corpus, n_jobs=2)
print(table.to_string(float_format="{:.3f}".format))

# %%
# The difference between the first two bars is due to known speakers. The line at the end of a bar
# is the standard deviation over the folds.

import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(6, 2.6), layout="constrained")
ax.barh(table.index, table["uar"], xerr=table["std"], color=["C3", "C0", "C1"])
ax.axvline(1 / len(set(corpus.target)), color="black", linestyle="--")
ax.set(xlabel="UAR (dashed line: chance)", xlim=(0, 1))
ax.invert_yaxis()

# %%
# Report the score with speakers apart. In most corpora, every speaker says the same few sentences,
# so also report the score with sentences apart.
