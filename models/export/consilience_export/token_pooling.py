"""Pooling the tokens of a text inside the graph: one row a text and pooling.

No op here names a device or makes a tensor from nothing, so that a trace runs on any device.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from consilience_export.errors import UsageError

USUAL = ("first", "last", "mean")


@dataclass(frozen=True)
class _Tokens:
    """hidden [B, T, D] float32; mask [B, T]; seen [B, T]: how many valid ones up to here."""

    hidden: Tensor
    mask: Tensor
    seen: Tensor

    @property
    def total(self) -> Tensor:
        return self.seen[:, -1:]

    def row(self, index: Tensor) -> Tensor:
        """hidden[b, index[b]], [B, D]."""
        index = index[:, None, None].expand(-1, 1, self.hidden.size(2))
        return self.hidden.gather(1, index).squeeze(1)

    def sum(self, weights: Tensor) -> Tensor:
        """The sum of the positions, weighted by weights [B, T]: [B, D]."""
        return (self.hidden * weights[:, :, None]).sum(1)


def _first(tokens: _Tokens) -> Tensor:
    return tokens.row((tokens.seen < 1).sum(1))


def _last(tokens: _Tokens) -> Tensor:
    return tokens.row((tokens.seen < tokens.total).sum(1))


def _mean(tokens: _Tokens) -> Tensor:
    return tokens.sum(tokens.mask) / tokens.total


def _mean_without_first(tokens: _Tokens) -> Tensor:
    """The first token of many models is a sink of attention: a huge vector that says little."""
    kept = tokens.mask * ((tokens.seen > 1) | (tokens.total < 2))
    return tokens.sum(kept) / kept.sum(1, keepdim=True)


def _max(tokens: _Tokens) -> Tensor:
    lowest = torch.finfo(torch.float32).min
    return tokens.hidden.masked_fill((tokens.mask < 1)[:, :, None], lowest).amax(1)


def _mean_sqrt_length(tokens: _Tokens) -> Tensor:
    return tokens.sum(tokens.mask) / tokens.total.sqrt()


def _weighted_mean(tokens: _Tokens) -> Tensor:
    """Weights 1, 2 .. n, as SGPT and sentence-transformers count them."""
    weights = tokens.seen * tokens.mask
    return tokens.sum(weights) / weights.sum(1, keepdim=True)


POOLINGS: dict[str, Callable[[_Tokens], Tensor]] = {
    "first": _first,
    "last": _last,
    "mean": _mean,
    "mean_without_first": _mean_without_first,
    "max": _max,
    "mean_sqrt_length": _mean_sqrt_length,
    "weighted_mean": _weighted_mean,
}


def chosen(asked: Sequence[str] | None, own: Sequence[str] = ()) -> list[str]:
    """What a user asks for, or the usual ones; `own` are the model's, which are always there."""
    names = list(dict.fromkeys([*(asked or USUAL), *own]))
    unknown = [name for name in names if name not in POOLINGS]
    if unknown:
        raise UsageError(f"--pool {', '.join(unknown)}: expected some of {', '.join(POOLINGS)}")
    return names


def pool_tokens(hidden: Tensor, mask: Tensor, poolings: Sequence[str]) -> Tensor:
    """Pools hidden [B, T, D] over the positions where mask [B, T] is 1: [B, P, D], float32."""
    tokens = _Tokens(hidden.float(), mask, mask.cumsum(1))
    return torch.stack([POOLINGS[name](tokens) for name in poolings], 1)
