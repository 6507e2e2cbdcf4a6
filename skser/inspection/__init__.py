"""Inspect what a fitted model listens to in a clip."""

from skser.inspection._occlusion import occlusion
from skser.inspection._relevance_map import RelevanceMap
from skser.inspection._saliency import saliency

__all__ = ["RelevanceMap", "occlusion", "saliency"]
