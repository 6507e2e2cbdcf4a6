from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

from skser.analysis import AnalysisPlan
from skser.features._base import PLAN_CONSTRAINTS, AudioExtractor


@dataclass(eq=False, repr=False, kw_only=True)
class FramedExtractor(AudioExtractor):
    """An extractor whose frames are set by parameters, or by the union."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        name: [*constraints, None] for name, constraints in PLAN_CONSTRAINTS.items()
    }

    n_fft: int | None = None
    hop_length: int | None = None
    window: str | tuple[Any, ...] | None = None

    def _plan(self, defaults: AnalysisPlan) -> AnalysisPlan:
        own = {field.name: getattr(self, field.name) for field in fields(AnalysisPlan)}
        return replace(defaults, **{name: v for name, v in own.items() if v is not None})
