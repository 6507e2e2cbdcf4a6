from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any

from skser._sklearn_compat import Interval, StrOptions, validate_params
from skser._text import draw_as_written
from skser.datasets._check_corpus import check_corpus
from skser.displays._spectrogram_display import SpectrogramDisplay
from skser.displays._waveform_display import WaveformDisplay

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from sklearn.utils import Bunch


@validate_params(
    {
        "kind": [StrOptions({"spectrogram", "waveform"})],
        "n_columns": [Interval(Integral, 1, None, closed="left")],
    },
    prefer_skip_nested_validation=True,
)
def plot_classes(
    corpus: Bunch, *, kind: str = "spectrogram", n_columns: int = 4, **kwargs: Any
) -> Figure:
    """Draw one clip of each class, if possible of the same speaker, on common axes.

    Parameters
    ----------
    corpus : Bunch
        Corpus, as returned by the loaders, with ``data``, ``target`` and ``groups`` (speakers, or
        None).
    kind : {"spectrogram", "waveform"}, default="spectrogram"
        Kind of plot to draw of each clip.
    n_columns : int, default=4
        Number of panels per row.
    **kwargs
        Further arguments of `SpectrogramDisplay.from_item` or `WaveformDisplay.from_item`.

    Returns
    -------
    figure : matplotlib Figure
        Figure with one panel per class.

    Raises
    ------
    AudioError
        If a clip cannot be read.

    Examples
    --------
    >>> from skser import make_emotional_speech, plot_classes
    >>> speech = make_emotional_speech(n_speakers=2, n_per_class=1, random_state=0)
    >>> figure = plot_classes(speech)
    >>> [ax.get_title() for ax in figure.axes][:3]
    ['angry', 'fearful', 'happy']
    """
    check_corpus(corpus, kind=dict)
    import matplotlib.pyplot as plt

    chosen = _one_of_each(corpus)
    n_columns = min(n_columns, len(chosen))
    n_rows = -(-len(chosen) // n_columns)
    figure, axes = plt.subplots(
        n_rows,
        n_columns,
        figsize=(2.9 * n_columns + 0.5, 2.4 * n_rows + 0.5),
        layout="constrained",
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    longest = 0.0
    for i, (label, place) in enumerate(chosen.items()):
        item, ax = corpus["data"][place], axes.flat[i]
        if kind == "waveform":
            WaveformDisplay.from_item(item, **kwargs).plot(ax)
        else:
            SpectrogramDisplay.from_item(item, **kwargs).plot(ax, colorbar=False)
        longest = max(longest, ax.get_xlim()[1])
        ax.set(title=str(label))
        draw_as_written([ax.title])
        if i % n_columns:
            ax.set_ylabel("")
        lowest = i + n_columns >= len(chosen)
        ax.tick_params(labelbottom=lowest)
        if not lowest:
            ax.set_xlabel("")
    for unused in axes.flat[len(chosen) :]:
        unused.remove()
    axes[0, 0].set_xlim(0, longest)
    return figure


def _one_of_each(corpus: Bunch) -> pd.Series[int]:
    """Return the index of a clip of each class, preferably of the speaker with most classes."""
    import pandas as pd

    clips = pd.DataFrame({"label": corpus["target"]})
    clips["speaker"] = "" if corpus["groups"] is None else corpus["groups"]
    classes_of = clips.groupby("speaker", sort=False)["label"].nunique()
    clips["other"] = clips["speaker"] != classes_of.idxmax()
    clips["place"] = range(len(clips))
    return clips.sort_values("other", kind="stable").groupby("label")["place"].first()
