"""Selection of features."""

from skser.selection._format_table import format_selection_table
from skser.selection._incremental import incremental_grid
from skser.selection._nested_score import nested_score
from skser.selection._paired_test import corrected_t_test
from skser.selection._prefetch import prefetch
from skser.selection._sequential_group_selector import SequentialGroupSelector
from skser.selection._table import selection_table

__all__ = [
    "SequentialGroupSelector",
    "corrected_t_test",
    "format_selection_table",
    "incremental_grid",
    "nested_score",
    "prefetch",
    "selection_table",
]
