"""From a network that sees to an encoder: layers measured by running it, poolings, reference."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from consilience_export import foreign
from consilience_export.dtypes import NAMES
from consilience_export.encoder import Encoder, Layer
from consilience_export.errors import ExportError, UsageError
from consilience_export.pooling import Before, VisionEncoder, pool_picture

POOLINGS = ("first", "mean", "patches")


@dataclass(frozen=True)
class Tap:
    """A layer: its name, where it arises, and what it is (encoder.Layer)."""

    name: str
    where: nn.Module | Before
    kind: str
    normed: bool = False


@dataclass
class Sight:
    """A network for pictures and its layers.

    `network(pixels)` runs it. `states(pixels)` gives every layer's hidden states by the library's
    own means, never by the taps: [B, N, D], [B, D, H, W] (or [B, H, W, D], `channels_last`), or
    [B, D]. `prefix`: class and register tokens in front of the patches; `class_token`: whether the
    first is one.
    """

    network: nn.Module
    taps: list[Tap]
    states: Callable[[Tensor], Sequence[Tensor]]
    prefix: int = 0
    class_token: bool = False
    channels_last: bool = False
    convolutional: bool = False

    @property
    def poolings(self) -> list[str]:
        """Those that mean something here: only tokens have a first one, or any to leave out."""
        known = {"first": self.class_token, "mean": True, "patches": self.prefix > 0}
        return [name for name in POOLINGS if known[name]]


def block_taps(blocks: Sequence[nn.Module]) -> list[Tap]:
    """What the first block is given, and what every block makes."""
    taps = [Tap("embedding", Before(blocks[0]), "embedding")]
    return taps + [Tap(f"block_{i}", block, "block") for i, block in enumerate(blocks)]


def chosen_poolings(wanted: Sequence[str] | None, known: Sequence[str]) -> list[str]:
    """All that the model has, or those of `--pool`."""
    if wanted is None:
        return list(known)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise UsageError(
            f"--pool {','.join(wanted)}: this model has no {', '.join(unknown)}; "
            f"expected some of {', '.join(known)}"
        )
    return list(dict.fromkeys(wanted))


def positions(hidden: Tensor, prefix: int, channels_last: bool) -> Tensor:
    """Hidden states of one picture as [N, D]. What is pooled already stands at every position."""
    if hidden.dim() == 4:
        return hidden[0].flatten(0, 1) if channels_last else hidden[0].flatten(1).T
    return hidden[0] if hidden.dim() == 3 else hidden.expand(prefix + 1, -1)


def _widths(sight: Sight, size: int, dtype: torch.dtype) -> list[int]:
    """Of every layer, by running the network once; says what it says when it cannot run."""
    failed = f"does not run on pictures of {size} x {size}"
    with torch.no_grad(), foreign.told("running the network", failed):
        states = sight.states(torch.zeros(1, 3, size, size, dtype=dtype))
    if len(states) != len(sight.taps):
        raise ExportError(f"expected {len(sight.taps)} layers, the network gives {len(states)}")
    axis = -1 if sight.channels_last else 1
    return [state.size(axis if state.dim() == 4 else -1) for state in states]


def encoder(
    sight: Sight,
    pixels: dict[str, Any],
    original: nn.Module,
    architecture: dict[str, Any],
    origin: dict[str, Any],
    *,
    poolings: Sequence[str] | None = None,
    facts: dict[str, Any] | None = None,
) -> Encoder:
    """`pixels`: the card's recipe; `poolings`: some of those that the network has."""
    names = chosen_poolings(poolings, sight.poolings)
    dtype = next(original.parameters()).dtype
    widths = _widths(sight, pixels["crop"], dtype)

    def pool(hidden: Tensor) -> Tensor:
        return pool_picture(hidden, names, sight.prefix, sight.channels_last)

    def reference(sample: Tensor) -> tuple[list[Tensor], None]:
        with torch.no_grad():
            states = sight.states(sample[None].to(dtype))
        return [positions(state, sight.prefix, sight.channels_last) for state in states], None

    fast = sight.convolutional
    return Encoder(
        modality="vision",
        module=VisionEncoder(sight.network, [tap.where for tap in sight.taps], pool, dtype),
        original=original,
        reference=reference,
        layers=[
            Layer(tap.name, width, tap.kind, tap.normed)
            for tap, width in zip(sight.taps, widths, strict=True)
        ],
        poolings=names,
        architecture=architecture,
        origin=origin,
        facts=facts or {},
        pixels=pixels,
        prefix_tokens=sight.prefix,
        runtime={"freeze": fast, "channels_last": fast},
        dtype=NAMES[dtype],
    )
