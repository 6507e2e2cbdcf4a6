"""
What a model listens to
=======================

This example shows which seconds and which bands of frequency a model's decision rests on. It hides
one patch of a clip after the other and notes how much of the probability is lost.
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
# The model learns from all speakers but one.

corpus = make_emotional_speech(emotions=["angry", "happy", "sad"], random_state=0)
test = corpus.groups == "s01"
features = make_audio_union(MFCC(20, pooling=["mean", "std"]), RMS())
model = make_pipeline(features, StandardScaler(), LogisticRegression(C=0.05))
model.fit(corpus.data[~test], corpus.target[~test])

# %%
# The clip is one of that speaker. Red patches speak for the predicted class: its probability falls
# when they are hidden. Blue patches speak against it.

clip = corpus.data[test & (corpus.target == "angry")][0]
display = OcclusionDisplay.from_estimator(model, clip, n_bands=6).plot()

# %%
# Other patches may speak for another class.

display = OcclusionDisplay.from_estimator(model, clip, label="happy", n_bands=6).plot()

# %%
# A single clip proves little. The mean over several clips tells in which bands the model hears
# anger.

angry = corpus.data[test & (corpus.target == "angry")]
maps = [occlusion(model, clip, label="angry", window=0.5, n_bands=6) for clip in angry]
lost = np.mean([relevance.values.mean(axis=1) for relevance in maps], axis=0)
for (low, high), mean in zip(maps[0].bands, lost, strict=True):
    print(f"{low:6.0f} to {high:6.0f} Hz: {mean:+.3f}")
