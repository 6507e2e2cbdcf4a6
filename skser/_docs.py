"""Parameter descriptions that many classes share, written once."""

from __future__ import annotations

import textwrap

_ARCHITECTURE = """
        architecture : str or callable, default="DEFAULT"
            Name of a registered network, or a callable ``(input_shape, n_classes) ->
            keras.Model`` that builds a functional or Sequential one, uncompiled, whose output
            are probabilities. A function of a module pickles; a lambda does not.
"""

_TRAINING = """
        optimizer : str or keras.optimizers.Optimizer, default="adam"
            Name or object; each network gets a copy.
        learning_rate : float, default=None
            None: the optimizer's own.
        epochs : int, default=50
            Passes over the training data.
        batch_size : int, default=32
            Samples per step.
        validation_split : float, default=0.0
            Share of the training data that is held out, stratified, to watch the loss; where
            fit gets groups, whole speakers.
        early_stopping : bool or int, default=False
            Stop when the loss (of the part held out, if there is one) has not fallen for so many
            epochs, and go back to the best; True: 10.
        reduce_lr : bool, "cosine" or tuple (factor, patience), default=False
            Multiply the learning rate by factor when the loss has not fallen for patience
            epochs; True: (0.5, 5). "cosine": let it fall along half a cosine to 0 at the last
            epoch (Loshchilov and Hutter 2017).
        class_weight : "balanced", dict or None, default=None
            Weights of the classes, as in scikit-learn; `partial_fit` takes no "balanced".
        mixup : float, default=0.0
            Mix every training sample with another of its batch, and the labels by as much; the
            share comes from the beta distribution with both parameters `mixup` (Zhang et al.
            2018). 0: off.
        warm_start : bool, default=False
            Whether `fit` goes on from the last fit, optimizer included, instead of starting anew.
            Another `optimizer` begins with a state of its own; another `architecture` is an error.
        random_state : int, RandomState or None, default=None
            Of the initial weights, shuffling, dropout and validation split. Each training that
            goes on (`partial_fit`, `warm_start`) draws anew, but validates on the same samples.
        verbose : int, default=0
            1: a progress bar; 2: a line an epoch.
"""

_VOICE = """
        sr : float, default=16000
            Sample rate in Hz to which clips are resampled, at least 8000, even in a union with
            another rate. Frames are 10 ms apart, whatever the frames of the union. Arrays of
            samples are assumed to have this rate, or in a union that of the union; pass `Audio`
            if they have another.
        duration : float or "max", default=None
            Duration in seconds to which every clip is zero-padded or cut; "max" is that of the
            longest clip seen in fit. If None, the union's; outside a union, clips keep their
            length.
"""

_VOICE_POOLING = """\
        pooling : str, sequence of str, callable or None, default="mean"
            How frames are summarised, as for every feature: the name of a statistic, a list of
            them, a callable, or None. Frames in which the coefficient is missing are left out,
            and a statistic is 0 if no frame is left. A callable receives the frames in which no
            coefficient is missing, shape (n_coefficients, n_frames), or one frame of zeros if
            there are none. None keeps every frame, with 0 for missing values.
        deltas : {0, 1, 2}, default=0
            Order of the delta coefficients to append: none, first, or first and second. They are
            computed within each run of frames without a missing value; a coefficient and its
            deltas are missing in the same frames.
"""

_FRAMES = """\
        frames : {"all", "voiced", "unvoiced"}, default="all"
            Frames that are summarised. The values of all others are missing.
"""

_SHARED = {
    "{plan}": """
        sr : float, default=None
            Sample rate in Hz to which clips are resampled. If None, the union's; outside a
            union, 22050.
        duration : float or "max", default=None
            Duration in seconds to which every clip is zero-padded or cut; "max" is that of the
            longest clip seen in fit. If None, the union's; outside a union, clips keep their
            length.
        n_fft : int, default=None
            Length of a frame in samples. If None, the union's; outside a union, 2048.
        hop_length : int, default=None
            Number of samples from one frame to the next; frame t is centred at
            ``t * hop_length / sr`` seconds. If None, the union's; outside a union, 512.
        window : str or tuple, default=None
            Window of a frame, as for `scipy.signal.get_window`. If None, the union's; outside a
            union, "hann".
    """,
    "{mel}": """
        n_mels : int, default=128
            Number of mel bands.
        fmin, fmax : float, default=0.0, None
            Lowest and highest frequency in Hz. If `fmax` is None, the Nyquist frequency.
    """,
    "{voice}": _VOICE,
    "{voice pooling}": _VOICE_POOLING,
    "{speech}": _VOICE + _VOICE_POOLING + _FRAMES,
    "{GeMAPS}": """
        .. [1] F. Eyben et al., "The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for Voice
           Research and Affective Computing", IEEE TAC 7(2), 2016.
    """,
    "{pooling}": """
        pooling : str, sequence of str, callable or None, default="mean"
            How frames are summarised: the name of a statistic, a list of them, whose values are
            concatenated, a callable, or None to keep every frame, coefficient by coefficient.
            Names are mean, std, cv (std / mean, 0 where the mean is 0), min, max, range, median,
            iqr, skew, kurtosis, slope (per frame), mean_rising_slope, std_rising_slope,
            mean_falling_slope and std_falling_slope (per frame, of the parts between turning
            points), and pNN for a percentile (p05, p95). A callable takes an array of shape
            (n_coefficients, n_frames) and returns a 1-D array.
    """,
    "{network}": _ARCHITECTURE.replace("DEFAULT", "small") + _TRAINING,
    "{network2d}": _ARCHITECTURE.replace("DEFAULT", "residual2d-views") + _TRAINING,
    "{dense network}": _ARCHITECTURE.replace("DEFAULT", "dense") + _TRAINING,
    "{masks}": """
        time_mask, frequency_mask : int, default=0, 0
            Widest band of frames, and of rows (channels of a sequence), that training sets to 0;
            each training sample gets two of each, of random width and place, anew in every epoch
            (SpecAugment, Park et al. 2019). One takes a quarter of a sample's frames at most.
            Of scaled images 0 is the mean.
    """,
    "{network attributes}": """
        classes_ : ndarray of shape (n_classes,)
            Labels.
        history_ : dict of str to list of float
            Loss and accuracy of each epoch; with `val_` of what is held out.
        n_epochs_ : int
            Epochs trained.
        n_parameters_ : int
            Parameters of the network, trainable or not.
        n_features_in_ : int
            Values, or frames, of a sample.
    """,
    "{deltas}": """
        deltas : {0, 1, 2}, default=0
            Order of the delta coefficients to append: none, first, or first and second.
    """,
}


def fill(doc: str | None) -> str | None:
    """Replace placeholders such as ``{plan}`` that stand on a line of their own."""
    if doc is None:
        return None
    lines = []
    for line in doc.splitlines():
        shared = _SHARED.get(line.strip())
        if shared is None:
            lines.append(line)
        else:
            indent = line[: len(line) - len(line.lstrip())]
            lines += textwrap.indent(textwrap.dedent(shared).strip("\n"), indent).splitlines()
    return "\n".join(line.rstrip() for line in lines)
