"""An encoder from any network and the names of the modules whose outputs are its layers."""

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from consilience_export import foreign
from consilience_export.errors import ExportError

_KINDS = {"embedding": "embedding", "final_norm": "final_norm", "head": "head"}


@dataclass(frozen=True)
class Hook:
    """A layer: its name, the module that makes it, and what it is (encoder.Layer)."""

    name: str
    module: nn.Module
    kind: str
    normed: bool


def _one(model: nn.Module, entry: Any) -> Hook:
    """`"blocks.0"`, `("block_0", "blocks.0")`, `("block_0", module)`, or a dict with name, module
    and perhaps kind and normed."""
    if isinstance(entry, str):
        entry = (entry, entry)
    if isinstance(entry, tuple | list) and len(entry) == 2:
        entry = {"name": entry[0], "module": entry[1]}
    if not isinstance(entry, dict) or not {"name", "module"} <= set(entry):
        raise ExportError(
            f"hook point {entry!r}: expected a module's name, (layer name, module), or a dict with "
            "name and module"
        )
    name, module = str(entry["name"]), entry["module"]
    if isinstance(module, str):
        known = dict(model.named_modules())
        if module not in known:
            close = difflib.get_close_matches(module, known, 3)
            hint = f"; did you mean {', '.join(close)}?" if close else ""
            raise ExportError(f"hook point {module!r}: the model has no such module{hint}")
        module = known[module]
    kind = entry.get("kind", _KINDS.get(name, "block"))
    return Hook(name, module, kind, bool(entry.get("normed", kind == "final_norm")))


@contextmanager
def _recording(hooks: Sequence[Hook]) -> Iterator[list[tuple[Hook, Any]]]:
    made: list[tuple[Hook, Any]] = []
    handles = [
        hook.module.register_forward_hook(lambda _m, _i, out, hook=hook: made.append((hook, out)))
        for hook in hooks
    ]
    try:
        yield made
    finally:
        for handle in handles:
            handle.remove()


def states(model: nn.Module, hooks: Sequence[Hook], inputs: tuple[Tensor, ...]) -> list[Tensor]:
    """What every hook point makes of these inputs, in the order of `hooks`."""
    with torch.no_grad(), _recording(hooks) as made:
        model(*inputs)
    outputs = {hook.name: out if isinstance(out, Tensor) else out[0] for hook, out in made}
    return [outputs[hook.name] for hook in hooks]


def _check_run(made: list[tuple[Hook, Any]], hooks: Sequence[Hook]) -> None:
    fired = Counter(hook.name for hook, _ in made)
    for hook in hooks:
        if fired[hook.name] != 1:
            often = "never fires" if not fired[hook.name] else f"fires {fired[hook.name]} times"
            raise ExportError(
                f"hook point {hook.name!r} {often} in one call of the model: expected once; name a "
                "module that forward() calls once"
            )
    for hook, out in made:
        first = out[0] if isinstance(out, tuple | list) and out else out
        if not isinstance(first, Tensor) or first.dim() not in (2, 3, 4):
            found = type(first).__name__ if not isinstance(first, Tensor) else list(first.shape)
            raise ExportError(
                f"hook point {hook.name!r} makes {found}: expected a tensor [B, D], [B, N, D] or "
                "[B, D, H, W], or a tuple that begins with one"
            )


def find(model: nn.Module, entries: Sequence[Any], inputs: tuple[Tensor, ...]) -> list[Hook]:
    """The hook points in the order in which they fire on `inputs`.

    Raises ExportError for one that is unknown, fires not exactly once, or makes no hidden states.
    """
    if not entries:
        raise ExportError("no hook points: name at least one module of the model")
    hooks = [_one(model, entry) for entry in entries]
    twice = [name for name, count in Counter(hook.name for hook in hooks).items() if count > 1]
    if twice:
        raise ExportError(f"two layers are called {', '.join(twice)}")
    with torch.no_grad(), _recording(hooks) as made:
        shapes = ", ".join(f"{str(i.dtype).split('.')[-1]} {list(i.shape)}" for i in inputs)
        with foreign.told("running the model", f"the model does not run on ({shapes})"):
            model(*inputs)
    _check_run(made, hooks)
    return [hook for hook, _ in made]
