"""Proves an artefact equal to its original, within the card's bound, or refuses it."""

import warnings
from collections.abc import Sequence

import torch
from torch import Tensor

from consilience_export.card import error_bound
from consilience_export.encoder import AfterPooling, Encoder
from consilience_export.errors import ExportError, last_line
from consilience_export.memory import told_as_out_of_memory
from consilience_export.plain_pooling import POOL
from consilience_export.samples import Batch, batches_for
from consilience_export.torchscript import graph_lint
from consilience_export.torchscript.artefact import Artefact, prepared


def _pooled(encoder: Encoder, hidden: Tensor | AfterPooling) -> Tensor:
    """[P, D] of one layer. `patches` leaves out the class and register tokens in front."""
    if isinstance(hidden, AfterPooling):
        return hidden.apply(_pooled(encoder, hidden.hidden)).float()
    hidden = hidden.float()
    rows = []
    for name in encoder.poolings:
        kept = hidden[encoder.prefix_tokens :] if name == "patches" else hidden
        rows.append(POOL["mean" if name == "patches" else name](kept))
    return torch.stack(rows)


def expected(encoder: Encoder, batch: Batch) -> list[Tensor]:
    """The original on every sample alone, pooled here in plain torch: [B, P, D] per layer.

    With scalars, one more [B, S]. Knows nothing of masks, hooks and padding.
    """
    rows: list[list[Tensor]] = []
    for sample in batch.samples:
        layers, scalars = encoder.reference(sample)
        row = [_pooled(encoder, hidden) for hidden in layers]
        rows.append(row + [scalars] * (scalars is not None))
    return [torch.stack(column) for column in zip(*rows, strict=True)]


def _called(module: Artefact, arguments: tuple[Tensor, ...], channels_last: bool) -> list[Tensor]:
    if channels_last:
        arguments = tuple(a.contiguous(memory_format=torch.channels_last) for a in arguments)
    with (
        torch.inference_mode(),
        warnings.catch_warnings(),
        told_as_out_of_memory("checking the model"),
    ):
        warnings.simplefilter("ignore")
        return module(*arguments)


def run(module: Artefact, batch: Batch, channels_last: bool) -> list[Tensor]:
    try:
        return _called(module, batch.arguments, channels_last)
    except (RuntimeError, IndexError) as error:
        raise ExportError(
            f"the artefact fails on {batch.name}, not on its samples alone: its control flow or a "
            f"shape follows the example of the trace: {last_line(error)}"
        ) from error


def _alone(module: Artefact, batch: Batch) -> list[Tensor]:
    """What an artefact without an original makes of every sample by itself."""
    rows = []
    for sample in batch.samples:
        inputs = (sample[None],)
        if len(batch.arguments) > 1:
            inputs += (torch.ones_like(inputs[0]),)
        try:
            made = _called(module, inputs, False)
        except (RuntimeError, IndexError) as error:  # it is somebody else's: so is the fault
            shapes = [list(tensor.shape) for tensor in inputs]
            raise ExportError(f"artefact does not run on {shapes}: {last_line(error)}") from None
        if not isinstance(made, list | tuple) or not all(isinstance(m, Tensor) for m in made):
            raise ExportError(
                f"artefact gives {type(made).__name__}: expected a list of tensors [B, P, D], one "
                "a layer"
            )
        rows.append(made)
    return [torch.cat(column) for column in zip(*rows, strict=True)]


def _check_repeats(module, batch: Batch, channels_last: bool, got: Sequence[Tensor]) -> None:
    again = run(module, batch, channels_last)
    if not all(torch.equal(a, b) for a, b in zip(got, again, strict=True)):
        raise ExportError(f"artefact on {batch.name}: run twice, it gives different values")


def names(encoder: Encoder) -> list[str]:
    """What each element of the output is called in messages and in the card."""
    layers = [layer.name for layer in encoder.layers]
    return layers + ["scalars"] * bool(encoder.scalars)


def _check_form(encoder: Encoder, what: str, got: Sequence[Tensor]) -> None:
    per_sample = [(len(encoder.poolings), layer.width) for layer in encoder.layers]
    per_sample += [(len(encoder.scalars),)] * bool(encoder.scalars)
    found = [tuple(tensor.shape[1:]) for tensor in got]
    if found != per_sample:
        raise ExportError(f"{what}: expected per sample {per_sample}, found {found}")


def measure(encoder: Encoder, module: Artefact) -> dict[str, float]:
    """Largest |artefact - original| of each layer over all batches, in every form it may run in.

    Raises ExportError when a layer is beyond the bound, anywhere.
    """
    found = graph_lint.problems(module)
    if found:
        raise ExportError(f"the graph is not portable: {'; '.join(found)}")
    batches = batches_for(encoder)
    originals: dict[str, list[Tensor]] = {}
    source = "original" if encoder.reference is not None else "artefact"
    for batch in batches:
        if batch.content not in originals:
            if encoder.reference is None:
                originals[batch.content] = _alone(module, batch)
            else:
                originals[batch.content] = expected(encoder, batch)
            _check_form(encoder, f"{source} on {batch.name}", originals[batch.content])
    largest = [
        max(rows[index].abs().max().item() for rows in originals.values())
        for index in range(len(names(encoder)))
    ]
    plain = {"freeze": False, "channels_last": False}
    variants = [plain] if encoder.runtime == plain else [plain, encoder.runtime]
    errors = dict.fromkeys(names(encoder), 0.0)
    for variant in variants:
        ready = prepared(module, variant)
        for batch in batches:
            got = run(ready, batch, variant["channels_last"])
            if encoder.reference is None:
                _check_repeats(ready, batch, variant["channels_last"], got)
            _check_form(encoder, f"artefact on {batch.name}", got)
            original = originals[batch.content]
            for label, a, b, top in zip(errors, got, original, largest, strict=True):
                error = _checked_error(label, batch, a, b, top, error_bound(encoder))
                errors[label] = max(errors[label], error)
    return errors


def _checked_error(
    label: str, batch: Batch, got: Tensor, original: Tensor, top: float, bound: dict[str, str]
) -> float:
    """The largest difference. Two limits: by the layer's largest value, as the card states it, and
    by the length of each row, so that a few huge values do not excuse the others."""
    absolute, relative = float(bound["absolute"]), float(bound["relative"])
    # NaN must not pass as small: max of a comparison with NaN is not reliable.
    difference = (got - original).nan_to_num(nan=torch.inf)
    error = difference.abs().max().item()
    excess = difference.norm(dim=-1) / (absolute + relative * original.norm(dim=-1))
    if error > absolute + relative * top or excess.max().item() > 1:
        raise ExportError(
            f"layer {label}: artefact differs from the original by {error:.2e} on {batch.name} "
            f"(largest value {top:.2e}, allowed {bound}): nothing written"
        )
    return error
