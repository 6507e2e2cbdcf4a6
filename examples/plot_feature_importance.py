"""
How much does a model depend on each feature?
=============================================

This example fits a model and measures how much of its score depends on each feature. The values of
one feature are permuted between test clips, so that they carry no information about the clip that
gets them. The drop in the score is the importance of the feature.
"""

from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skser import (
    MFCC,
    RMS,
    ZCR,
    Chroma,
    SpectralContrast,
    make_audio_union,
    make_emotional_speech,
    speaker_split,
)

# %%
# The model is fitted on two thirds of the speakers. The importance is measured on the others.

corpus = make_emotional_speech(random_state=0)
train, test = speaker_split(corpus, test_size=1 / 3, random_state=0)
how = {"pooling": ["mean", "std"]}
features = [ZCR(**how), RMS(**how), MFCC(20, **how), Chroma(**how), SpectralContrast(**how)]
model = make_pipeline(make_audio_union(*features), StandardScaler(), SVC(C=10))
model.fit(corpus.data[train], corpus.target[train])

# %%
# First, values are permuted between all clips, and then only between clips of the same speaker. In
# the second case, the feature still tells speakers apart, so the drop in the score measures only
# the information beyond that.

from skser import group_importance, uar_scorer

X, y, speakers = corpus.data[test], corpus.target[test], corpus.groups[test]
how = {"scoring": uar_scorer, "n_repeats": 20, "random_state": 0}
across = group_importance(model, X, y, **how)
within = group_importance(model, X, y, groups=speakers, within="speaker", **how)
print(f"UAR {across.baseline_score:.3f}")
table = across.table.assign(within_speakers=within.table["importance"])
print(table.to_string(float_format="{:.3f}".format))

# %%
# A bar is the mean over the permutations, and a dot is one of them.

from skser import GroupImportanceDisplay

_ = GroupImportanceDisplay.from_importance(across).plot()

# %%
# Two features with the same information share their importance, because the model still has the
# other one. How much the score drops if a model is trained without a feature is a different
# question: ``SequentialGroupSelector(direction="backward")`` answers it.
