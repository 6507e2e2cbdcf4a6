"""Errors and warnings raised by skser."""

__all__ = ["AudioError", "AudioWarning", "ModelFileError", "SkserError"]


class SkserError(Exception):
    """Base class of all errors specific to skser."""


class AudioError(SkserError, ValueError):
    """A clip cannot be used; the message says which clip, why, and what to do."""


class ModelFileError(SkserError, ValueError):
    """A model file cannot be written or opened; the message says why and what to do."""


class AudioWarning(UserWarning):
    """Clips were left out or changed in a way that the caller should know about."""
