"""Additive attention masks [B, 1, T, T] made from the token mask alone: no device, no arange."""

import torch
from torch import Tensor

_BLOCKED = torch.finfo(torch.float32).min


def bidirectional(mask: Tensor) -> Tensor:
    """Every query sees every valid key."""
    blocked = (1 - mask)[:, None, None, :].expand(-1, 1, mask.size(1), -1)
    return blocked.float() * _BLOCKED


def causal(mask: Tensor) -> Tensor:
    """Every query sees the valid keys that are not after it."""
    index = torch.ones_like(mask).cumsum(1)
    later = index[:, None, None, :] > index[:, None, :, None]
    blocked = later | (mask[:, None, None, :] < 1)
    return blocked.float() * _BLOCKED
