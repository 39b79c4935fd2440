"""Whether two rankings differ by more than chance."""

from collections.abc import Sequence

import numpy as np


def p_value(one: Sequence[float], other: Sequence[float], times: int = 10_000) -> float:
    """Return the two-sided p of a paired permutation test of the means; Smucker, Allan and Carterette, 2007."""
    differences = np.asarray(other) - np.asarray(one)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], size=(times, len(differences)))
    means = np.abs(signs @ differences) / len(differences)
    return float((means >= abs(differences.mean()) - 1e-12).mean())
