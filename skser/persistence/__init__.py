"""Model files that run no code when they are opened."""

from skser.persistence._load_model import load_model, read_card
from skser.persistence._save_model import save_model

__all__ = ["load_model", "read_card", "save_model"]
