"""Selection of features."""

from skser.selection._incremental import incremental_grid
from skser.selection._prefetch import prefetch
from skser.selection._table import selection_table

__all__ = ["incremental_grid", "prefetch", "selection_table"]
