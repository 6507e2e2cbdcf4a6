"""Scores, reports, rankings of classes, and the importance of features."""

from skser.metrics._compare_protocols import compare_protocols
from skser.metrics._confusion_pairs import confusion_pairs
from skser.metrics._confusion_ranking import confusion_ranking
from skser.metrics._emotion_report import EmotionReport
from skser.metrics._group_importance import group_importance
from skser.metrics._uar import uar_score, uar_scorer

__all__ = [
    "EmotionReport",
    "compare_protocols",
    "confusion_pairs",
    "confusion_ranking",
    "group_importance",
    "uar_score",
    "uar_scorer",
]
