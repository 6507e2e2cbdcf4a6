"""Rankings of classes, and displays."""

from skser.metrics._confusion_ranking import confusion_ranking
from skser.metrics._selection_display import SelectionDisplay

__all__ = ["SelectionDisplay", "confusion_ranking"]
