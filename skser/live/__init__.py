"""Apply a fitted classifier to windows of live sound, or of a long recording."""

from skser.live._live_recognizer import LiveEvent, LiveRecognizer
from skser.live._timeline import timeline

__all__ = ["LiveEvent", "LiveRecognizer", "timeline"]
