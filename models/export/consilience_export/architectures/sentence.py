"""What a sentence encoder does after pooling, on vectors [.., D]."""

from typing import Any

import torch
from torch import Tensor, nn

from consilience_export.errors import ExportError

ACTIVATIONS = {
    "Identity": nn.Identity,
    "Tanh": nn.Tanh,
    "ReLU": nn.ReLU,
    "GELU": nn.GELU,
    "SiLU": nn.SiLU,
    "Sigmoid": nn.Sigmoid,
}


class Normalize(nn.Module):
    """To length 1."""

    def forward(self, vectors: Tensor) -> Tensor:
        return nn.functional.normalize(vectors, dim=-1)


def dense(config: dict[str, Any]) -> nn.Module:
    """A linear layer (`linear.*` tensors) and its activation by sentence-transformers' name."""
    name = str(config.get("activation_function") or "Identity").rsplit(".", 1)[-1]
    if name not in ACTIVATIONS:
        raise ExportError(f"activation {name!r}: expected one of {', '.join(ACTIVATIONS)}")
    layer = nn.Sequential()
    layer.add_module(
        "linear",
        nn.Linear(config["in_features"], config["out_features"], bias=config.get("bias", True)),
    )
    layer.add_module("activation", ACTIVATIONS[name]())
    return layer


class Sentence(nn.Module):
    """A network and what comes after pooling: together they are the model."""

    def __init__(self, network: nn.Module, after: nn.Module):
        super().__init__()
        self.network = network
        self.after = after


def width_after(after: nn.Module, width: int) -> int:
    with torch.no_grad():
        return after(torch.zeros(1, width)).size(-1)
