"""Parameter descriptions shared by many classes."""

from __future__ import annotations

import textwrap

_ARCHITECTURE = """
        architecture : str or callable, default="DEFAULT"
            Name of a network that `list_architectures` lists, or a callable ``(input_shape,
            n_classes) -> keras.Model`` that builds an uncompiled functional or Sequential model
            whose outputs are probabilities. A function that is defined in a module can be pickled;
            a lambda cannot.
"""

_TRAINING = """\
        optimizer : str or keras.optimizers.Optimizer, default="adam"
            Optimizer, or its name. An optimizer is copied for each network.
        learning_rate : float, default=None
            Learning rate. If None, the default of the optimizer is used.
        epochs : int, default=50
            Number of passes over the training data.
        batch_size : int, default=32
            Number of samples per gradient step.
        validation_split : float, default=0.0
            Fraction of the training data to hold out for monitoring the loss. The split is
            stratified; if groups are passed to fit, it keeps speakers apart.
        early_stopping : bool or int, default=False
            Number of epochs without improvement of the loss (of the held-out data, if there are
            any) after which training stops and the best weights are restored. True is the same as
            10. If False, training does not stop early.
        reduce_lr : bool, "cosine" or tuple (factor, patience), default=False
            Whether to reduce the learning rate during training. With a tuple, it is multiplied by
            factor whenever the loss has not improved for patience epochs; True is the same as (0.5,
            5). "cosine" decreases it along half a cosine to 0 at the last epoch (Loshchilov and
            Hutter 2017).
        class_weight : "balanced", dict or None, default=None
            Weights of the classes, as in scikit-learn. `partial_fit` does not accept "balanced".
        mixup : float, default=0.0
            Parameter alpha of mixup (Zhang et al. 2018): every training sample and its label are
            mixed with another sample of the batch, in a proportion drawn from the distribution
            Beta(alpha, alpha). If 0, samples are not mixed.
        warm_start : bool, default=False
            Whether `fit` continues from the last fit, including the state of the optimizer, instead
            of starting from scratch. A changed `optimizer` starts with a new state; a changed
            `architecture` raises an error.
        random_state : int, RandomState or None, default=None
            Random seed or generator for the initial weights, shuffling, dropout and the validation
            split. Continued training (`partial_fit`, `warm_start`) draws new values, but validates
            on the same samples.
        verbose : int, default=0
            Verbosity: 0 is silent, 1 shows a progress bar, 2 prints one line per epoch.
        metrics : list of str, keras.metrics.Metric or callable, default=None
            Keras metrics that `history_` reports in addition to loss and accuracy, such as
            ``["auc", keras.metrics.F1Score(average="macro")]``. Each fit creates new metric
            objects. They receive one-hot encoded labels (or class indices, if the name of the
            metric's class begins with "Sparse") and the sample weights of the loss. A function
            ``(y_true, y_pred) -> values`` returns one value per sample.
        callbacks : list of keras.callbacks.Callback, default=None
            Keras callbacks that `fit` calls after those of `early_stopping` and `reduce_lr`. Each
            fit trains with copies, so the objects that you pass do not change: a callback that
            collects values must write them to a file, or pass them to a function of yours.
            Numbers that it adds to the logs of every epoch are in `history_`.
"""

_VOICE = """
        sr : float, default=16000
            Sample rate in Hz to which clips are resampled, at least 8000; a union with another rate
            does not change it. Frames are always 10 ms apart, whatever the `hop_length` of the
            union. Arrays of samples are assumed to have this rate or, in a union, the rate of the
            union; `Audio` specifies the rate of a clip.
        duration : float or "max", default=None
            Duration in seconds to which every clip is zero-padded or cut; "max" is the duration of
            the longest clip seen in fit. If None, the duration of the union is used; outside a
            union, clips keep their length.
"""

_VOICE_POOLING = """\
        pooling : str, sequence of str, callable or None, default="mean"
            Functionals, that is, statistics that summarise the frames of each coefficient; `MFCC`
            lists their names. Frames in which the coefficient is missing are left out, and a
            functional is 0 if no frame is left. A callable receives the frames in which no
            coefficient is missing, as an array of shape (n_coefficients, n_frames), or one frame of
            zeros if there are none. If None, every frame is kept, with 0 for missing values.
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
            Sample rate in Hz to which clips are resampled. If None, the rate of the union is used,
            or 22050 outside a union.
        duration : float or "max", default=None
            Duration in seconds to which every clip is zero-padded or cut; "max" is the duration of
            the longest clip seen in fit. If None, the duration of the union is used; outside a
            union, clips keep their length.
        n_fft : int, default=None
            Length of a frame in samples. If None, that of the union is used, or 2048 outside a
            union.
        hop_length : int, default=None
            Number of samples between the starts of successive frames; frame t is centred at ``t *
            hop_length / sr`` seconds. If None, that of the union is used, or 512 outside a union.
        window : str or tuple, default=None
            Window function of a frame, as for `scipy.signal.get_window`. If None, that of the union
            is used, or "hann" outside a union.
    """,
    "{mel}": """
        n_mels : int, default=128
            Number of mel bands.
        fmin, fmax : float, default=0.0, None
            Lowest and highest frequency in Hz. If `fmax` is None, the Nyquist frequency is used.
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
            Functionals, that is, statistics that summarise the frames of each coefficient: the name
            of a functional, several names (whose values are concatenated), a callable, or None. The
            names are mean, std, cv (std / mean, 0 where the mean is 0), min, max, range, median,
            iqr, skew, kurtosis, slope (per frame), mean_rising_slope, std_rising_slope,
            mean_falling_slope and std_falling_slope (per frame, of the parts between turning
            points), pNN for a percentile (p05, p95), and functionals, which stands for ten of these
            (mean, std, skew, kurtosis, slope, p05, p25, median, p75, p95). A callable takes an
            array of shape (n_coefficients, n_frames) and returns a 1-D array. If None, every frame
            is kept, coefficient by coefficient.
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
            Loss, accuracy and `metrics` of each epoch; names that begin with ``val_`` refer to the
            held-out data.
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
