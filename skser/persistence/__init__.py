"""Write models to files: model files that run no code when opened, and ONNX graphs."""

from skser.persistence._export_onnx import export_onnx
from skser.persistence._load_model import load_model, read_card
from skser.persistence._save_model import save_model

__all__ = ["export_onnx", "load_model", "read_card", "save_model"]
