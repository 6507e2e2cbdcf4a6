import numpy as np
import pytest
import soxr
from hypothesis import given, settings, strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skser import (
    MFCC,
    RMS,
    Audio,
    AudioError,
    LiveRecognizer,
    SegmentClassifier,
    SpeakerNormalizer,
    enroll_speakers,
    with_speakers,
)
from skser.live._live_recognizer import level_of

SR = 8000


def pushed(live, y, sr, cuts=()):
    """Everything that is said of a sound pushed in parts."""
    events = [event for part in np.split(y, cuts) for event in live.push(part, sr)]
    return events + live.flush()


def offline(model, y, sr, window, hop):
    """What SegmentClassifier says of the whole sound, a piece at a time."""
    classifier = SegmentClassifier(model, window=window, hop=hop)
    classifier.estimator_, classifier.classes_ = model, model.classes_
    return classifier.predict_segments([Audio(y, sr)], batch_size=1)


def assert_equal_to_the_bit(events, table):
    columns = [name for name in table if name.startswith("p_")]
    assert [event.start for event in events] == table["start"].tolist()
    assert [event.end for event in events] == table["end"].tolist()
    assert [event.label for event in events] == table["label"].tolist()
    shares = [list(event.probabilities.values()) for event in events]
    assert shares == table[columns].to_numpy().tolist()


def noise(n_samples, seed=0):
    return np.random.default_rng(seed).normal(scale=0.1, size=n_samples).astype(np.float32)


@settings(max_examples=60)
@given(
    st.data(),
    st.integers(6000, 12000),
    st.floats(0.01, 0.5),
    st.floats(0.02, 0.6),
    st.sampled_from([8000, 11025, 7999.5]),
)
def test_the_chunks_do_not_matter(every_bit, data, n_samples, window, hop, sr):
    y = noise(n_samples)
    cuts = sorted(data.draw(st.lists(st.integers(0, n_samples), max_size=12)))
    events = pushed(LiveRecognizer(every_bit, window, hop), y, sr, cuts)
    assert_equal_to_the_bit(events, offline(every_bit, y, sr, window, hop))


@settings(max_examples=40)
@given(
    st.data(),
    st.integers(4000, 30000),
    st.sampled_from([(48000, 16000), (44100, 16000), (8000, 16000), (16000, 22050)]),
)
def test_nor_do_they_where_the_sound_is_resampled(every_bit, data, n_samples, rates):
    y = noise(n_samples)
    cuts = sorted(data.draw(st.lists(st.integers(0, n_samples), max_size=12)))
    sr_in, sr = rates
    events = pushed(LiveRecognizer(every_bit, 0.05, 0.03, sr=sr), y, sr_in, cuts)
    whole = soxr.resample(y, sr_in, sr, quality="soxr_hq")
    assert_equal_to_the_bit(events, offline(every_bit, whole, sr, 0.05, 0.03))


def test_a_segment_classifier_says_live_what_it_says_offline(segments, recording):
    live = LiveRecognizer(segments, hop=segments.hop)
    events = pushed(live, recording, 22050, range(0, len(recording), 1000))
    whole = Audio(recording, 22050)
    assert_equal_to_the_bit(events, segments.predict_segments([whole], batch_size=1))


def test_a_pipeline_says_live_what_it_says_of_the_windows(model, recording):
    events = pushed(LiveRecognizer(model, 1.5, 0.7), recording, 22050, [100, 50000])
    assert len(events) == 14
    for event in events:
        y = recording[round(22050 * event.start) : round(22050 * event.end)]
        [shares] = model.predict_proba([Audio(y, 22050)])
        assert event.probabilities == dict(zip(model.classes_, shares, strict=True))
        assert event.label == model.classes_[shares.argmax()]


