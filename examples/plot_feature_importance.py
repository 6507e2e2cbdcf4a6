"""
What is a feature worth to a model?
===================================

A fitted model is asked again about speakers it has not heard, each time with one feature exchanged
between clips: all of its columns together, so that it tells nothing of the clip it is now in. What
the score loses is what the feature is worth to this model.

Run it on RAVDESS, or leave ``--corpus`` out for the built-in speech::

    python examples/plot_feature_importance.py --corpus data/ravdess --memory .skser-cache
"""

import argparse

import matplotlib.pyplot as plt
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skser import (
    MFCC,
    RMS,
    ZCR,
    Chroma,
    GroupImportanceDisplay,
    SpectralContrast,
    group_importance,
    load_corpus,
    make_audio_union,
    make_emotional_speech,
    speaker_split,
    uar_scorer,
)

parser = argparse.ArgumentParser()
parser.add_argument("--corpus", help="corpus that tells its speakers; default: built-in speech")
parser.add_argument("--memory", help="folder that keeps computed features")
options = parser.parse_args()

# %%
# The model is fitted on some speakers. The others are left for the question.

corpus = load_corpus(options.corpus) if options.corpus else make_emotional_speech(random_state=0)
train, test = speaker_split(corpus, test_size=1 / 3, random_state=0)
X, y, speakers = corpus.data[test], corpus.target[test], corpus.groups[test]
how = {"pooling": ["mean", "std"]}
features = [ZCR(**how), RMS(**how), MFCC(20, **how), Chroma(**how), SpectralContrast(**how)]
union = make_audio_union(*features, memory=options.memory)
model = make_pipeline(union, StandardScaler(), SVC(C=10))
model.fit(corpus.data[train], corpus.target[train])

# %%
# Exchanged between all clips, and between the clips of each speaker only: then what a feature tells
# of the speaker stays where it was, and what is lost is what it tells beyond that.

measured = {"scoring": uar_scorer, "n_repeats": 20, "random_state": 0}
across = group_importance(model, X, y, **measured)
within = group_importance(model, X, y, groups=speakers, within="speaker", **measured)
print(f"UAR {across.baseline_score:.3f}")
table = across.table.assign(within_speakers=within.table["importance"])
print(table.to_string(float_format="{:.3f}".format))

# %%
# A bar is the mean over the exchanges, a dot one of them.

GroupImportanceDisplay.from_importance(across).plot()
plt.show()

# %%
# Features that tell the same share their worth: each may look like little, because the other one is
# still there. What a model loses that is trained without a feature is another question, and
# ``SequentialGroupSelector`` with ``direction="backward"`` answers it.
