"""Proves an artefact equal to its original, within the card's bound, or refuses it."""

import warnings
from collections.abc import Sequence

import torch
from torch import Tensor

from consilience_export import graph_lint
from consilience_export.card import ERROR_BOUND
from consilience_export.encoder import Encoder
from consilience_export.errors import ExportError
from consilience_export.samples import Batch, batches_for

_POOL = {
    "first": lambda hidden: hidden[0],
    "last": lambda hidden: hidden[-1],
    "mean": lambda hidden: hidden.double().mean(0).float(),
}


def expected(encoder: Encoder, batch: Batch) -> list[Tensor]:
    """The original on every sample alone, pooled here in plain torch: [B, P, D] per layer.

    With scalars, one more [B, S]. Knows nothing of masks, hooks and padding.
    """
    rows: list[list[Tensor]] = []
    for sample in batch.samples:
        layers, scalars = encoder.reference(sample)
        row = [torch.stack([_POOL[name](hidden) for name in encoder.poolings]) for hidden in layers]
        rows.append(row + [scalars] * (scalars is not None))
    return [torch.stack(column) for column in zip(*rows, strict=True)]


def prepared(module: torch.jit.ScriptModule, runtime: dict[str, bool]) -> torch.jit.ScriptModule:
    """The module as the engine runs it."""
    if runtime["channels_last"]:
        module = module.to(memory_format=torch.channels_last)
    if not runtime["freeze"]:
        return module
    # Freezing inlines only while the graph executor may optimise; running needs no such leave.
    torch._C._set_graph_executor_optimize(True)
    try:
        return torch.jit.freeze(module)
    finally:
        torch._C._set_graph_executor_optimize(False)


def run(module: torch.jit.ScriptModule, batch: Batch, channels_last: bool) -> list[Tensor]:
    arguments = batch.arguments
    if channels_last:
        arguments = tuple(a.contiguous(memory_format=torch.channels_last) for a in arguments)
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return module(*arguments)


def names(encoder: Encoder) -> list[str]:
    """What each element of the output is called in messages and in the card."""
    layers = [name for name, _ in encoder.layers]
    return layers + ["scalars"] * bool(encoder.scalars)


def _check_form(encoder: Encoder, batch: Batch, got: Sequence[Tensor]) -> None:
    widths = [width for _, width in encoder.layers]
    count = len(batch.samples)
    shapes = [(count, len(encoder.poolings), width) for width in widths]
    shapes += [(count, len(encoder.scalars))] * bool(encoder.scalars)
    found = [tuple(tensor.shape) for tensor in got]
    if found != shapes:
        raise ExportError(f"output for {batch.name}: expected shapes {shapes}, found {found}")


def measure(encoder: Encoder, module: torch.jit.ScriptModule) -> dict[str, float]:
    """Largest |artefact - original| of each layer over all batches, plain and as the engine runs it.

    Raises ExportError when a layer is beyond `absolute + relative * max|original|`.
    """
    found = graph_lint.problems(module)
    if found:
        raise ExportError(f"the graph is not portable: {'; '.join(found)}")
    batches = batches_for(encoder)
    originals = [expected(encoder, batch) for batch in batches]
    plain = {"freeze": False, "channels_last": False}
    variants = [plain] if encoder.runtime == plain else [plain, encoder.runtime]
    labels = names(encoder)
    errors = dict.fromkeys(labels, 0.0)
    for variant in variants:
        ready = prepared(module, variant)
        for batch, original in zip(batches, originals, strict=True):
            got = run(ready, batch, variant["channels_last"])
            _check_form(encoder, batch, got)
            for label, a, b in zip(labels, got, original, strict=True):
                # NaN must not pass as small: max of a comparison with NaN is not reliable.
                error = (a - b).abs().nan_to_num(nan=torch.inf).max().item()
                errors[label] = max(errors[label], error)
    _refuse_beyond_bound(errors, labels, originals)
    return errors


def _refuse_beyond_bound(errors, labels, originals) -> None:
    absolute, relative = float(ERROR_BOUND["absolute"]), float(ERROR_BOUND["relative"])
    for index, label in enumerate(labels):
        largest = max(original[index].abs().max().item() for original in originals)
        bound = absolute + relative * largest
        if not errors[label] <= bound:
            raise ExportError(
                f"layer {label}: artefact differs from the original by {errors[label]:.2e}, "
                f"allowed {bound:.2e}: nothing written"
            )
