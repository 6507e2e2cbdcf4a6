"""
Make a timeline of a long recording
===================================

A long recording contains more than one emotion. This example trains a model on segments of clips
and applies it to a recording window by window. The result is a timeline. The same windows are then
classified live, while the sound is still arriving, with equal results.
"""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skser import (
    MFCC,
    RMS,
    ZCR,
    Audio,
    LiveRecognizer,
    SegmentClassifier,
    TimelineDisplay,
    make_audio_union,
    make_emotional_speech,
    timeline,
)

# %%
# The model is trained on segments of one second, which are cut from the clips of all speakers
# except two.

corpus = make_emotional_speech(emotions=["angry", "happy", "sad"], random_state=0)
train = ~np.isin(corpus.groups, ["s01", "s02"])
features = make_audio_union(MFCC(20, pooling=["mean", "std"]), RMS(), ZCR())
pipeline = make_pipeline(features, StandardScaler(), LogisticRegression(C=0.01))
model = SegmentClassifier(pipeline, window=1.0, hop=0.5)
model.fit(corpus.data[train], corpus.target[train])

# %%
# The recording joins clips of one of the two other speakers: first sad ones, then angry ones, then
# happy ones, with pauses of two seconds.

parts = []
for emotion in ["sad", "angry", "happy"]:
    said = (corpus.groups == "s01") & (corpus.target == emotion)
    parts += [clip.y for clip in corpus.data[said][:4]] + [np.zeros(2 * 22050)]
recording = Audio(np.concatenate(parts), 22050)

# %%
# ``timeline`` returns a row for each window. Windows in the pauses have no label, because their
# level is below ``min_level``.

table = timeline(model, recording, hop=0.5)
print(table.iloc[::6].to_string(float_format="{:.2f}".format))

# %%
# A single window is often wrong. ``smooth`` averages the probabilities over some seconds.

smooth = timeline(model, recording, hop=0.5, smooth=3.0)
display = TimelineDisplay.from_predictions(smooth, recording).plot()

# %%
# With ``kind="stacked"``, the probabilities are drawn as areas that add up to 1.

display = TimelineDisplay.from_predictions(smooth, recording).plot(kind="stacked")

# %%
# Live sound arrives in chunks of any size, in this example of a tenth of a second. The label of a
# window does not depend on the chunks.

live = LiveRecognizer(model, hop=0.5)
events = []
for start in range(0, len(recording.y), 2205):
    events += live.push(recording.y[start : start + 2205], sr=22050)
events += live.flush()
print([event.label for event in events] == table["label"].tolist())
