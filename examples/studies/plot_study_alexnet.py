"""
Study: AlexNet on mel spectrograms (CREMA-D)
============================================

An unpublished notebook on CREMA-D trains two large networks on clips and on copies with noise or
shifted pitch: one on a sequence of 2162 values, and an AlexNet of 36 million parameters on mel
spectrograms of 128 bands and 188 frames. It scores them on a random 70/30 split. This example
repeats its experiments, and then scores the better network on speakers that do not appear in
training::

    python examples/studies/plot_study_alexnet.py --corpus crema_d:DIR --coarse 1 --epochs 30

This command uses the sizes of the study, which take days on two cores. By default, the example runs
on the built-in speech, with few epochs, and with frames and bands that are eight times as coarse.
This shows how the code works; the scores mean little.
"""

import argparse

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skser import (
    MFCC,
    RMS,
    ZCR,
    AddNoise,
    Audio,
    AugmentedClassifier,
    Conv1DClassifier,
    Conv2DClassifier,
    HistoryDisplay,
    LoadAudio,
    Mel2D,
    OneOf,
    PitchShift,
    SpectrogramDisplay,
    SpectrogramScaler,
    load_corpus,
    make_audio_union,
    speaker_split,
)

parser = argparse.ArgumentParser()
parser.add_argument("--corpus", default="synthetic", help="NAME:PATH, a folder or a table")
parser.add_argument("--epochs", type=int, default=2, help="the study: 30")
parser.add_argument("--coarse", type=int, default=8, help="divides frames and bands; the study: 1")
parser.add_argument("--n-jobs", type=int, default=1, help="processes that make copies")
parser.add_argument("--memory", help="folder that keeps computed features")
options = parser.parse_args()
corpus = load_corpus(options.corpus)
clips = LoadAudio(sr=22050).fit_transform(corpus.data)

# %%
# The inputs of the networks. The study reports only their sizes: 2162 values are the mean ZCR, the
# mean RMS and 20 MFCC in each of the 108 frames of 2.5 s; 188 frames are 4.35 s.

hop = 512 * options.coarse
frames = {"hop_length": hop, "n_fft": max(2048, hop)}
mfcc = MFCC(20, pooling=None)
sequence = make_audio_union(ZCR(), RMS(), mfcc, duration=2.5, memory=options.memory, **frames)
image = Mel2D(128 // options.coarse, duration=4.35, **frames)

# %%
# The networks, and the augmentation of the training clips. The learning rate is halved if the loss
# reaches a plateau on a tenth of the training clips, which `AugmentedClassifier` holds out together
# with their copies.

how = {"epochs": options.epochs, "validation_split": 0.1, "reduce_lr": (0.5, 3), "random_state": 0}
augment = OneOf([AddNoise(amplitude=(0, 0.035)), PitchShift((-2, 2))])
networks = {
    "sequence512": (sequence, StandardScaler(), Conv1DClassifier("sequence512", **how)),
    "alexnet": (image, SpectrogramScaler(), Conv2DClassifier("alexnet", **how)),
}
models = {
    name: AugmentedClassifier(make_pipeline(*steps), augment, random_state=0, n_jobs=options.n_jobs)
    for name, steps in networks.items()
}

# %%
# A clip, and two of the copies that are drawn for it.

figure, axes = plt.subplots(1, 3, figsize=(9, 2.6), sharey=True, layout="constrained")
noisy, higher = AddNoise(amplitude=0.035, random_state=0), PitchShift(2)
for ax, change in zip(axes, [None, noisy, higher], strict=True):
    copy = clips[0] if change is None else Audio(change(clips[0].y, 22050), 22050)
    SpectrogramDisplay.from_item(copy).plot(ax, colorbar=False, vmin=-60, vmax=20)
    ax.set(title=type(change).__name__ if change else "clip", xlabel="", ylabel="")

# %%
# The networks are scored on the study's random 70/30 split, in which every speaker is on both
# sides. A speaker-independent split is made for later.

train, test = train_test_split(range(len(clips)), test_size=0.3, random_state=0)
train_apart, test_apart = speaker_split(corpus, test_size=0.3, random_state=0)
table = pd.DataFrame({"reported": {"sequence512": 0.48, "alexnet": 0.61}})
for name, model in models.items():
    model.fit(clips[train], corpus.target[train])
    HistoryDisplay.from_estimator(model).plot().figure_.suptitle(name)
    table.loc[name, "parameters"] = model.estimator_[-1].n_parameters_
    table.loc[name, "at random"] = model.score(clips[test], corpus.target[test])

# %%
# The better network, chosen on the test clips as in the study, is retrained on a
# speaker-independent split. Validation speakers are kept apart, too.

best = table["at random"].idxmax()
train, test = train_apart, test_apart
model = clone(models[best]).fit(clips[train], corpus.target[train], groups=corpus.groups[train])
table.loc[best, "speakers apart"] = model.score(clips[test], corpus.target[test])
table["parameters"] = table["parameters"].astype(int)
print(table.to_string(float_format="{:.3f}".format, na_rep=""))
