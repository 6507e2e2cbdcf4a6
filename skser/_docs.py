"""Parameter descriptions shared by many classes."""

from __future__ import annotations

import textwrap

_ARCHITECTURE = """
        architecture : str or callable, default="DEFAULT"
            Name of a registered network, or a callable ``(input_shape, n_classes) -> keras.Model``
            that builds an uncompiled functional or Sequential model whose outputs are
            probabilities. A function of a module can be pickled; a lambda cannot.
"""

_TRAINING = """
        optimizer : str or keras.optimizers.Optimizer, default="adam"
            Name of an optimizer, or an object, which is copied for each network.
        learning_rate : float, default=None
            Learning rate. None: the default of the optimizer.
        epochs : int, default=50
            Number of passes over the training data.
        batch_size : int, default=32
            Number of samples per gradient step.
        validation_split : float, default=0.0
            Share of the training data to hold out for monitoring the loss. The split is stratified;
            if groups are passed to fit, it keeps speakers apart.
        early_stopping : bool or int, default=False
            Number of epochs without improvement of the loss (of the held-out data, if there are
            any) after which training stops and the best weights are restored. True: 10.
        reduce_lr : bool, "cosine" or tuple (factor, patience), default=False
            Whether to reduce the learning rate during training. A tuple multiplies it by factor if
            the loss has not improved for patience epochs; True: (0.5, 5). "cosine" decreases it
            along half a cosine to 0 at the last epoch (Loshchilov and Hutter 2017).
        class_weight : "balanced", dict or None, default=None
            Weights of the classes, as in scikit-learn. `partial_fit` does not accept "balanced".
        mixup : float, default=0.0
            Parameter of mixup (Zhang et al. 2018): every training sample and its label are mixed
            with another sample of the batch, with a share drawn from the beta distribution with
            both parameters equal to `mixup`. 0: no mixup.
        warm_start : bool, default=False
            Whether `fit` continues from the last fit, including the state of the optimizer, instead
            of starting anew. A changed `optimizer` starts with a new state; a changed
            `architecture` is an error.
        random_state : int, RandomState or None, default=None
            Random seed or generator of the initial weights, shuffling, dropout and validation
            split. Continued training (`partial_fit`, `warm_start`) draws new values, but validates
            on the same samples.
        verbose : int, default=0
            Verbosity: 0 is silent, 1 shows a progress bar, 2 prints one line per epoch.
        metrics : list of str, keras.metrics.Metric or callable, default=None
            Keras metrics that `history_` reports beside loss and accuracy, such as
            ``["auc", keras.metrics.F1Score(average="macro")]``. Each fit makes new ones. They get
            the labels as rows of 0 and 1, one column per class (or as class numbers, if the name
            of the metric's class begins with "Sparse"), and the sample weights of the loss. A
            function ``(y_true, y_pred) -> values`` returns one value per sample.
        callbacks : list of keras.callbacks.Callback, default=None
            Keras callbacks that `fit` calls after those of `early_stopping` and `reduce_lr`. Each
            fit trains with copies, so the objects that you pass do not change: a callback that
            collects values has to write them to a file, or pass them to a function of yours.
"""

_VOICE = """
        sr : float, default=16000
            Sample rate in Hz to which clips are resampled, at least 8000, even in a union with
            another rate. The hop between frames is 10 ms, whatever the frames of the union. Arrays
            of samples are assumed to have this rate, or in a union the rate of the union; `Audio`
            specifies the rate.
        duration : float or "max", default=None
            Duration in seconds to which every clip is zero-padded or cut. "max": the duration of
            the longest clip seen in fit. None: the union's duration; outside of a union, clips are
            unchanged.
"""

_VOICE_POOLING = """\
        pooling : str, sequence of str, callable or None, default="mean"
            Functionals that summarise the frames of each coefficient, as for every feature. Frames
            in which the coefficient is missing are left out, and a functional is 0 if no frame is
            left. A callable gets the frames in which no coefficient is missing, shape
            (n_coefficients, n_frames), or one frame of zeros if there is none. None keeps every
            frame, with 0 for missing values.
        deltas : {0, 1, 2}, default=0
            Highest order of the delta coefficients (derivatives over time) to append: 1 for deltas,
            2 for deltas and delta-deltas. They are computed for each run of frames without missing
            values; a coefficient and its deltas are missing in the same frames.
"""

_FRAMES = """\
        frames : {"all", "voiced", "unvoiced"}, default="all"
            Frames to use. The values of all other frames are missing.
"""

_SHARED = {
    "{plan}": """
        sr : float, default=None
            Sample rate in Hz to which clips are resampled. None: the union's rate, or 22050 outside
            of a union.
        duration : float or "max", default=None
            Duration in seconds to which every clip is zero-padded or cut. "max": the duration of
            the longest clip seen in fit. None: the union's duration; outside of a union, clips are
            unchanged.
        n_fft : int, default=None
            Length of a frame in samples. None: the union's length, or 2048 outside of a union.
        hop_length : int, default=None
            Number of samples between the starts of successive frames; frame t is centred at ``t *
            hop_length / sr`` seconds. None: the union's hop, or 512 outside of a union.
        window : str or tuple, default=None
            Window of a frame, as for `scipy.signal.get_window`. None: the union's window, or "hann"
            outside of a union.
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
            Functionals that summarise the frames of each coefficient: the name of a functional,
            several names (whose values are concatenated), a callable, or None. Names: mean, std, cv
            (std / mean, 0 where the mean is 0), min, max, range, median, iqr, skew, kurtosis, slope
            (per frame), mean_rising_slope, std_rising_slope, mean_falling_slope and
            std_falling_slope (per frame, of the parts between turning points), and pNN for a
            percentile (p05, p95). A callable takes an array of shape (n_coefficients, n_frames) and
            returns a 1-D array. None keeps every frame, coefficient by coefficient.
    """,
    "{network}": _ARCHITECTURE.replace("DEFAULT", "small") + _TRAINING,
    "{network2d}": _ARCHITECTURE.replace("DEFAULT", "residual2d-views") + _TRAINING,
    "{dense network}": _ARCHITECTURE.replace("DEFAULT", "dense") + _TRAINING,
    "{masks}": """
        time_mask, frequency_mask : int, default=0, 0
            Maximum width of the bands of frames, and of rows (channels of a sequence), that are set
            to 0 during training (SpecAugment, Park et al. 2019). Each training sample gets two
            bands of each kind with random widths and positions, drawn anew in every epoch. A band
            covers at most a quarter of a sample's frames. For scaled images, 0 is the mean.
    """,
    "{network attributes}": """
        classes_ : ndarray of shape (n_classes,)
            Class labels.
        history_ : dict of str to list of float
            Loss, accuracy and `metrics` of each epoch; names with `val_` refer to the held-out
            data.
        n_epochs_ : int
            Number of epochs trained.
        n_parameters_ : int
            Number of parameters of the network, trainable or not.
        n_features_in_ : int
            Number of values, or frames, of a sample.
    """,
    "{deltas}": """
        deltas : {0, 1, 2}, default=0
            Highest order of the delta coefficients (derivatives over time) to append: 1 for deltas,
            2 for deltas and delta-deltas.
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
