"""Keras layers for networks that accept clips of any length.

Importing this package imports Keras, so import it inside a builder.
"""

from skser.neural._keras import import_keras

# Before the layers import Keras themselves, without a filter for its messages.
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
