"""
Train on one corpus, test on another
====================================

In most corpora, everybody says the same sentences into the same microphone. Another corpus has
other speakers, sentences and rooms, and so do the users of a product. This example trains a
recogniser on all of one corpus and tests it on all of another one, with and without standardising
the features of each speaker.
"""

import tempfile

from skser import make_emotional_speech

# %%
# The built-in speech takes the place of two corpora: one at the sample rate of a studio, the other
# at that of a headset. The loaders of real corpora, such as ``load_ravdess`` and ``load_emo_db``,
# return objects of the same kind, and use the same name for the same emotion.

corpora = {
    "studio": make_emotional_speech(n_speakers=4, n_per_class=5, sr=22050, random_state=0),
    "headset": make_emotional_speech(n_speakers=4, n_per_class=5, sr=16000, random_state=1),
}

# %%
# Only emotions that both corpora contain can be compared. `subset_corpus` selects their clips, and
# `with_speakers` attaches the speaker to each clip. Each corpus has a speaker called "s01", so the
# names of the speakers get the name of their corpus.

import numpy as np

from skser import subset_corpus, with_speakers

shared = sorted(set.intersection(*(set(corpus.target) for corpus in corpora.values())))
clips, labels = {}, {}
for name, corpus in corpora.items():
    corpus = subset_corpus(corpus, np.isin(corpus.target, shared))
    speakers = [f"{name} {speaker}" for speaker in corpus.groups]
    clips[name] = with_speakers(corpus.data, speakers)
    labels[name] = corpus.target
print("shared emotions:", ", ".join(shared))

# %%
# With ``speaker_normalization=True``, the features of each speaker are standardised by their mean
# and standard deviation over the speaker's own clips, without labels. This removes what a
# microphone or a room adds to all clips.

import pandas as pd

from skser import make_recognizer, uar_score

memory = tempfile.mkdtemp()
table = pd.DataFrame()
for source, target in [("studio", "headset"), ("headset", "studio")]:
    for way, normalised in {"as they are": False, "speakers standardised": True}.items():
        model = make_recognizer(speaker_normalization=normalised, memory=memory)
        predicted = model.fit(clips[source], labels[source]).predict(clips[target])
        table.loc[f"{source} to {target}", way] = uar_score(labels[target], predicted)
print(table.to_string(float_format="{:.3f}".format))

# %%
# Compare the bars with chance, and with the score on other speakers of the same corpus. Scores with
# standardised speakers are transductive: all test clips of a speaker took part, without labels.

ax = table.plot.bar(rot=0, ylim=(0, 1), ylabel="UAR", figsize=(6, 4), color=["0.6", "C2"])
_ = ax.axhline(1 / len(shared), color="black", linestyle="--")
