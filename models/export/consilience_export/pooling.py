"""Pooling inside the graph: forward hooks pool each layer right after it, so that its hidden
states die at once.

No op here names a device or makes a tensor from nothing, so that a trace runs on any device.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from consilience_export.portable import Portable


def pool_picture(
    hidden: Tensor, poolings: Sequence[str], prefix: int = 0, channels_last: bool = False
) -> Tensor:
    """Pools a picture's hidden states: [B, P, D], float32.

    [B, N, D] has `prefix` class and register tokens in front of its patches; [B, D, H, W] (or
    [B, H, W, D], `channels_last`) has positions; [B, D] is pooled already, whatever is asked.
    """
    hidden = hidden.float()
    if hidden.dim() == 4:
        hidden = hidden.mean((1, 2) if channels_last else (2, 3))
    if hidden.dim() == 2:
        return torch.stack([hidden] * len(poolings), 1)
    rows = {
        "first": lambda: hidden[:, 0],
        "mean": lambda: hidden.mean(1),
        "patches": lambda: hidden[:, prefix:].mean(1),
    }
    return torch.stack([rows[pooling]() for pooling in poolings], 1)


@dataclass(frozen=True)
class Before:
    """A tap on what a module is given, not on what it makes."""

    module: nn.Module


class Tapped(nn.Module):
    """Runs a model and pools the output (or input) of each tapped module where it arises."""

    def __init__(self, model: nn.Module, taps: Sequence[nn.Module | Before]):
        super().__init__()
        self.model = model
        self._pooled: list[Tensor] = []
        self._pool: Callable[[Tensor], Tensor] | None = None
        self._handles = [self._register(tap) for tap in taps]

    def _register(self, tap: nn.Module | Before):
        if isinstance(tap, Before):
            return tap.module.register_forward_pre_hook(self._on_input, with_kwargs=True)
        return tap.register_forward_hook(self._on_output)

    def keep(self, kept: Sequence[int]) -> None:
        """Taps only these of the modules it was given."""
        for index, handle in enumerate(self._handles):
            if index not in kept:
                handle.remove()

    def _on_input(self, module, inputs, named) -> None:
        self._on_output(module, None, inputs[0] if inputs else next(iter(named.values())))

    def _on_output(self, _module, _inputs, output) -> None:
        if self._pool is not None:
            hidden = output if isinstance(output, Tensor) else output[0]
            self._pooled.append(self._pool(hidden))

    def run(self, pool: Callable[[Tensor], Tensor], *args, **kwargs) -> tuple[list[Tensor], object]:
        """Calls the model; returns the pooled layers in the order they ran, and its output."""
        self._pooled, self._pool = [], pool
        try:
            output = self.model(*args, **kwargs)
        finally:
            pooled, self._pooled, self._pool = self._pooled, [], None
        return pooled, output


class VisionEncoder(Tapped):
    """forward(pixels) -> pooled layers; `pool` maps one layer's output to [B, P, D].

    A network of 16-bit weights is given 16-bit pixels.
    """

    def __init__(self, model, taps, pool, dtype: torch.dtype = torch.float32):
        super().__init__(model, taps)
        self.pool = pool
        self.dtype = dtype

    def forward(self, pixels: Tensor) -> list[Tensor]:
        with Portable(pixels):
            if self.dtype != pixels.dtype:
                pixels = pixels.to(self.dtype)
            return self.run(self.pool, pixels)[0]
