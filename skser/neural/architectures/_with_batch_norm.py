from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def with_batch_norm(linear: keras.layers.Layer) -> list[keras.layers.Layer]:
    """Put batch normalisation between a linear layer and its ReLU."""
    from keras import layers

    return [linear, layers.BatchNormalization(), layers.ReLU()]
