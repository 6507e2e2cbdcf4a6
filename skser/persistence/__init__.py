"""Fitted estimators in files that others can use."""

from skser.persistence._export_onnx import export_onnx

__all__ = ["export_onnx"]
