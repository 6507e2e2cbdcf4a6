"""
Fusion of functionals and a network
===================================

Two models with different inputs make different errors, and together they are often better than
either of them alone. This example fuses a logistic regression on functionals with a network on mel
spectrograms, by averaging their probabilities and by stacking.
"""

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skser import (
    MFCC,
    Conv2DClassifier,
    Mel2D,
    SpectralContrast,
    SpectrogramScaler,
    make_audio_union,
    make_emotional_speech,
    speaker_split,
)

corpus = make_emotional_speech(random_state=0)
train, test = speaker_split(corpus, test_size=3, random_state=0)
X_train, y_train = corpus.data[train], corpus.target[train]
X_test, y_test = corpus.data[test], corpus.target[test]

# %%
# Each model is a pipeline of its own, from clips to probabilities.

union = make_audio_union(MFCC(20, pooling=["mean", "std"]), SpectralContrast())
functionals = make_pipeline(union, StandardScaler(), LogisticRegression(C=0.1))
network = make_pipeline(
    Mel2D(40, duration=1.5, hop_length=1024),
    SpectrogramScaler(),
    Conv2DClassifier("image-three-dense", epochs=15, batch_size=16, random_state=0),
)
models = {"functionals": functionals, "network": network}

# %%
# `VotingClassifier` averages the probabilities. `StackingClassifier` learns how much to trust each
# model, from predictions for clips that the models were not trained on. It cannot pass groups to a
# splitter, so the splits that keep speakers apart are made beforehand.

from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.model_selection import GroupKFold

apart = list(GroupKFold(2).split(X_train, groups=corpus.groups[train]))
models["average"] = VotingClassifier([*models.items()], voting="soft")
models["stack"] = StackingClassifier(
    [("functionals", functionals), ("network", network)], LogisticRegression(), cv=apart
)

# %%
# All four models are scored on three speakers whom none of them has heard.

from skser import uar_score

for name, model in models.items():
    uar = uar_score(y_test, model.fit(X_train, y_train).predict(X_test))
    print(f"{name:12} UAR {uar:.3f}")

# %%
# Each dot is a test clip. Its coordinates are the probabilities that the two models give its true
# class. They are high for the network only in the upper left, and for the functionals only in the
# lower right.

import matplotlib.pyplot as plt
import numpy as np

column = np.searchsorted(functionals.classes_, y_test)
rows = np.arange(len(y_test))
true = {name: models[name].predict_proba(X_test)[rows, column] for name in models}
right = models["average"].predict(X_test) == y_test
figure, ax = plt.subplots(figsize=(4.5, 4), layout="constrained")
for chosen, colour, label in [(right, "C0", "average is right"), (~right, "C3", "wrong")]:
    ax.scatter(true["functionals"][chosen], true["network"][chosen], color=colour, label=label)
ax.set(xlabel="probability by functionals", ylabel="probability by the network")
ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
_ = figure.legend(loc="outside upper center", ncols=2)
