"""What a family's loader hands over: one model ready to be traced, checked and described."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tokenizers import Tokenizer
from torch import Tensor, nn

from consilience_export.sources import SourceFile

Reference = Callable[[Tensor], tuple[list[Tensor], Tensor | None]]


@dataclass
class Encoder:
    """A model with its taps.

    `reference(sample)` runs the original, eager and unpooled, on one sample alone (ids [T] or
    pixels [3, H, W]): the [N, D] positions of every layer, and its scalars [S].
    """

    modality: str
    module: nn.Module
    original: nn.Module
    reference: Reference
    layers: list[tuple[str, int]]
    poolings: list[str]
    architecture: dict[str, Any]
    source: SourceFile | None
    scalars: list[str] = field(default_factory=list)
    pixels: dict[str, Any] | None = None
    tokens: dict[str, Any] | None = None
    tokenizer: Tokenizer | None = None
    weights: dict[str, Any] = field(default_factory=lambda: {"kind": "trained"})
    runtime: dict[str, bool] = field(
        default_factory=lambda: {"freeze": False, "channels_last": False}
    )
    scripted: bool = False


def block_layers(blocks: int, width: int, final_norm: bool) -> list[tuple[str, int]]:
    """The layers of a transformer of one width."""
    names = ["embedding", *(f"block_{i}" for i in range(blocks))]
    return [(name, width) for name in names + ["final_norm"] * final_norm]
