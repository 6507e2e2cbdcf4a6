"""
Add features one by one
=======================

Studies often add one feature after the other and keep those that help. This example does so with
scikit-learn's `GridSearchCV`: `incremental_grid` makes the grid, and `selection_table` reads the
result. All folds keep speakers apart.
"""

import tempfile

from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skser import (
    MFCC,
    RMS,
    ZCR,
    Chroma,
    Mel,
    SpectralBandwidth,
    SpectralContrast,
    SpectralFlatness,
    SpectralRolloff,
    Tonnetz,
    make_audio_union,
    make_emotional_speech,
)

corpus = make_emotional_speech(random_state=0)

# %%
# The union holds all candidates. Because it has a folder for `memory`, each feature of a clip is
# computed once for all folds and feature sets.

features = make_audio_union(
    ZCR(),
    RMS(),
    MFCC(20),
    Chroma(),
    SpectralRolloff(),
    Tonnetz(),
    SpectralContrast(),
    SpectralFlatness(),
    SpectralBandwidth(),
    Mel(),
    memory=tempfile.mkdtemp(),
)
pipeline = Pipeline([("features", features), ("scale", StandardScaler()), ("svm", SVC(C=10))])

# %%
# The first set is ZCR and RMS, and each of the following sets has one more feature. The score is
# the UAR (unweighted average recall), which scikit-learn calls balanced accuracy. `prefetch` reads
# each clip once for the whole search.

from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold

from skser import incremental_grid, prefetch

candidates = [name for name, _ in features.transformer_list if name not in ("zcr", "rms")]
grid = incremental_grid("features", keep=["zcr", "rms"], add=candidates)
n_folds = min(6, len(set(corpus.groups)))
search = GridSearchCV(
    pipeline, grid, cv=StratifiedGroupKFold(n_folds), scoring="balanced_accuracy", n_jobs=2
)
prefetch(search, corpus.data)
search.fit(corpus.data, corpus.target, groups=corpus.groups)

# %%
# The table shows how much each feature has gained. The verdict is "noise" if the gain cannot be
# distinguished from chance with these folds.

from skser import selection_table

columns = ["added", "mean_test_score", "std_test_score", "gain_score", "p_score", "verdict_score"]
print(selection_table(search)[columns].to_string(index=False, float_format="{:.3f}".format))

# %%
# The curve shows the same scores. A bar is the standard deviation over the folds.

from skser import SelectionDisplay

_ = SelectionDisplay.from_search(search).plot()

# %%
# Two things can be improved. The order of the features was given: `SequentialGroupSelector` finds
# an order by itself. And the best set was chosen on the same folds that score it, so its score is
# too high: `nested_score` repeats the choice without some of the speakers, and scores it on them.
# Report this score.

from skser import SequentialGroupSelector, nested_score

few = make_audio_union(ZCR(), RMS(), MFCC(20), SpectralRolloff(), memory=features.memory)
selector = SequentialGroupSelector(
    pipeline.set_params(features=few), cv=StratifiedGroupKFold(4), scoring="balanced_accuracy"
)
selector.fit(corpus.data, corpus.target, groups=corpus.groups)
nested = nested_score(selector, corpus.data, corpus.target, groups=corpus.groups, cv=n_folds)
print("chosen:", ", ".join(selector.groups_))
print(f"UAR of the choice {selector.best_score_:.3f}, nested {nested['score'].mean():.3f}")

# %%
# Features have parameters of their own, such as the number of MFCC, and the union has the length of
# a frame, `n_fft`. The names of these parameters in a grid consist of the step, the feature and the
# parameter. The same caution applies: the best of four settings is partly luck, so each outer fold
# of `nested_score` chooses anew, without the speakers on whom it is scored.

grid = {"features__mfcc__n_mfcc": [10, 20], "features__n_fft": [1024, 2048]}
search = GridSearchCV(pipeline, grid, cv=StratifiedGroupKFold(4), scoring="balanced_accuracy")
prefetch(search, corpus.data)
search.fit(corpus.data, corpus.target, groups=corpus.groups)
nested = nested_score(search, corpus.data, corpus.target, groups=corpus.groups, cv=n_folds)
print("chosen:", search.best_params_)
print(f"UAR of the choice {search.best_score_:.3f}, nested {nested['score'].mean():.3f}")

# %%
# If the outer folds choose different settings, the data cannot tell which one is best.

import pandas as pd

pd.DataFrame(nested["chosen"].tolist(), index=nested.index)
