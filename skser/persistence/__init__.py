"""Write models to files: model files that run no code when opened, and ONNX graphs."""

import lazy_loader

# Reading a card needs none of the libraries that a model needs.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