def test_an_event_comes_with_the_last_sample_of_its_window(every_bit):
    live = LiveRecognizer(every_bit, 1.0, 0.5)
    assert live.push(noise(SR - 1), SR) == []
    assert [(event.start, event.end) for event in live.push(noise(1), SR)] == [(0, 1)]
    assert live.push(noise(SR // 2 - 1), SR) == []
    assert [(event.start, event.end) for event in live.push(noise(1), SR)] == [(0.5, 1.5)]


def test_resampling_delays_an_event_by_less_than_is_said(every_bit):
    for sr_in, sr, delay in [(8000, 16000, 0.12), (44100, 16000, 0.04), (48000, 16000, 0.04)]:
        live = LiveRecognizer(every_bit, 1.0, 0.05, sr=sr)
        step = sr_in // 1000
        for pushed_so_far in range(step, 3 * sr_in, step):
            for event in live.push(noise(step), sr_in):
                assert pushed_so_far / sr_in - event.end < delay + 0.01


def test_flush_says_what_is_left_and_begins_anew(every_bit):
    live = LiveRecognizer(every_bit, 1.0, 1.0)
    live.push(noise(SR), SR)
    live.push(noise(SR // 2), SR)
    assert [(event.start, event.end) for event in live.flush()] == [(0.5, 1.5)]
    assert live.flush() == []
    [event] = live.push(noise(2 * SR), 2 * SR)
    assert event.start == 0


def test_reset_forgets_the_sound(every_bit):
    live = LiveRecognizer(every_bit, 1.0, 0.5)
    live.push(noise(3 * SR), SR)
    live.reset()
    assert live.flush() == []
    assert pushed(live, noise(3 * SR), SR) == pushed(
        LiveRecognizer(every_bit, 1.0), noise(3 * SR), SR
    )


def test_memory_does_not_grow_in_ten_hours(every_bit):
    live, sr = LiveRecognizer(every_bit, 2.0, 60.0), 2000
    ten_minutes = noise(600 * sr)
    sizes, n_events = set(), 0
    for _ in range(60):
        n_events += len(live.push(ten_minutes, sr))
        sizes.add(live._buffer.nbytes)
    assert n_events == 600
    # Four bytes a sample: windows, and what is taken in at once, twice.
    assert max(sizes) <= 4 * 2 * (2 * 2 * sr + 2 * 2**14)
    assert live.flush()[0].end == 36000


def test_silence_has_no_label(every_bit):
    [event] = LiveRecognizer(every_bit, 1.0).push(np.zeros(SR), SR)
    assert event[2:] == (None, None, -np.inf, "quiet")


@pytest.mark.parametrize(("min_level", "reason"), [(-30.0, None), (-29.0, "quiet"), (None, None)])
def test_the_gate_is_at_min_level(every_bit, min_level, reason):
    tone = 10 ** (-29.5 / 20) * np.sqrt(2) * np.sin(2 * np.pi * 100 * np.arange(SR) / SR)
    [event] = LiveRecognizer(every_bit, 1.0, min_level=min_level).push(tone, SR)
    assert event.level == pytest.approx(-29.5, abs=1e-4)
    assert event.reason == reason


def test_the_level_of_a_full_sine_is_three_decibels_below_full_scale():
    sine = np.sin(2 * np.pi * np.arange(1000) / 100).astype(np.float32)
    assert level_of(sine) == pytest.approx(-3.0103, abs=1e-3)


def test_what_is_no_speech_has_no_label(every_bit):
    heard = []

    def speech(samples, sr):
        heard.append((samples.dtype, samples.shape, sr))
        return len(heard) > 1

    live = LiveRecognizer(every_bit, 1.0, 1.0, speech=speech)
    first, second = live.push(noise(2 * SR), SR)
    assert (first.label, first.probabilities, first.reason) == (None, None, "no speech")
    assert second.label in {"calm", "upset"}
    assert heard == [(np.float32, (SR,), SR)] * 2


def test_a_sound_shorter_than_a_window_has_no_label(every_bit):
    live = LiveRecognizer(every_bit, 1.0)
    live.push(noise(SR - 100), SR)
    [event] = live.flush()
    assert (event.start, event.end) == (0, (SR - 100) / SR)
    assert (event.label, event.reason) == (None, "short")


def test_a_model_without_probabilities_has_labels(unsure, every_bit):
    events = pushed(LiveRecognizer(unsure, 0.5), noise(3 * SR), SR)
    expected = pushed(LiveRecognizer(every_bit, 0.5), noise(3 * SR), SR)
    assert [event.label for event in events] == [event.label for event in expected]
    assert {event.probabilities for event in events} == {None}


def test_a_clip_that_the_model_cannot_take_says_so(recording, speech):
    pipeline = make_pipeline(MFCC(13), LogisticRegression(max_iter=10**4))
    pipeline.fit(speech.data, speech.target)
    live = LiveRecognizer(pipeline, 1.0, 1.0)
    events = live.push(np.concatenate([np.full(22050, 1e11), recording[:22050]]), 22050)
    assert [event.reason is None for event in events] == [True, True]

    class Refuses(type(pipeline[-1])):
        def predict_proba(self, X):
            raise AudioError("X[0] Audio: too strange.")

    pipeline.steps[-1] = ("refuses", Refuses().fit([[0], [1]], [0, 1]))
    [event] = live.push(recording[:22050], 22050)
    assert (event.label, event.reason) == (None, "Audio: too strange.")


# What is pushed


@pytest.mark.parametrize("sr", [0, -8000, np.nan, np.inf, 999, 10**7, "8000"])
def test_a_rate_that_is_none_is_refused_and_the_chunk_left_out(every_bit, sr):
    live = LiveRecognizer(every_bit, 1.0)
    live.push(noise(SR // 2), SR)
    with pytest.raises(AudioError, match=r"sample rate .* must be a number of Hz"):
        live.push(noise(SR), sr)
    [event] = live.push(noise(SR // 2, 1), SR)
    y = np.concatenate([noise(SR // 2), noise(SR // 2, 1)])
    assert [event] == LiveRecognizer(every_bit, 1.0).push(y, SR)


@pytest.mark.parametrize("n_channels", [1, 2, 6])
def test_channels_are_averaged_in_either_layout(every_bit, n_channels):
    y = noise(n_channels * 2 * SR).reshape(n_channels, -1)
    table = offline(every_bit, y, SR, 0.5, 0.5)
    live = LiveRecognizer(every_bit, 0.5, 0.5)
    # The shorter chunks follow the first.
    for cuts in ([3000, 3002, 3003], [9, 12000]):
        for axis, samples in [(1, y), (0, y.T)]:
            events = [e for part in np.split(samples, cuts, axis) for e in live.push(part, SR)]
            assert_equal_to_the_bit(events + live.flush(), table)


def test_mono_may_follow_stereo(every_bit):
    y = noise(SR)
    live = LiveRecognizer(every_bit, 1.0)
    live.push(np.stack([y[:4000]] * 2), SR)
    assert live.push(y[4000:], SR) == LiveRecognizer(every_bit, 1.0).push(y, SR)


@pytest.mark.parametrize("shape", [(2, 2), (1, 2), (5, 3), (20, 30)])
def test_a_shape_that_does_not_tell_the_channels_is_refused(every_bit, shape):
    with pytest.raises(AudioError, match="does not show which axis counts channels"):
        LiveRecognizer(every_bit).push(np.zeros(shape), SR)


@pytest.mark.parametrize("dtype", ["int16", "int32"])
def test_pcm_is_scaled_as_in_a_file(every_bit, dtype):
    pcm = (noise(SR) * np.iinfo(dtype).max).astype(dtype)
    y = (pcm / -float(np.iinfo(dtype).min)).astype(np.float32)
    assert LiveRecognizer(every_bit, 1.0).push(pcm, SR) == LiveRecognizer(every_bit, 1.0).push(
        y, SR
    )


@pytest.mark.parametrize(
    ("chunk", "message"),
    [
        (np.zeros(100, dtype=bool), "dtype bool"),
        (np.zeros(100, dtype=complex), "Complex data not supported"),
        (np.array(["a"]), "dtype <U1"),
        (np.full(100, 12345), "whose full scale is unknown"),
        (np.ma.masked_equal(np.arange(100.0), 3), "1 of 100 samples are masked"),
        (np.zeros((2, 3, 4)), "A chunk has 3 dimensions"),
        (0.5, "A chunk has 0 dimensions"),
        (Audio(np.zeros(100), SR), "Push audio.y with sr=audio.sr"),
    ],
    ids=str,
)
def test_what_is_no_sound_is_refused(every_bit, chunk, message):
    with pytest.raises(AudioError, match=message):
        LiveRecognizer(every_bit).push(chunk, SR)


def test_a_chunk_may_be_empty(every_bit):
    live = LiveRecognizer(every_bit, 1.0)
    assert live.push([]) == live.push(np.zeros((0, 2)), SR) == live.flush() == []


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e13, 1e300])
def test_a_window_with_what_is_not_finite_says_so_and_the_next_is_clean(every_bit, bad):
    y = noise(4 * SR).astype(float)
    y[SR + 10] = bad
    events = pushed(LiveRecognizer(every_bit, 1.0, 0.5), y, SR, [SR, SR + 5, 2 * SR])
    assert [event.reason for event in events] == [None, *["not finite"] * 2, *[None] * 4]
    assert np.isnan(events[1].level)
    y[SR + 10] = 0
    clean = pushed(LiveRecognizer(every_bit, 1.0, 0.5), y, SR)
    assert [events[0], *events[3:]] == [clean[0], *clean[3:]]


def test_nor_does_it_spread_where_the_sound_is_resampled(every_bit):
    y = noise(4 * SR)
    y[[SR + 10, SR + 20]] = np.nan
    live = LiveRecognizer(every_bit, 0.5, 0.25, sr=16000)
    runs = [pushed(live, y, SR, cuts) for cuts in ([], [SR + 15], range(7, 4 * SR, 700))]
    assert [event[:4] for event in runs[0]] == [event[:4] for event in runs[1]]
    assert [event[:4] for event in runs[0]] == [event[:4] for event in runs[2]]
    bad = {event.start for event in runs[0] if event.reason == "not finite"}
    # The window from 0.5 to 1.0 s ends 10 samples before it, within the reach of the filter.
    assert bad == {0.5, 0.75, 1.0}
    y[[SR + 10, SR + 20]] = 0
    clean = pushed(live, y, SR)
    assert [e for e in runs[0] if e.reason is None] == [e for e in clean if e.start not in bad]


def test_the_rate_may_change(every_bit):
    parts = [(noise(SR), SR), (noise(2 * SR, 1), 2 * SR), (noise(SR, 2), SR)]
    live = LiveRecognizer(every_bit, 0.5, 0.5)
    events = [event for y, sr in parts for event in live.push(y, sr)] + live.flush()
    middle = soxr.resample(parts[1][0], 2 * SR, SR, quality="soxr_hq")
    whole = np.concatenate([parts[0][0], middle, parts[2][0]])
    assert_equal_to_the_bit(events, offline(every_bit, whole, SR, 0.5, 0.5))


def test_without_a_rate_a_chunk_has_that_of_the_model(every_bit, speech):
    pipeline = make_pipeline(RMS(sr=16000), LogisticRegression()).fit(speech.data, speech.target)
    y = noise(16000)
    assert LiveRecognizer(pipeline, 1.0).push(y) == LiveRecognizer(pipeline, 1.0).push(y, 16000)
    assert len(LiveRecognizer(every_bit, 1.0, sr=SR).push(noise(SR))) == 1


# The model, and the parameters


def test_the_window_is_that_of_the_segments(segments, model):
    assert LiveRecognizer(segments).window == 1.0
    assert LiveRecognizer(segments, window=0.5).window == 0.5
    assert LiveRecognizer(model).window == 2.0


def test_of_a_search_the_best_estimator_is_asked(speech, segments, recording):
    search = GridSearchCV(segments, {"window": [1.0]}, cv=2).fit(speech.data, speech.target)
    events = LiveRecognizer(search).push(recording, 22050)
    assert events == LiveRecognizer(segments).push(recording, 22050)


def test_a_model_must_be_fitted():
    with pytest.raises(NotFittedError):
        LiveRecognizer(make_pipeline(MFCC(), LogisticRegression()))


@pytest.mark.parametrize("model", ["model.skser", None, LinearRegression()], ids=str)
def test_what_is_no_classifier_is_refused(model):
    if hasattr(model, "fit"):
        model.fit([[0], [1]], [0, 1])
    with pytest.raises(ValueError, match=r"model is a \w+ without classes_ and predict"):
        LiveRecognizer(model)


def test_a_search_must_have_refitted_its_choice(speech, segments):
    search = GridSearchCV(segments, {"window": [1.0]}, cv=2, refit=False)
    with pytest.raises(ValueError, match="needs refit=True"):
        LiveRecognizer(search.fit(speech.data, speech.target))


@pytest.mark.parametrize(
    "parameters",
    [
        *({"window": value} for value in (0, -1, np.nan, np.inf, "2")),
        *({"hop": value} for value in (0, -1, np.nan, np.inf, None)),
        *({"sr": value} for value in (0, -8000, np.nan, np.inf, 10)),
        {"min_level": np.nan},
        {"speech": True},
    ],
    ids=str,
)
def test_a_parameter_out_of_range_is_refused(every_bit, parameters):
    with pytest.raises(ValueError, match=f"The '{next(iter(parameters))}' parameter"):
        LiveRecognizer(every_bit, **parameters)


def test_a_hop_of_less_than_a_sample_is_refused(every_bit):
    with pytest.raises(ValueError, match="less than a sample at 8000 Hz"):
        LiveRecognizer(every_bit, 1.0, 1e-9).push(noise(10), SR)
    with pytest.raises(ValueError, match="less than a sample at 8000 Hz"):
        LiveRecognizer(every_bit, 1.0, 1e-9, sr=SR)


def test_a_speaker_must_be_named_and_enrolled(speech, recording):
    X = with_speakers(speech.data, speech.groups)
    model = make_pipeline(SpeakerNormalizer(MFCC(13), unseen="batch"), LogisticRegression())
    model.fit(X, speech.target)
    with pytest.raises(ValueError, match="pass speaker="):
        LiveRecognizer(model)
    with pytest.raises(ValueError, match="'anna' is not enrolled"):
        LiveRecognizer(model, speaker="anna")
    enroll_speakers(model, list(speech.data[:5]), "anna")
    [event] = LiveRecognizer(model, 1.0, speaker="anna").push(recording[:22050], 22050)
    [shares] = model.predict_proba([Audio(recording[:22050], 22050, "anna")])
    assert list(event.probabilities.values()) == shares.tolist()
