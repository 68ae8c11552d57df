"""The layers of a timm network, found by how it is built; what is not understood is refused."""

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from consilience_export.architectures.vision import Sight, Tap, block_taps
from consilience_export.errors import ExportError
from consilience_export.memory import told_as_out_of_memory


def _learnt(module: nn.Module) -> bool:
    return next(module.parameters(), None) is not None


def _is_norm(module: nn.Module) -> bool:
    return "Norm" in type(module).__name__


def _head_modules(network: nn.Module, features: Tensor) -> list[nn.Module]:
    """What works with parameters between the features and the classifier, in order."""
    ran: list[nn.Module] = []
    handles = [
        module.register_forward_hook(lambda module, *_: ran.append(module))
        for module in network.modules()
        if next(module.parameters(recurse=False), None) is not None
    ]
    try:
        network.forward_head(features, pre_logits=True)
    finally:
        for handle in handles:
            handle.remove()
    return ran


class Trunk(nn.Module):
    """A network without its classifier; `features` and `pooled` are where its last layers arise."""

    def __init__(self, network: nn.Module, probe: Tensor):
        super().__init__()
        self.network = network
        self.features = nn.Identity()
        self.pooled = nn.Identity()
        head = _head_modules(network, network.forward_features(probe))
        self.with_head = bool(head)
        self.head_normed = bool(head) and _is_norm(head[-1])

    def forward(self, pixels: Tensor) -> Tensor:
        hidden = self.features(self.network.forward_features(pixels))
        if not self.with_head:
            return hidden
        return self.pooled(self.network.forward_head(hidden, pre_logits=True))


def _last_taps(trunk: Trunk, after: list[nn.Module]) -> list[Tap]:
    """`after`: what comes between the last block and the features."""
    taps = []
    learnt = [module for module in after if _learnt(module)]
    if learnt:
        norm = all(_is_norm(module) for module in learnt)
        name = "final_norm" if norm else "head"
        taps.append(Tap(name, trunk.features, name, normed=norm))
    if trunk.with_head:
        name = "pooled_head" if taps and taps[0].name == "head" else "head"
        taps.append(Tap(name, trunk.pooled, "head", trunk.head_normed))
    return taps


def _last_states(trunk: Trunk, taps: list[Tap], pixels: Tensor) -> list[Tensor]:
    features = trunk.network.forward_features(pixels)
    states = [features for tap in taps if tap.where is trunk.features]
    if trunk.with_head:
        states.append(trunk.network.forward_head(features, pre_logits=True))
    return states


def _without_blocks(network: nn.Module) -> nn.Module:
    """The same network, sharing its weights, that only embeds."""
    shallow = copy.copy(network)
    shallow._modules = dict(network._modules)
    shallow.blocks = type(network.blocks)()
    shallow.norm = nn.Identity()
    return shallow


def _tokens(network: nn.Module, probe: Tensor) -> Sight:
    """A transformer of one width: forward_intermediates gives its blocks."""
    trunk = Trunk(network, probe)
    last = _last_taps(trunk, [network.norm])
    prefix = network.num_prefix_tokens

    def states(pixels: Tensor) -> list[Tensor]:
        inner = network.forward_intermediates(
            pixels, return_prefix_tokens=True, output_fmt="NLC", intermediates_only=True
        )
        if prefix:
            inner = [torch.cat([first, patches], 1) for patches, first in inner]
        embedding = _without_blocks(network).forward_features(pixels)
        return [embedding, *inner, *_last_states(trunk, last, pixels)]

    return Sight(
        trunk,
        [*block_taps(list(network.blocks)), *last],
        states,
        prefix=prefix,
        class_token=getattr(network, "cls_token", None) is not None,
    )


def _steps(module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """What a stage runs, one after another: (`block` or `step`, module)."""
    for name, child in module.named_children():
        is_list = isinstance(child, (nn.Sequential, nn.ModuleList)) and "downsample" not in name
        if is_list or type(child).__name__.endswith("Stage"):
            yield from _steps(child)
        else:
            yield "step" if "downsample" in name or not _learnt(child) else "block", child


def _chain(network: nn.Module, probe: Tensor) -> list[tuple[str, nn.Module]]:
    """The steps from pixels to features, proven by running them.

    Children that are lists of stages or blocks are opened; the rest are steps of their own.
    """
    features = network.forward_features(probe)
    chain: list[tuple[str, nn.Module]] = []
    proven = 0
    hidden = probe
    for index, (_, child) in enumerate(network.named_children()):
        stages = index > 0 and (
            isinstance(child, nn.Sequential) or type(child).__name__.endswith("Stage")
        )
        steps = list(_steps(child)) if stages else [("step", child)]
        try:
            with told_as_out_of_memory("running the network"):
                for _, step in steps:
                    hidden = step(hidden)
        except (RuntimeError, TypeError, AttributeError, IndexError, ValueError):
            break
        chain += steps
        if isinstance(hidden, Tensor) and torch.equal(hidden, features):
            proven = len(chain)
    return chain[:proven]


def _convolutional(network: nn.Module) -> bool:
    return any(isinstance(module, nn.BatchNorm2d) for module in network.modules())


def _sequence(network: nn.Module, probe: Tensor) -> Sight:
    """Stem, blocks of several stages, and what follows them, one after another."""
    chain = _chain(network, probe)
    kinds = [kind for kind, _ in chain]
    if "block" not in kinds or kinds[0] == "block":
        children = ", ".join(f"{n}: {type(m).__name__}" for n, m in network.named_children())
        raise ExportError(
            f"{type(network).__name__}: its blocks were not found in ({children}); give it by "
            "python:MODULE:FUNCTION with the hook points that you want"
        )
    last_block = len(kinds) - 1 - kinds[::-1].index("block")
    first_block = kinds.index("block")
    trunk = Trunk(network, probe)
    last = _last_taps(trunk, [module for _, module in chain[last_block + 1 :]])

    def states(pixels: Tensor) -> list[Tensor]:
        hidden, found = pixels, []
        for index, (kind, step) in enumerate(chain[: last_block + 1]):
            if index == first_block:
                found.append(hidden)
            hidden = step(hidden)
            if kind == "block":
                found.append(hidden)
        return found + _last_states(trunk, last, pixels)

    blocks = [module for kind, module in chain if kind == "block"]
    return Sight(
        trunk,
        [*block_taps(blocks), *last],
        states,
        channels_last=str(getattr(network, "output_fmt", "")).upper().endswith("NHWC"),
        convolutional=_convolutional(network),
    )


def sight(network: nn.Module, size: int) -> Sight:
    """`network`: of timm, without a classifier, in evaluation mode; `size`: of its pictures."""
    dtype = next(network.parameters()).dtype
    probe = torch.linspace(-1, 1, 3 * size * size, dtype=dtype).reshape(1, 3, size, size)
    one_width = hasattr(network, "num_prefix_tokens") and hasattr(network, "forward_intermediates")
    lists = [
        n for n, m in network.named_children() if isinstance(m, (nn.Sequential, nn.ModuleList))
    ]
    with torch.no_grad():
        if one_width and lists == ["blocks"]:
            return _tokens(network, probe)
        return _sequence(network, probe)
