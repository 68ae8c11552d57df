"""Pooling inside the graph: forward hooks pool each layer right after it, so that its hidden
states die at once.

No op here names a device or makes a tensor from nothing, so that a trace runs on any device.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


def position_ids(mask: Tensor) -> Tensor:
    """Index of every token among the valid ones, [B, T]; 0 before the first."""
    return (mask.cumsum(1) - 1).clamp(min=0)


def _row(hidden: Tensor, index: Tensor) -> Tensor:
    """hidden[b, index[b]], [B, D]."""
    return hidden.gather(1, index[:, None, None].expand(-1, 1, hidden.size(2))).squeeze(1)


def pool_tokens(hidden: Tensor, mask: Tensor, poolings: Sequence[str]) -> Tensor:
    """Pools hidden [B, T, D] over the positions where mask [B, T] is 1: [B, P, D], float32."""
    hidden = hidden.float()
    seen = mask.cumsum(1)
    total = seen[:, -1:]
    pooled = []
    for pooling in poolings:
        if pooling == "first":
            pooled.append(_row(hidden, (seen < 1).sum(1)))
        elif pooling == "last":
            pooled.append(_row(hidden, (seen < total).sum(1)))
        else:
            pooled.append((hidden * mask[:, :, None]).sum(1) / total)
    return torch.stack(pooled, 1)


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


class TextEncoder(Tapped):
    """forward(ids, mask) -> pooled layers, and [nll, tokens] when a head is given.

    `call(ids, mask)` gives the model's arguments; `head(hidden, ids, mask)` gives [B, S].
    """

    def __init__(self, model, taps, poolings, call, head=None):
        super().__init__(model, taps)
        self.poolings = tuple(poolings)
        self.call = call
        self.head = head

    def forward(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        def pool(hidden: Tensor) -> Tensor:
            return pool_tokens(hidden, mask, self.poolings)

        inputs = self.call(ids, mask)
        pooled, output = self.run(pool, **inputs)
        if self.head is not None:
            pooled.append(self.head(output.last_hidden_state, ids, mask))
        return pooled


class VisionEncoder(Tapped):
    """forward(pixels) -> pooled layers; `pool` maps one layer's output to [B, P, D]."""

    def __init__(self, model, taps, pool):
        super().__init__(model, taps)
        self.pool = pool

    def forward(self, pixels: Tensor) -> list[Tensor]:
        return self.run(self.pool, pixels)[0]
