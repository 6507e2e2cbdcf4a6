"""
Which features? One at a time, on unseen speakers
=================================================

Studies add one feature after the other by hand and keep what helps. Here scikit-learn's
`GridSearchCV` does it: `incremental_grid` makes the grids, `selection_table` reads the result.
`SequentialGroupSelector` finds an order of its own. Every fold keeps speakers apart: nobody is
trained on and tested on.

Run it on RAVDESS, or leave ``--corpus`` out for the built-in speech::

    python examples/plot_incremental_selection.py --corpus data/ravdess --memory .skser-cache
"""

import argparse
import time

import pandas as pd
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skser import (
    MFCC,
    RMS,
    ZCR,
    Chroma,
    Conv1DClassifier,
    Mel,
    SelectionDisplay,
    SequentialGroupSelector,
    SpectralBandwidth,
    SpectralContrast,
    SpectralFlatness,
    SpectralRolloff,
    Tonnetz,
    incremental_grid,
    load_ravdess,
    make_audio_union,
    make_emotional_speech,
    nested_score,
    prefetch,
    selection_table,
)

parser = argparse.ArgumentParser()
parser.add_argument("--corpus", help="folder of RAVDESS; default: built-in speech")
parser.add_argument("--classifier", choices=["svm", "conv1d"], default="svm")
parser.add_argument("--n-jobs", type=int, default=2)
parser.add_argument("--memory", help="folder that keeps computed features")
parser.add_argument("--output", help="save the curve as this picture")
options = parser.parse_args()

# %%
# The corpus: clips, labels, and who speaks.

corpus = load_ravdess(options.corpus) if options.corpus else make_emotional_speech(random_state=0)
n_folds = min(6, len(set(corpus.groups)))

# %%
# The pipeline. Features are standardised inside the folds, on the training part. With a folder for
# `memory`, a feature of a clip is computed once, for all folds and feature sets.

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
    memory=options.memory,
)
classifier = SVC(C=10) if options.classifier == "svm" else Conv1DClassifier(random_state=0)
pipeline = Pipeline([("features", features), ("scale", StandardScaler()), ("classify", classifier)])

# %%
# The selection: from ZCR and RMS, one feature more in each grid. UAR, the unweighted average
# recall, is scikit-learn's balanced accuracy. `prefetch` reads each clip once for all of it.

add = [name for name, _ in features.transformer_list if name not in ("zcr", "rms")]
search = GridSearchCV(
    pipeline,
    incremental_grid("features", keep=["zcr", "rms"], add=add),
    cv=StratifiedGroupKFold(n_folds),
    scoring="balanced_accuracy",
    n_jobs=options.n_jobs,
    verbose=1,
)
began = time.perf_counter()
if options.memory:
    prefetch(search, corpus.data)
search.fit(corpus.data, corpus.target, groups=corpus.groups)
seconds = time.perf_counter() - began

# %%
# What each feature gained, as a table and as a curve. A gain that the folds cannot tell from luck
# is called noise.

table = selection_table(search).drop(columns="features")
with pd.option_context("display.width", 120):
    print(table.to_string(index=False, float_format="{:.3f}".format))
print(f"{len(corpus.data)} clips, {n_folds} speaker-disjoint folds, {seconds:.0f} s")

display = SelectionDisplay.from_search(search).plot()
if options.output:
    display.figure_.savefig(options.output, dpi=120)

# %%
# Features have parameters of their own: how many MFCC, from frames of what length? The union's
# parameters are searched as any other.

own = {"features__mfcc__n_mfcc": [13, 20, 40], "features__n_fft": [1024, 2048]}
grid = incremental_grid("features", keep=["mfcc"], add=[], **own)
dropped = {f"features__{name}": "drop" for name, _ in features.transformer_list if name != "mfcc"}
inner = StratifiedGroupKFold(min(4, n_folds - 1))
by_frames = GridSearchCV(
    pipeline.set_params(**dropped), grid, cv=inner, scoring="balanced_accuracy"
)
if options.memory:
    prefetch(by_frames, corpus.data)
by_frames.fit(corpus.data, corpus.target, groups=corpus.groups)
scores = pd.DataFrame(by_frames.cv_results_["params"]).assign(
    uar=by_frames.cv_results_["mean_test_score"]
)
print(scores.to_string(index=False, float_format="{:.3f}".format))

# %%
# An order that nobody gave: the best feature first, then the best beside it. Its score comes from
# the folds that it was chosen on. `nested_score` repeats the choice without some speakers, and
# scores it on them: that is the number to report.

few = make_audio_union(ZCR(), RMS(), MFCC(20), SpectralRolloff(), memory=options.memory)
selector = SequentialGroupSelector(
    Pipeline([("features", few), ("scale", StandardScaler()), ("classify", SVC(C=10))]),
    cv=inner,
    scoring="balanced_accuracy",
).fit(corpus.data, corpus.target, groups=corpus.groups)
nested = nested_score(selector, corpus.data, corpus.target, groups=corpus.groups, cv=n_folds)
print("chosen:", ", ".join(selector.groups_))
print(f"UAR of the choice {selector.best_score_:.3f}, nested {nested['score'].mean():.3f}")
