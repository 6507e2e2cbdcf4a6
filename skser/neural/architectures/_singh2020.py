from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "singh2020",
    reference_input=(128, 157, 1),
    parameters=897_350,
    source=(
        "M. Singh, Y. Fang, 2020, Emotion Recognition in Audio and Video Using Deep Neural "
        "Networks, arXiv:2006.08129, adapted"
    ),
)
def singh2020(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build three valid convolutions with tall, then wide kernels, for mel spectrograms.

    C16,12x6 - P2/2 - C24,8x12 - P2/2 - C24,5x7 - Flatten - FC64 - D.2 - FC K. With 128 x 157 values
    and 6 classes: 897 350 parameters. Trained with Adam at 1e-3, 10 epochs, batches of 128. Source:
    Singh & Fang 2020, arXiv:2006.08129, as adapted by the study "Frame sequences" on CREMA-D.

    Parameters
    ----------
    input_shape : tuple (n_rows, n_frames, n_channels)
    n_classes : int

    Returns
    -------
    model : keras.Model
    """
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(16, (12, 6), activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(24, (8, 12), activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(24, (5, 7), activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
