"""Additive attention masks [B, 1, T, T] made from the token mask alone: no device, no arange.

A query always sees itself, padding too: where nothing is left to see, 16 bits can make NaN of it,
which spreads. `window`: how far a layer sees, in tokens, as transformers counts it: each way and
inclusive, or back with the token itself among them.
"""

import torch
from torch import Tensor


def _index(mask: Tensor) -> tuple[Tensor, Tensor]:
    index = torch.ones_like(mask).cumsum(1)
    return index[:, None, :, None], index[:, None, None, :]


def _additive(blocked: Tensor, dtype: torch.dtype) -> Tensor:
    return blocked.to(dtype) * torch.finfo(dtype).min


def each_way(mask: Tensor, dtype: torch.dtype = torch.float32, window: int | None = None) -> Tensor:
    """Every query sees every valid key, no further than `window` on either side."""
    blocked = (mask < 1)[:, None, None, :].expand(-1, 1, mask.size(1), -1)
    if window is not None:
        query, key = _index(mask)
        blocked = (blocked | ((query - key).abs() > window)) & (key != query)
    return _additive(blocked, dtype)


def causal(mask: Tensor, dtype: torch.dtype = torch.float32, window: int | None = None) -> Tensor:
    """Every query sees the valid keys that are not after it; of those the last `window`."""
    query, key = _index(mask)
    blocked = (key > query) | (mask < 1)[:, None, None, :]
    if window is not None:
        blocked = blocked | (key <= query - window)
    return _additive(blocked & (key != query), dtype)
