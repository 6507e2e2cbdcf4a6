from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from sklearn.utils.validation import check_is_fitted

from skser._files import check_writable, writing
from skser.persistence._archive import pack
from skser.persistence._card import make_card, to_json
from skser.persistence._onnx_carried import graphs_of, without_graphs
from skser.persistence._skops_file import dump

_NOT_FITTED = (
    "This %(name)s is not fitted, so a model loaded from the file could not predict. Call its fit "
    "before save_model; cross-validation and searches fit copies of it."
)


def save_model(
    estimator: Any,
    path: str | os.PathLike[str],
    *,
    card: Mapping[str, Any] | None = None,
    onnx: bool = False,
) -> dict[str, Any]:
    """Write an estimator to a file that runs no code when it is opened.

    The file contains the estimator in the format of skops, arrays and the weights of networks in
    NumPy's format, and a card in JSON. It does not contain a pickle. A network is stored as the
    name of its architecture and its weights. The folder of a `memory` is left out, because it
    belongs to this machine. An embedding such as `OnnxEmbedding` is stored as the path and the
    SHA-256 of its model, without the model itself.

    Parameters
    ----------
    estimator : estimator
        Estimator to write, usually a fitted pipeline of clips. A transformer need not be fitted.
    path : str or os.PathLike
        File to write, such as ``"voice.skser"``. It is written as a whole or not at all.
    card : mapping, default=None
        Description of the model: ``licence``, ``note``, ``corpus``, ``score`` and anything else
        that can be written as JSON. For an `EmotionReport`, its scores are written. The classes,
        the input, the versions and the date, and the score of a search, are added automatically.
    onnx : bool, default=False
        Whether to store the graph of each network, with which `load_model` can predict without
        TensorFlow. The weights are then in the file twice.

    Returns
    -------
    card : dict
        Card as returned by `read_card`.

    Raises
    ------
    ImportError
        If `onnx` is True, the estimator contains a network, and onnx or tf2onnx is not installed.
    ModelFileError
        If the estimator contains something that the format cannot store, such as a lambda or an
        object of Keras, or the card is not JSON.
    NotFittedError
        If `estimator` has a method `predict` but is not fitted.
    TypeError
        If `estimator` is not an estimator, or `card` is not a mapping.
    OSError
        If the file cannot be written.

    See Also
    --------
    load_model : Load the estimator from the file.
    export_onnx : Write only a graph, for programs without skser.
    read_card : Read only the card.

    Examples
    --------
    >>> import tempfile
    >>> from skser import load_model, make_emotional_speech, make_recognizer, save_model
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=3, random_state=0)
    >>> recognizer = make_recognizer("fast", embedding=False).fit(speech.data, speech.target)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = f"{folder}/voice.skser"
    ...     card = save_model(recognizer, file, card={"note": "A test signal, not speech."})
    ...     loaded = load_model(file)
    >>> (loaded.predict(speech.data) == recognizer.predict(speech.data)).all().item()
    True
    """
    if isinstance(estimator, type) or not hasattr(estimator, "get_params"):
        raise TypeError(f"estimator={estimator!r} must be an estimator of scikit-learn.")
    if hasattr(estimator, "predict"):
        check_is_fitted(estimator, msg=_NOT_FITTED)
    check_writable(path)
    graphs = graphs_of(estimator) if onnx else {}
    estimator = without_graphs(estimator)
    file = dump(estimator)
    written = make_card(
        estimator, {} if card is None else card, file.to_trust, modules=file.modules
    )
    members = {
        "card.json": to_json(written),
        "estimator.skops": file.data,
        **{f"graphs/{name}.onnx": graph for name, graph in graphs.items()},
    }
    data = pack(members, sealed=True)
    with writing(path) as temporary:
        temporary.write_bytes(data)
    return written
