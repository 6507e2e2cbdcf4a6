"""A fitted classifier over sound that goes on: windows as they come, or a long recording."""

from skser.live._live_recognizer import LiveEvent, LiveRecognizer
from skser.live._timeline import timeline

__all__ = ["LiveEvent", "LiveRecognizer", "timeline"]
