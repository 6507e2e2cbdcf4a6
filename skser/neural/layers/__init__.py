"""Keras layers for networks that take clips of any length.

Importing this package imports Keras: import it inside a builder.
"""

from skser.neural._keras import import_keras

# Before the layers import Keras themselves, loudly.
import_keras()

from skser.neural.layers._ensemble import (  # noqa: E402
    CosineTransform,
    EnsembleDense,
    WithoutLevel,
    pooled_crossentropy,
)
from skser.neural.layers._masked import (  # noqa: E402
    AttentiveStatisticsPooling,
    HalveMask,
    MaskedBatchNormalization,
    MaskPadding,
)

__all__ = [
    "AttentiveStatisticsPooling",
    "CosineTransform",
    "EnsembleDense",
    "HalveMask",
    "MaskPadding",
    "MaskedBatchNormalization",
    "WithoutLevel",
    "pooled_crossentropy",
]
