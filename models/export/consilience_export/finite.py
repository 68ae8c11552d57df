"""Weights that are numbers."""

import torch
from torch import nn

from consilience_export.errors import ExportError
from consilience_export.listing import some


def check(network: nn.Module) -> None:
    """Raises ExportError naming the tensors that hold NaN or infinity."""
    broken = [
        name
        for name, tensor in network.state_dict().items()
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all())
    ]
    if broken:
        raise ExportError(f"NaN or infinity among the weights: {some(broken)}")
