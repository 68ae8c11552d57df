"""Filling a transformers network with weights that come as arrays."""

from typing import Any

import torch
from torch import nn


def fill(model: nn.Module, weights: dict[str, Any]) -> nn.Module:
    """Loads numpy weights; every name must match. Returns the model in evaluation mode."""
    model.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in weights.items()})
    return model.eval()
