from ._export_onnx import export_onnx as export_onnx
from ._load_model import load_model as load_model
from ._read_card import read_card as read_card
from ._save_model import save_model as save_model
