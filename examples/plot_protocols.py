"""
How much of a score is knowing the speaker?
===========================================

The same pipeline is scored three ways: on a random split, on speakers it has not heard, and on
sentences it has not heard. How far the first lies above the second is no recognition of emotion.

Run it on RAVDESS, or leave ``--corpus`` out for the built-in speech::

    python examples/plot_protocols.py --corpus data/ravdess --memory .skser-cache
"""

import argparse

from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skser import (
    MFCC,
    SpectralContrast,
    check_leakage,
    compare_protocols,
    describe_corpus,
    load_ravdess,
    make_audio_union,
    make_emotional_speech,
)

parser = argparse.ArgumentParser()
parser.add_argument("--corpus", help="folder of RAVDESS; default: built-in speech")
parser.add_argument("--memory", help="folder that keeps computed features")
parser.add_argument("--n-jobs", type=int, default=2)
options = parser.parse_args()

# %%
# The corpus, and what is odd about it: identical clips, classes that duration gives away.

corpus = load_ravdess(options.corpus) if options.corpus else make_emotional_speech(random_state=0)
print(describe_corpus(corpus).to_string(), "\n")

# %%
# What is on both sides of a split. Sentences are shared in either: every speaker says them all.

for name, splitter in [
    ("random", StratifiedKFold(5, shuffle=True, random_state=0)),
    ("speakers apart", StratifiedGroupKFold(5)),
]:
    print(name, check_leakage(corpus, splitter).to_string(), sep="\n", end="\n\n")

# %%
# Functionals of MFCC and spectral contrast, a support-vector machine, and the three protocols.

how = {"pooling": ["mean", "std", "p05", "p95"], "deltas": 1}
features = make_audio_union(MFCC(20, **how), SpectralContrast(**how), memory=options.memory)
pipeline = make_pipeline(features, StandardScaler(), SVC(C=10))
table = compare_protocols(pipeline, corpus, n_jobs=options.n_jobs)
print(table.to_string(float_format="{:.3f}".format))
