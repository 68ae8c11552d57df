"""The card: identity (hashed) and about (editable). See docs/model-package.md."""

import hashlib
import math
import sys
from dataclasses import asdict, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from torch import nn

from consilience_export.encoder import Encoder
from consilience_export.identity import hashable
from consilience_export.job import Job
from consilience_export.spec import Spec

_LIBRARIES = ("torch", "transformers", "tokenizers", "timm")
_UNIT_ROUNDOFF = {"bf16": 2.0**-8, "f16": 2.0**-11}
_FACTS = (
    "parameters",
    "layers",
    "width",
    "revision",
    "objective",
    "data",
    "licence",
    "supervised_on",
    "quantised_from",
    "derived",
    "variant",
    "variant_of",
    "pretraining_step",
    "pretraining_tokens",
    "released",
    "checked",
    "notes",
)
# What a twin shares with its model: everything else comes from training.
_OF_THE_ARCHITECTURE = ("parameters", "layers", "width", "licence")


def error_bound(encoder: Encoder) -> dict[str, str]:
    """What an artefact may differ from its original by, |a - b| <= absolute + relative max|b|.

    float32: fixed. 16 bits: every block rounds its output a few times to unit roundoff u, and the
    errors of B blocks add up like a random walk: 4 u sqrt(2 (B + 1)).
    """
    if encoder.dtype == "f32":
        return {"absolute": "1e-5", "relative": "1e-4"}
    relative = 4 * _UNIT_ROUNDOFF[encoder.dtype] * math.sqrt(2 * (encoder.depth + 1))
    return {"absolute": "1e-3", "relative": f"{relative:.2e}"}


def tensors_sha256(model: nn.Module) -> str:
    """sha256 over the state dict: for each sorted name: name, dtype, shape (0 ends each), bytes."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        shape = ",".join(str(size) for size in tensor.shape)
        dtype = str(tensor.dtype).removeprefix("torch.")
        digest.update(b"\0".join(part.encode() for part in (name, dtype, shape)) + b"\0")
        plain = tensor.detach().cpu().contiguous()
        if plain.dtype == torch.bfloat16:  # numpy has no such type: its bytes as integers
            plain = plain.view(torch.int16)
        array = plain.numpy()
        if sys.byteorder != "little":
            array = array.byteswap()
        digest.update(array.tobytes())
    return digest.hexdigest()


def parameters(model: nn.Module) -> int:
    """Numbers that were learnt; tied ones count once."""
    return sum(parameter.numel() for parameter in model.parameters())


def _without_folders(spec: Spec) -> str:
    """A spec as it was given; of what lies on this machine the last name alone."""
    path = Path(spec.where).expanduser()
    if spec.kind in ("timm", "pypi", "api") or (spec.kind in ("hf", "st") and not path.is_dir()):
        return str(spec)
    return str(replace(spec, where=path.resolve().name))


def build_identity(name: str, encoder: Encoder) -> dict[str, Any]:
    """The half of the card whose every byte is hashed."""
    description = dict(encoder.architecture)
    if encoder.weights["kind"] == "trained":
        description |= encoder.origin
    identity = {
        "name": name,
        "modality": encoder.modality,
        "tensors_sha256": tensors_sha256(encoder.original),
        "description": description,
        "weights": encoder.weights,
        "layers": [asdict(layer) for layer in encoder.layers],
        "dtype": encoder.dtype,
        "poolings": encoder.poolings,
        "scalars": encoder.scalars,
        "error_bound": error_bound(encoder),
    }
    if encoder.pixels is not None:
        identity["pixels"] = encoder.pixels
    if encoder.tokens is not None:
        identity["tokens"] = encoder.tokens
    if encoder.audio is not None:
        identity["audio"] = encoder.audio
    return hashable(identity)


def build_about(
    job: Job, encoder: Encoder, recipe: str, errors: dict[str, float]
) -> dict[str, Any]:
    """What is known about a model, from the zoo or its source, and what the import measured."""
    kind = encoder.weights["kind"]
    known = {"parameters": parameters(encoder.original)} | encoder.facts | job.facts
    family = job.family or encoder.facts.get("family", encoder.architecture["class"])
    about: dict[str, Any] = {"family": family, "role": kind}
    if kind == "random":
        about["twin_of"] = job.name
    for key in _FACTS:
        if key in known and (kind != "random" or key in _OF_THE_ARCHITECTURE):
            about[key] = known[key]
    if encoder.pixels is not None:
        about["resolution"] = encoder.pixels["crop"]
    about["source"] = known.get("source", _without_folders(job.spec))
    if encoder.artefact is None:
        about["measured_error"] = {layer: f"{error:.1e}" for layer, error in errors.items()}
    else:
        about["measured_error"] = None
        about["proof"] = (
            "not verified against an original: nothing of Python, devices or chance in the graph, "
            f"equal bits when repeated, alone and in a batch within {max(errors.values()):.1e}"
        )
    about["exported_with"] = {library: metadata.version(library) for library in _LIBRARIES}
    about["recipe"] = recipe
    return about
