"""
Train a network and watch it
============================

This example trains a small convolutional network on mel spectrograms, watches its loss on speakers
that are held out, and stops the training in time.
"""

from sklearn.pipeline import Pipeline

from skser import Conv2DClassifier, Mel2D, SpectrogramScaler, make_emotional_speech, speaker_split

corpus = make_emotional_speech(random_state=0)
train, test = speaker_split(corpus, test_size=2, random_state=0)

# %%
# Each clip is cut or zero-padded to 1.5 s and becomes an image of 32 mel bands. `SpectrogramScaler`
# standardises each band. ``validation_split`` holds out a quarter of the training clips. If their
# loss has not improved for 8 epochs, ``early_stopping`` ends the training.

pipeline = Pipeline(
    [
        ("image", Mel2D(32, duration=1.5, n_fft=1024)),
        ("scale", SpectrogramScaler()),
        (
            "network",
            Conv2DClassifier(
                "image-three-dense",
                epochs=40,
                batch_size=16,
                validation_split=0.25,
                early_stopping=8,
                random_state=0,
            ),
        ),
    ]
)

# %%
# The speakers are passed to the network as ``groups``, with the name of its step in front. It then
# holds out whole speakers. Otherwise, the validation loss would be that of speakers it knows.

pipeline.fit(corpus.data[train], corpus.target[train], network__groups=corpus.groups[train])

# %%
# The history shows both losses and both accuracies by epoch. Where the validation loss rises while
# the training loss still falls, the network overfits to the training speakers.

from skser import HistoryDisplay

_ = HistoryDisplay.from_estimator(pipeline).plot()

# %%
# The test speakers had no part in the training, nor in the decision when to stop it.

from skser import uar_score

predicted = pipeline.predict(corpus.data[test])
print(f"UAR on two new speakers: {uar_score(corpus.target[test], predicted):.3f}")

# %%
# ``keras_model()`` returns the network as a Keras model, to inspect it or to continue in Keras.

pipeline["network"].keras_model().summary()
