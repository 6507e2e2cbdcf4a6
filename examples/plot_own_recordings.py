"""
From your own recordings to a model
===================================

This example starts with a folder of wav files. It checks the recordings, measures how well a model
recognises the emotions of people it has not heard, saves a model that is trained on all recordings,
and predicts the emotion in a new file.
"""

# %%
# The folder
# ----------
#
# There is a sub-folder for each emotion, and each file name begins with the speaker, as in
# ``angry/s01-000.wav``. Here the built-in speech is written to such a folder. If you have
# recordings of your own, leave this cell out.

import tempfile
from pathlib import Path

import soundfile

from skser import make_emotional_speech

speech = make_emotional_speech(n_speakers=6, n_per_class=4, random_state=0)
folder = Path(tempfile.mkdtemp(), "recordings")
for number, (clip, emotion) in enumerate(zip(speech.data, speech.target, strict=True)):
    file = folder / emotion / f"{speech.groups[number]}-{number:03d}.wav"
    file.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(file, clip.y, int(clip.sr))

# %%
# Loading and checking
# --------------------
#
# The name of a file's folder is its label. The regular expression extracts the speaker from the
# file name.

from skser import CorpusDisplay, describe_corpus, load_folder

corpus = load_folder(folder, group=r"(\w+)-\d+")
print(describe_corpus(corpus)["value"].to_string())

# %%
# The last block of the table lists faults, such as silent, clipped or repeated recordings. A bar
# chart shows whether emotions and speakers are balanced.

_ = CorpusDisplay.from_corpus(corpus).plot()

# %%
# A score to rely on
# ------------------
#
# `make_recognizer` returns a pipeline with good defaults. `StratifiedGroupKFold` keeps all clips of
# a speaker in one fold, so every clip is predicted by a model that has not heard its speaker.

from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

from skser import EmotionReport, make_recognizer

model = make_recognizer(memory=folder.parent / "features")
predicted = cross_val_predict(
    model, corpus.data, corpus.target, groups=corpus.groups, cv=StratifiedGroupKFold(3)
)
report = EmotionReport.from_predictions(corpus.target, predicted, corpus.groups)
print(report)

# %%
# The confusion matrix shows which emotions are confused with each other.

# sphinx_gallery_thumbnail_number = 2
_ = report.plot()

# %%
# The model
# ---------
#
# The final model is trained on all recordings. The report is saved with it, as its score.

from skser import load_model, save_model

model.fit(corpus.data, corpus.target)
card = save_model(model, folder.parent / "voice.skser", card={"score": report})

# %%
# Another program needs only this file. A path goes in, an emotion comes out. The new recording is a
# sad sentence of a seventh speaker.

stranger = make_emotional_speech(n_speakers=7, n_per_class=1, random_state=0).data[-1]
new = folder.parent / "new.wav"
soundfile.write(new, stranger.y, int(stranger.sr))
loaded = load_model(folder.parent / "voice.skser")
print(loaded.predict([new]))
