from __future__ import annotations

from typing import TYPE_CHECKING

from skser.neural.architectures._registry import register

if TYPE_CHECKING:
    import keras


@register(
    "l2pool8",
    reference_input=(180, 1),
    parameters=281_286,
    source='unpublished notebook "Incremental selection" on CREMA-D',
)
def l2pool8(input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Build three valid convolutions, one with an L2 penalty, and wide pools, for feature vectors.

    C64,10 - C128,10 with L2 0.01 on kernel and bias - P8/8 - D.4 - C128,10 - P8/8 - D.4 - Flatten -
    FC256 - D.4 - FC K. The penalty belongs to the second convolution alone. With 180 values and 6
    classes: 281 286 parameters. Trained with Adam at 1e-3. Source: the study "Incremental
    selection" on CREMA-D.

    Parameters
    ----------
    input_shape : tuple (n_values, n_channels)
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
            layers.Conv1D(64, 10, activation="relu"),
            layers.Conv1D(
                128,
                10,
                activation="relu",
                kernel_regularizer=keras.regularizers.L2(0.01),
                bias_regularizer=keras.regularizers.L2(0.01),
            ),
            layers.MaxPooling1D(8),
            layers.Dropout(0.4),
            layers.Conv1D(128, 10, activation="relu"),
            layers.MaxPooling1D(8),
            layers.Dropout(0.4),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.4),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
