r"""
Study: spectrograms as pictures (EmoV-DB)
=========================================

An unpublished notebook on EmoV-DB cuts clips into pieces of 2 s, draws the mel spectrogram of each
as a picture of 64 x 64 pixels, and trains six networks for 1 to 25 epochs. It splits the pieces at
random, so that pieces of the same clip are on both sides. This example repeats its experiments, and
then scores the best network on new clips, and on new speakers::

    python examples/studies/plot_study_images.py \
        --corpus emov_db:DIR --epochs 10 --window 2 --pixels 64

By default, the example runs on the built-in speech, whose clips last 1 to 2 s, with fewer epochs,
shorter pieces and smaller pictures. This shows how the code works; the scores mean little.
"""

import argparse
import pickle

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import ShuffleSplit, StratifiedGroupKFold, cross_validate
from sklearn.pipeline import make_pipeline

import skser
from skser import AddNoise, AugmentedClassifier, Conv2DClassifier, PitchShift, TimeStretch

parser = argparse.ArgumentParser()
parser.add_argument("--corpus", default="synthetic", help="NAME:PATH, a folder or a table")
parser.add_argument("--epochs", type=int, default=2, help="the study's best network: 10")
parser.add_argument("--window", type=float, default=1.0, help="seconds of a piece; the study: 2")
parser.add_argument("--pixels", type=int, default=48, help="of a picture's side; the study: 64")
parser.add_argument("--folds", type=int, default=2, help="speaker-disjoint, for the best network")
parser.add_argument("--n-jobs", type=int, default=1, help="processes that train in the folds")
options = parser.parse_args()

# %%
# The corpus is shown as a table and as a plot. The silence at the ends of its clips is removed.

corpus = skser.load_corpus(options.corpus)
print(corpus.frame[["path", "speaker", "sex", "emotion"]].head(), end="\n\n")
skser.CorpusDisplay.from_corpus(corpus).plot()
prepare = make_pipeline(skser.LoadAudio(sr=16000), skser.TrimSilence(top_db=30))
clips = prepare.fit_transform(corpus.data)

# %%
# In the study, clips are cut first, and then 75 % of the pieces are drawn at random for training.
# `apart` holds speaker-independent folds for later.

n = int(options.window * 16000)
starts = [np.arange(0, max(1, len(clip.y) - n // 2), n) for clip in clips]
of_clip = np.repeat(np.arange(len(clips)), [len(of_one) for of_one in starts])
places = zip(of_clip, np.concatenate(starts), strict=True)
pieces = skser.as_items([skser.Audio(clips[i].y[start : start + n], 16000) for i, start in places])
split = ShuffleSplit(1, test_size=0.25, random_state=0)
train, test = next(split.split(pieces))
apart = [*StratifiedGroupKFold(options.folds).split(clips, corpus.target, corpus.groups)]
shared = np.isin(of_clip[test], of_clip[train]).mean()
print(f"{shared:.0%} of the test pieces come from a clip with pieces in the training set.\n")

# %%
# A piece of each emotion as a picture, with the lowest frequencies at the bottom.

# sphinx_gallery_thumbnail_number = 2
picture, labels = skser.MelImage(options.pixels, options.pixels, sr=16000), corpus.target[of_clip]
emotions, first = np.unique(labels, return_index=True)
figure, axes = plt.subplots(1, len(emotions), figsize=(9, 2.2), layout="constrained")
for ax, emotion, pixels in zip(axes, emotions, picture.fit_transform(pieces[first]), strict=True):
    ax.imshow(pixels)
    ax.set(title=emotion, xticks=[], yticks=[])

# %%
# The six networks, trained on the pieces and on augmented copies of them. A tenth of the pictures
# is held out at random, as in the study.

changes = [AddNoise(amplitude=(0, 0.015)), TimeStretch((0.9, 1.1)), PitchShift((-0.15, 0.15))]
augment = skser.Compose(changes, random_state=0)
X_train, y_train = augment.fit_resample(pieces[train], labels[train])
X_train, X_test = picture.fit_transform(X_train), picture.transform(pieces[test])
how = {"epochs": options.epochs, "batch_size": 45, "validation_split": 0.1, "random_state": 0}
own = {"image-linear": {"epochs": 1}, "image-two-k5": {"batch_size": 125}}
reported = {"accuracy": {"image-three-dense": 0.737}, "F1": {"image-three-dense": ".59 to .84"}}
names = ["linear", "two", "two-k5", "three", "three-dense", "four-dense"]
table = pd.DataFrame(reported, index=["image-" + name for name in names]).add_prefix("reported ")
networks = {name: Conv2DClassifier(name, **how | own.get(name, {})) for name in table.index}
for name, network in networks.items():
    predicted = network.fit(X_train, y_train).predict(X_test)
    f1 = f1_score(labels[test], predicted, average=None)
    table.loc[name, "F1 of a class"] = f"{f1.min():.2f} to {f1.max():.2f}"
    table.loc[name, "pieces at random"] = accuracy_score(labels[test], predicted)

# %%
# The best network is chosen on the test pieces, as in the study. It is then retrained with splits
# that are made before the clips are cut: with clips drawn at random, and with speakers kept apart.
# The label of a clip is the vote of its pieces.

best = table["pieces at random"].idxmax()
pipeline = AugmentedClassifier(make_pipeline(picture, networks[best]), augment, random_state=0)
model = skser.SegmentClassifier(pipeline, options.window, options.window, short="keep")
how = {"cv": [*split.split(clips), *apart], "n_jobs": options.n_jobs, "return_estimator": True}
scores = cross_validate(model, clips, corpus.target, **how)
random, *of_folds = scores["test_score"]
table.loc[best, ["clips at random", "speakers apart"]] = random, np.mean(of_folds)
print(table.to_string(float_format="{:.3f}".format, na_rep=""))

# %%
# The whole pipeline, from sound files to emotions, is pickled, loaded and applied to clips of
# speakers that do not appear in training.

pickled = pickle.dumps(make_pipeline(prepare, scores["estimator"][-1]))
print(f"{len(pickled):,} bytes:", pickle.loads(pickled).predict(corpus.data[apart[-1][1][:3]]))
