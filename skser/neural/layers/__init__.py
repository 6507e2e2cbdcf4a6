"""Keras layers for networks that take clips of any length.

Importing this package imports Keras: import it inside a builder.
"""

from skser.neural.layers._ensemble import (
    CosineTransform,
    EnsembleDense,
    WithoutLevel,
    pooled_crossentropy,
)
from skser.neural.layers._masked import (
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
