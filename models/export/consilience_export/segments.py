"""Cutting a text network's stack of blocks into files that run one after another.

The first segment has the embedding and the first blocks, the last one the final norm and the head.
Every segment is the whole encoder with what lies outside it replaced by modules without weights, so
that one mechanism serves every family, and every operation is that of the uncut network.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from consilience_export.architectures.text_module import TextEncoder
from consilience_export.encoder import Encoder
from consilience_export.errors import ExportError, UsageError
from consilience_export.torchscript import trace
from consilience_export.torchscript.artefact import Artefact


class _Border:
    """The hidden states [B, T, D] that cross into a segment and out of it, during one call."""

    given: Tensor | None = None
    taken: Tensor | None = None


class _Outside(nn.Module):
    """In the place of a block: gives what came from outside, or takes what leaves."""

    def __init__(self, block: nn.Module, border: _Border, outputs: int | None):
        super().__init__()
        self.__dict__["block"] = block  # not a child: its weights belong to another segment
        self.__dict__["border"] = border
        self.__dict__["outputs"] = outputs

    def __getattr__(self, name: str):
        return getattr(self.__dict__["block"], name)  # what the network asks its blocks for

    def pass_on(self, hidden: Tensor) -> Tensor:
        raise NotImplementedError

    def forward(self, *inputs, **named):
        hidden = self.pass_on(inputs[0] if inputs else next(iter(named.values())))
        return hidden if self.outputs is None else (hidden,) + (None,) * (self.outputs - 1)


class _Earlier(_Outside):
    def pass_on(self, hidden: Tensor) -> Tensor:
        return self.border.given


class _Later(_Outside):
    def pass_on(self, hidden: Tensor) -> Tensor:
        if self.border.taken is None:
            self.border.taken = hidden
        return hidden


class _GivenTokens(nn.Module):
    """In the place of the token embedding, whose output no later segment uses."""

    def __init__(self, border: _Border):
        super().__init__()
        self.__dict__["border"] = border

    def forward(self, ids: Tensor) -> Tensor:
        return self.border.given


class _Segment(nn.Module):
    """forward(ids, mask[, hidden]) -> [hidden, features ..], the last one's without hidden."""

    def __init__(self, encoder: TextEncoder, border: _Border):
        super().__init__()
        self.encoder = encoder
        self.__dict__["border"] = border

    def forward(self, ids: Tensor, mask: Tensor, hidden: Tensor | None = None) -> list[Tensor]:
        self.border.given, self.border.taken = hidden, None
        features = self.encoder(ids, mask)
        taken, self.border.taken, self.border.given = self.border.taken, None, None
        return features if taken is None else [taken, *features]


class Chain(nn.Module):
    """Loaded segments as one module, called as the engine calls them."""

    def __init__(self, segments: list[Artefact]):
        super().__init__()
        self.first, self.last = segments[0], segments[-1]
        self.between = nn.ModuleList(segments[1:-1])

    def forward(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        """All features, and the scalars."""
        returned = self.first(ids, mask)
        hidden, features = returned[0], returned[1:]
        for segment in self.between:
            returned = segment(ids, mask, hidden)
            hidden = returned[0]
            features += returned[1:]
        return features + self.last(ids, mask, hidden)


def _outputs(blocks: nn.ModuleList, module: TextEncoder, example: tuple[Tensor, ...]) -> list:
    """How many values each block returns, None for a bare tensor.

    Raises ExportError where one takes from another what is not hidden states: T5's position bias.
    """
    found: dict[nn.Module, int | None] = {}
    beside: list[Tensor] = []

    def before(_block, inputs, named):
        if any(value is other for value in [*inputs, *named.values()] for other in beside):
            raise ExportError("--segments: its blocks hand over more than hidden states")

    def after(block, _inputs, output):
        several = isinstance(output, tuple)
        found[block] = len(output) if several else None
        if several:
            beside.extend(value for value in output[1:] if isinstance(value, Tensor))

    handles = [block.register_forward_pre_hook(before, with_kwargs=True) for block in blocks]
    handles += [block.register_forward_hook(after) for block in blocks]
    try:
        with torch.no_grad():
            module(*example)
    finally:
        for handle in handles:
            handle.remove()
    return [found[block] for block in blocks]


@contextlib.contextmanager
def _replaced(parent: nn.Module, name: str, module: nn.Module | None) -> Iterator[None]:
    original = getattr(parent, name)
    setattr(parent, name, module)
    try:
        yield
    finally:
        setattr(parent, name, original)


def _at(model: nn.Module, path: str) -> tuple[nn.Module, str]:
    parent, _, name = path.rpartition(".")
    return model.get_submodule(parent), name


@contextlib.contextmanager
def _only(module: TextEncoder, begin: int, end: int, outputs: list) -> Iterator[_Segment]:
    """The encoder with the blocks [begin, end) alone."""
    border = _Border()
    model, family = module.model, module.call.family
    blocks = model.get_submodule(family.blocks)
    with contextlib.ExitStack() as changes:

        def replace(parent: nn.Module, name: str, by: nn.Module | None) -> None:
            if getattr(parent, name, None) is not None:
                changes.enter_context(_replaced(parent, name, by))

        for index, block in enumerate(list(blocks)):
            if not begin <= index < end:
                outside = _Earlier if index < begin else _Later
                replace(blocks, str(index), outside(block, border, outputs[index]))
        if begin > 0:
            tokens = model.get_input_embeddings()
            changes.callback(model.set_input_embeddings, tokens)
            model.set_input_embeddings(_GivenTokens(border))
            if family.after_first_block:
                replace(*_at(model, family.after_first_block), None)
        if end < len(blocks):
            replace(module, "head", None)
            replace(module, "after", None)
            if family.norm:
                replace(*_at(model, family.norm), nn.Identity())
        yield _Segment(module, border)


def save(encoder: Encoder, folder: Path, count: int) -> list[Path]:
    """Writes model.ts, or model-0.ts and so on, about the same number of blocks in each.

    Raises UsageError for a network that is not cut, ExportError for one that cannot be.
    """
    if count == 1:
        trace.save(encoder, folder / "model.ts")
        return [folder / "model.ts"]
    module = encoder.module
    if not isinstance(module, TextEncoder):
        raise UsageError(f"--segments {count}: only text networks are cut, this is another")
    blocks = module.model.get_submodule(module.call.family.blocks)
    if count > len(blocks):
        raise UsageError(f"--segments {count}: the network has {len(blocks)} blocks to deal")
    example = trace.example(encoder)
    outputs = _outputs(blocks, module, example)
    borders = [index * len(blocks) // count for index in range(count + 1)]
    files = []
    inputs = example
    for number in range(count):
        with _only(module, borders[number], borders[number + 1], outputs) as segment:
            files.append(folder / f"model-{number}.ts")
            trace.save_module(segment, inputs, files[-1])
            with torch.no_grad():
                inputs = (*example, segment(*inputs)[0])
    return files


def load(files: list[Path]) -> Artefact:
    """The files as one module, that runs as in the engine."""
    modules = [trace.load(file) for file in files]
    return modules[0] if len(modules) == 1 else trace.scripted(Chain(modules))
