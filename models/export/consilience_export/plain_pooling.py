"""Poolings of one sample alone, [N, D] to [D], in plain torch: what those in the graph must equal.

Knows nothing of masks and padding.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def _mean(hidden: Tensor) -> Tensor:
    return hidden.double().mean(0).float()


def _weighted_mean(hidden: Tensor) -> Tensor:
    weights = torch.arange(1, len(hidden) + 1, dtype=torch.double)
    return (weights @ hidden.double() / weights.sum()).float()


POOL: dict[str, Callable[[Tensor], Tensor]] = {
    "first": lambda hidden: hidden[0],
    "last": lambda hidden: hidden[-1],
    "mean": _mean,
    "mean_without_first": lambda hidden: _mean(hidden[1:] if len(hidden) > 1 else hidden),
    "max": lambda hidden: hidden.max(0).values,
    "mean_sqrt_length": lambda hidden: (hidden.double().sum(0) / len(hidden) ** 0.5).float(),
    "weighted_mean": _weighted_mean,
}
