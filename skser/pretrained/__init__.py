"""Embeddings of pretrained models, computed by onnxruntime (the extra ``pretrained``)."""

from skser.pretrained._fetch import fetch_speech_embedding
from skser.pretrained._onnx_embedding import OnnxEmbedding
from skser.pretrained._speech_embedding import SpeechEmbedding

__all__ = ["OnnxEmbedding", "SpeechEmbedding", "fetch_speech_embedding"]
