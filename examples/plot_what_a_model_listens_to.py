"""
Find out what a model listens to
================================

This example shows which seconds and which frequency bands of a clip a model's decision depends on.
It hides one patch of the clip after the other, and measures how much of the predicted probability
is lost without it.
"""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skser import (
    MFCC,
    RMS,
    OcclusionDisplay,
    make_audio_union,
    make_emotional_speech,
    occlusion,
)

# %%
# The model is trained on all speakers except one.

corpus = make_emotional_speech(emotions=["angry", "happy", "sad"], random_state=0)
test = corpus.groups == "s01"
features = make_audio_union(MFCC(20, pooling=["mean", "std"]), RMS())
model = make_pipeline(features, StandardScaler(), LogisticRegression(C=0.05))
model.fit(corpus.data[~test], corpus.target[~test])

# %%
# The clip is from the remaining speaker. Red patches support the predicted class: its probability
# falls if they are hidden. Blue patches are evidence against it.

clip = corpus.data[test & (corpus.target == "angry")][0]
display = OcclusionDisplay.from_estimator(model, clip, n_bands=6).plot()

# %%
# Other patches may support another class.

display = OcclusionDisplay.from_estimator(model, clip, label="happy", n_bands=6).plot()

# %%
# A single clip proves little. The mean over several clips shows which bands support the class
# "angry".

angry = corpus.data[test & (corpus.target == "angry")]
maps = [occlusion(model, clip, label="angry", window=0.5, n_bands=6) for clip in angry]
lost = np.mean([relevance.values.mean(axis=1) for relevance in maps], axis=0)
for (low, high), mean in zip(maps[0].bands, lost, strict=True):
    print(f"{low:6.0f} to {high:6.0f} Hz: {mean:+.3f}")
