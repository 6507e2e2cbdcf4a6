"""
Tables for a thesis
===================

A thesis reports scores as mean and standard deviation over the folds, states whether a difference
is significant, and shows the scores of each emotion. This example writes these tables in LaTeX.
"""

import tempfile

from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skser import MFCC, RMS, ZCR, SpectralContrast, make_audio_union, make_emotional_speech

corpus = make_emotional_speech(random_state=0)
how = {"pooling": ["mean", "std"]}
features = make_audio_union(
    ZCR(**how), RMS(**how), MFCC(20, **how), SpectralContrast(**how), memory=tempfile.mkdtemp()
)
pipeline = Pipeline([("features", features), ("scale", StandardScaler()), ("svm", SVC(C=10))])

# %%
# Compare feature sets
# --------------------
#
# The search scores each set on the same five folds, with speakers apart. The p-value is that of the
# corrected t-test of Nadeau and Bengio (2003), which takes into account that the training sets of
# the folds overlap.

from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold

from skser import format_selection_table, incremental_grid, selection_table

grid = incremental_grid("features", keep=["zcr", "rms"], add=["mfcc", "spectralcontrast"])
folds = StratifiedGroupKFold(5)
search = GridSearchCV(pipeline, grid, cv=folds, scoring="balanced_accuracy")
search.fit(corpus.data, corpus.target, groups=corpus.groups)
table = selection_table(search)
format_selection_table(table)

# %%
# This is the same table in LaTeX. It needs ``\usepackage{booktabs}``.

print(format_selection_table(table, escape="latex").to_latex(hrules=True))

# %%
# Compare models
# --------------
#
# The next table compares three classifiers on the same folds. Here, the p-value compares each model
# with the first one.

import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from skser import corrected_t_test

scores = pd.DataFrame()
for name, model in {
    "nearest neighbours": KNeighborsClassifier(5),
    "logistic regression": LogisticRegression(C=0.1),
    "support vectors": SVC(C=10),
}.items():
    scores[name] = cross_val_score(
        pipeline.set_params(svm=model),
        corpus.data,
        corpus.target,
        groups=corpus.groups,
        cv=folds,
        scoring="balanced_accuracy",
    )
first = scores["nearest neighbours"]
models = pd.DataFrame(
    {
        name: {
            "UAR": f"${uar.mean():.3f} \\pm {uar.std(ddof=0):.3f}$",
            "p": f"{corrected_t_test(uar, first, test_train_ratio=1 / 4).pvalue:.3f}",
        }
        for name, uar in scores.items()
    }
).T
models.loc["nearest neighbours", "p"] = "--"
print(models.style.to_latex(hrules=True))

# %%
# A figure shows the scores of the folds. Each dot is a fold, and the line beside the dots shows the
# mean and the standard deviation.

import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(5, 3), layout="constrained")
for place, (_, of_model) in enumerate(scores.items()):
    ax.plot([place] * len(of_model), of_model, "o", color="C0", alpha=0.5)
    ax.errorbar(
        place + 0.15, of_model.mean(), of_model.std(ddof=0), fmt="_", color="black", capsize=4
    )
ax.set(ylabel="UAR", xlim=(-0.5, 2.5))
_ = ax.set_xticks(range(3), scores.columns)

# %%
# Scores of each emotion
# ----------------------
#
# `EmotionReport` has the scores of each emotion and the confusion matrix as data frames. Its
# attribute ``covers`` says what to write beside the UAR: the number of speakers, and what the
# confidence interval covers if there are enough speakers for one.

from sklearn.model_selection import cross_val_predict

from skser import EmotionReport

predicted = cross_val_predict(
    search.best_estimator_, corpus.data, corpus.target, groups=corpus.groups, cv=folds
)
report = EmotionReport.from_predictions(corpus.target, predicted, corpus.groups)
print(f"UAR {report.uar:.3f} ({report.covers})\n")
print(report.ranking[["precision", "recall", "f1", "support"]].style.format(precision=3).to_latex())
