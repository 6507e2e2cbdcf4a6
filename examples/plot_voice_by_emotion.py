"""
See how emotion changes the voice
=================================

Pitch, loudness and voice quality change with emotion. They also differ between speakers, often by
more: a low voice that shouts may still be lower than a high voice that murmurs. This example draws
four values by emotion, first as they are and then relative to each speaker.
"""

import matplotlib.pyplot as plt
import pandas as pd

from skser import HNR, Loudness, Pitch, make_audio_union, make_emotional_speech

# %%
# The corpus is the built-in speech.

corpus = make_emotional_speech(random_state=0)

# %%
# The values are the pitch and its standard deviation, both in semitones, the loudness of voiced
# frames, and the harmonics-to-noise ratio.

features = make_audio_union(
    Pitch("semitone", pooling=["mean", "std"]), Loudness(frames="voiced"), HNR()
).set_output(transform="pandas")
voice = features.fit_transform(corpus.data)
voice.columns = ["pitch (semitones)", "its deviation", "loudness", "HNR (dB)"]
print(voice.groupby(corpus.target).mean().to_string(float_format="{:.1f}".format))

# %%
# The z-score within a speaker is the distance of a clip from the speaker's mean, in the speaker's
# standard deviations. It needs no labels, but it needs other clips of the same speaker.

by_speaker = voice.groupby(corpus.groups)
relative = (voice - by_speaker.transform("mean")) / by_speaker.transform("std")

# %%
# A dot is a clip, and a column of dots of one colour is a speaker. In the upper row, speakers
# differ, most of all in pitch. In the lower row, only emotions differ.

emotions, speakers = sorted(set(corpus.target)), sorted(set(corpus.groups))
figure, axes = plt.subplots(2, 4, figsize=(10, 5.5), sharex=True, layout="constrained")
for row, table in zip(axes, [voice, relative], strict=True):
    row[0].set_ylabel("value" if table is voice else "z-score within the speaker")
    for ax, (name, values) in zip(row, table.items(), strict=True):
        ax.boxplot([values[corpus.target == emotion] for emotion in emotions], showfliers=False)
        for i, speaker in enumerate(speakers):
            spoken = corpus.groups == speaker
            places = [1 + emotions.index(emotion) for emotion in corpus.target[spoken]]
            shift = 0.6 * ((i + 0.5) / len(speakers) - 0.5)
            ax.plot(pd.Series(places) + shift, values[spoken], ".", markersize=4)
        ax.set_xticks(range(1, 1 + len(emotions)), emotions, rotation=90)
        ax.set_title(name if table is voice else "", fontsize=10)

# %%
# The table gives the share, from 0 to 1, of the variance of a value that lies between speakers or
# between emotions.


def share_between(labels, table):
    """Divide the variance of the means of the classes by that of the clips."""
    return table.groupby(labels).transform("mean").var(ddof=0) / table.var(ddof=0)


shares = {
    "speakers": share_between(corpus.groups, voice),
    "emotions": share_between(corpus.target, voice),
    "emotions, z-score": share_between(corpus.target, relative),
}
print(pd.DataFrame(shares).to_string(float_format="{:.2f}".format))

# %%
# A model that compares a clip with other clips of its speaker therefore has an easier task. In
# practice, such clips must exist: a conversation has them, but a single message of an unknown
# speaker does not. If all of them have the same emotion, the z-score removes that emotion.
