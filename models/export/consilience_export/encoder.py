"""What a source hands over: one model ready to be traced, checked and described."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from torch import Tensor, nn


@dataclass(frozen=True)
class Layer:
    """A tap: what it is called, d, and what it is.

    Kinds: embedding, block, final_norm, head, sentence. `normed`: its output has passed a
    normalisation, as blocks of post-norm networks and final norms have.
    """

    name: str
    width: int
    kind: str
    normed: bool = False


@dataclass(frozen=True)
class AfterPooling:
    """A layer of a reference that comes after pooling: `apply` maps the pooled `hidden` [P, D]."""

    hidden: Tensor
    apply: Callable[[Tensor], Tensor]


Reference = Callable[[Tensor], tuple[list[Tensor | AfterPooling], Tensor | None]]


@dataclass
class Encoder:
    """A model with its taps.

    `module` is traced: forward(ids, mask), forward(pixels) or forward(waveform) gives every layer
    pooled, [B, P, D]. `original` is the network whose tensors name the package.
    `reference(sample)` runs the original, eager and unpooled, on one sample alone (ids [T], pixels
    [3, H, W], waveform [N]): the [N, D] positions of every layer, and its scalars [S]. There is
    none of an `artefact` that somebody else made: it is packaged as it is.
    """

    modality: str
    module: nn.Module
    original: nn.Module
    reference: Reference | None
    layers: list[Layer]
    poolings: list[str]
    architecture: dict[str, Any]
    origin: dict[str, Any] = field(default_factory=dict)  # hashed: where the weights came from
    facts: dict[str, Any] = field(default_factory=dict)  # not hashed: licence, objective ..
    scalars: list[str] = field(default_factory=list)
    pixels: dict[str, Any] | None = None
    tokens: dict[str, Any] | None = None
    audio: dict[str, Any] | None = None
    prefix_tokens: int = 0  # vision: class and register tokens in front of the patches
    tokenizer: Tokenizer | None = None
    weights: dict[str, Any] = field(default_factory=lambda: {"kind": "trained"})
    runtime: dict[str, Any] = field(
        default_factory=lambda: {"freeze": False, "channels_last": False}
    )
    dtype: str = "f32"
    scripted: bool = False
    artefact: Path | None = None
    depth: int = field(init=False)  # blocks of the network, kept or not

    def __post_init__(self) -> None:
        self.depth = sum(layer.kind == "block" for layer in self.layers)


def block_layers(blocks: int, width: int, *, final_norm: bool, normed: bool) -> list[Layer]:
    """The layers of a transformer of one width; `normed`: its blocks end in their norm."""
    layers = [Layer("embedding", width, "embedding")]
    layers += [Layer(f"block_{i}", width, "block", normed) for i in range(blocks)]
    if final_norm:
        layers.append(Layer("final_norm", width, "final_norm", True))
    return layers
