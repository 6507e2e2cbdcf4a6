"""
Study: fusion of mel and MFCC images (CREMA-D)
==============================================

An unpublished notebook on CREMA-D trains a network on mel spectrograms averaged over time, one on
mel images, one on MFCC images, and a fourth on the concatenated last hidden layers of the latter
two. It adds noisy copies of all clips before it splits them at random, so for most test clips, the
other copy is in the training set. This example repeats its experiments, and then scores the best
network without copies of test clips in the training set, and on new speakers::

    python examples/studies/plot_study_fusion.py --corpus crema_d:DIR --coarse 1 --epochs 50

The study does not report the number of epochs. By default, the example runs on the built-in speech,
with few epochs, and with frames and bands that are four times as coarse. This shows how the code
works; the scores mean little.
"""

import argparse

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler

from skser import (
    MFCC2D,
    AddNoise,
    AugmentedClassifier,
    Conv1DClassifier,
    Conv2DClassifier,
    DenseClassifier,
    LoadAudio,
    Mel,
    Mel2D,
    SpectrogramScaler,
    load_corpus,
    speaker_split,
)

parser = argparse.ArgumentParser()
parser.add_argument("--corpus", default="synthetic", help="NAME:PATH, a folder or a table")
parser.add_argument("--epochs", type=int, default=3, help="of each network")
parser.add_argument("--coarse", type=int, default=4, help="divides frames and bands; the study: 1")
parser.add_argument("--n-jobs", type=int, default=1, help="processes that train in the folds")
parser.add_argument(
    "--splits",
    nargs="+",
    choices=["clips at random", "speakers apart"],
    default=["clips at random", "speakers apart"],
    help="splits that the best network is retrained on",
)
options = parser.parse_args()
corpus = load_corpus(options.corpus)
clips = LoadAudio(sr=22050).fit_transform(corpus.data)

# %%
# The networks. With the hop of the study, the images for `dropout3` have 63 frames for 2.9 s. The
# fusion trains its two parts separately, and then a dense network on the inputs of their last
# layers.

hop = 1024 * options.coarse
frames = {"duration": 2.9, "hop_length": hop, "n_fft": max(2048, hop)}
how = {"epochs": options.epochs, "random_state": 0}
images = {"mel": Mel2D(128 // options.coarse, **frames), "MFCC": MFCC2D(20, **frames)}
parts = {
    f"dropout3 on {name}": make_pipeline(
        image, SpectrogramScaler(), Conv2DClassifier("dropout3", **how)
    )
    for name, image in images.items()
}
models = {
    "melmean": make_pipeline(Mel(128), StandardScaler(), Conv1DClassifier("melmean", **how)),
    **parts,
    "fusion": make_pipeline(FeatureUnion([*parts.items()]), DenseClassifier(**how)),
}

# %%
# The two images of one clip, which are the inputs of the two networks in the fusion.

figure, axes = plt.subplots(1, 2, figsize=(7, 2.8), layout="constrained")
for ax, (name, image) in zip(axes, images.items(), strict=True):
    ax.imshow(image.fit_transform(clips[:1])[0], aspect="auto", origin="lower")
    ax.set(title=name, xlabel="frame", ylabel="coefficient" if name == "MFCC" else "band")

# %%
# The first split is the study's random 80/20 split of clips and copies. In the other two, only
# training clips are copied; the last one also keeps speakers apart.

noise = AddNoise(amplitude=(0, 0.035), random_state=0)
X, y = noise.fit_resample(clips, corpus.target)
train, test = train_test_split(np.arange(len(X)), test_size=0.2, random_state=0)
splits = {
    "clips at random": train_test_split(np.arange(len(clips)), test_size=0.2, random_state=0),
    "speakers apart": speaker_split(corpus, test_size=0.2, random_state=0),
}
seen = np.isin((test + len(clips)) % len(X), train).mean()
print(f"For {seen:.0%} of the test clips, the other copy is in the training set.\n")

reported = {"melmean": ".61 to .64", "dropout3 on mel": ".82", "dropout3 on MFCC": ".78"}
table = pd.DataFrame({"reported": reported | {"fusion": ".84"}})
for name in ("melmean", "fusion"):
    models[name].fit(X[train], y[train])
for name, model in models.items():
    table.loc[name, "copies at random"] = model.score(X[test], y[test])

# %%
# The best network, chosen on the test clips as in the study, is retrained on the other splits.

best = table["copies at random"].idxmax()
model = AugmentedClassifier(models[best], noise, random_state=0)
how = {"cv": [splits[name] for name in options.splits], "n_jobs": options.n_jobs}
table.loc[best, options.splits] = cross_val_score(model, clips, corpus.target, **how)
print(table.to_string(float_format="{:.3f}".format, na_rep=""))
