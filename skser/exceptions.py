"""Errors and warnings raised by skser."""

__all__ = ["AudioError", "AudioWarning", "ModelFileError", "SkserError"]


class SkserError(Exception):
    """Base class of every error that skser raises on its own account."""


class AudioError(SkserError, ValueError):
    """A clip cannot be used; the message says which, why, and what to do."""


class ModelFileError(SkserError, ValueError):
    """A model file cannot be written or opened; the message says why, and what to do."""


class AudioWarning(UserWarning):
    """Clips were left out or changed in a way the caller should know of."""
