"""Tracing without devices: tensors that a network makes from nothing are made from an input.

`torch.arange(n, device=x.device)` puts the device of the trace into the graph as a constant. Inside
`Portable(anchor)` such a call becomes a computation on `anchor`, so that the graph runs wherever
its inputs lie.
"""

from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

_FILL = {torch.zeros: 0, torch.ones: 1}


def _dtype_of(value: Any) -> torch.dtype:
    """As torch infers it for a Python number."""
    if isinstance(value, bool):
        return torch.bool
    return torch.long if isinstance(value, int) else torch.get_default_dtype()


def _converted(tensor: Tensor, *targets: Any, device: Any = None, **kwargs: Any) -> Tensor:
    """`tensor.to(..)` without the move: everything lies where the inputs lie."""
    targets = tuple(t for t in targets if not isinstance(t, torch.device | str))
    return tensor.to(*targets, **kwargs) if targets or kwargs.get("dtype") else tensor


class Portable(TorchFunctionMode):
    """While active, factories follow the device of `anchor` instead of naming one."""

    def __init__(self, anchor: Tensor):
        super().__init__()
        self._anchor = anchor

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if function is Tensor.to:
            return _converted(*args, **kwargs)
        dtype = kwargs.get("dtype")
        if "out" not in kwargs:
            if function is torch.arange and not any(isinstance(a, float) for a in args):
                return self._arange(*args, dtype=dtype)
            if function is torch.full:
                return self._full(args[0], args[1], dtype)
            if function in _FILL:
                size = args[0] if isinstance(args[0], tuple | list) else args
                return self._full(size, _FILL[function], dtype or torch.get_default_dtype())
            if function is torch.tensor and isinstance(args[0], Tensor):
                return args[0].to(dtype or args[0].dtype)
            if function is torch.tensor and isinstance(args[0], bool | int | float):
                return self._full((), args[0], dtype)
        return function(*args, **kwargs)

    def _full(self, size: Any, value: Any, dtype: torch.dtype | None) -> Tensor:
        return self._anchor.new_full(size, value, dtype=dtype or _dtype_of(value))

    def _arange(self, *bounds: Any, dtype: torch.dtype | None) -> Tensor:
        start, end, step = {1: (0, *bounds, 1), 2: (*bounds, 1), 3: bounds}[len(bounds)]
        count = (end - start + step - 1) // step
        index = self._anchor.new_ones([count], dtype=torch.long).cumsum(0) - 1
        return (index * step + start).to(dtype or torch.long)
