from __future__ import annotations

import numpy as np

from skser.audio import Audio
from skser.audio._base import DEFAULT_SR
from skser.cli._options import DELTAS, POOLING
from skser.cli._output import show
from skser.cli._pipelines import feature_classes, feature_groups, make_union


def list_features() -> None:
    """Print the name, the number of values and the summary of each feature."""
    # The number of values does not depend on the sound.
    silence = [Audio(np.zeros(round(DEFAULT_SR)), DEFAULT_SR)]
    show(f"{'name':18s} {'values':>6s}  feature")
    for name, of in sorted(feature_classes().items()):
        union = make_union(name, POOLING, DELTAS).fit(silence)
        summary = (of.__doc__ or "").strip().partition("\n")[0]
        show(f"{name:18s} {len(union.get_feature_names_out()):6d}  {summary}")
    groups = feature_groups()
    show(f"{'voice':18s} {'':6s}  These {len(groups['voice'])}: {', '.join(groups['voice'])}.")
    show(f"{'all':18s} {'':6s}  Every feature except egemaps.")
    show(f"\nThe numbers refer to 'skser extract' with --pooling {POOLING} --deltas {DELTAS}.")
