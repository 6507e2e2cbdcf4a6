"""
Trained on one corpus, tested on another
========================================

Within one corpus everybody says the same sentences into the same microphone. Another corpus has
other speakers, sentences, rooms, perhaps another language: that is what a product meets. Here a
recogniser is trained on all of one corpus and tested on all of the other, over the emotions that
both have, with and without knowing how each speaker usually sounds.

Run it on two corpora, or leave them out for the built-in speech, once at the rate of a studio
and once at that of a telephone::

    python examples/plot_across_corpora.py data/ravdess emo_db:data/emodb --memory .skser-cache
"""

import argparse

import matplotlib.pyplot as plt
import numpy as np

from skser import (
    load_corpus,
    make_emotional_speech,
    make_recognizer,
    uar_score,
    with_speakers,
)

parser = argparse.ArgumentParser()
parser.add_argument("corpora", nargs="*", help="two corpora; default: built-in speech")
parser.add_argument("--memory", help="folder that keeps computed features")
options = parser.parse_args()

# %%
# Only emotions that both corpora have can be compared. The loaders give them one name each.

if options.corpora:
    corpora = {name: load_corpus(name) for name in options.corpora}
else:
    how = {"n_speakers": 4, "n_per_class": 5}
    corpora = {
        "studio": make_emotional_speech(**how, sr=22050, random_state=0),
        "telephone": make_emotional_speech(**how, sr=8000, random_state=1),
    }
shared = sorted(set.intersection(*(set(corpus.target) for corpus in corpora.values())))
print("shared emotions:", ", ".join(shared))


def clips_of(corpus):
    """Return clips that carry their speaker, and their emotions, of the shared ones."""
    known = np.flatnonzero(np.isin(corpus.target, shared))
    clips = with_speakers(corpus.data, corpus.groups)
    return clips[known], corpus.target[known]


# %%
# ``speaker_normalization=True`` standardises each speaker's values by the speaker's own unlabelled
# clips, in training and in the test: whatever a microphone or a room adds to all of them, goes.

first, second = corpora
scores = {"a stranger": [], "speaker normalised": []}
directions = [(first, second), (second, first)]
for source, target in directions:
    (X_train, y_train), (X_test, y_test) = clips_of(corpora[source]), clips_of(corpora[target])
    for way, normalized in zip(scores, [False, True], strict=True):
        recognizer = make_recognizer(speaker_normalization=normalized, memory=options.memory)
        said = recognizer.fit(X_train, y_train).predict(X_test)
        scores[way].append(uar_score(y_test, said))
        print(f"{source} -> {target}, {way}: UAR {scores[way][-1]:.3f}")

# %%
# Compare with chance, and with what the recogniser reaches on other speakers of its own corpus:
# the rest is what changes with the corpus.

places = np.arange(len(directions))
for shift, (way, uars) in zip([-0.2, 0.2], scores.items(), strict=True):
    bars = plt.bar(places + shift, uars, width=0.38, label=way)
    plt.bar_label(bars, fmt="%.2f")
plt.axhline(1 / len(shared), color="grey", linestyle="--", label="chance")
plt.xticks(places, [f"trained on {a},\ntested on {b}" for a, b in directions])
plt.ylabel("UAR")
plt.ylim(0, 1)
plt.legend()
plt.show()
