"""The card: identity (hashed) and about (editable). See docs/model-package.md."""

import hashlib
import sys
from importlib import metadata
from typing import Any

from torch import nn

from consilience_export.encoder import Encoder
from consilience_export.identity import hashable
from consilience_export.sources import sha256_file
from consilience_export.zoo import ZooModel

ERROR_BOUND = {"absolute": "1e-5", "relative": "1e-4"}
_LIBRARIES = ("torch", "transformers", "tokenizers")
_FACTS = (
    "parameters",
    "objective",
    "data",
    "licence",
    "supervised_on",
    "quantised_from",
    "derived",
    "notes",
)


def tensors_sha256(model: nn.Module) -> str:
    """sha256 over the state dict: for each sorted name: name, dtype, shape (0 ends each), bytes."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        shape = ",".join(str(size) for size in tensor.shape)
        dtype = str(tensor.dtype).removeprefix("torch.")
        digest.update(b"\0".join(part.encode() for part in (name, dtype, shape)) + b"\0")
        array = tensor.detach().cpu().contiguous().numpy()
        if sys.byteorder != "little":
            array = array.byteswap()
        digest.update(array.tobytes())
    return digest.hexdigest()


def build_identity(name: str, encoder: Encoder) -> dict[str, Any]:
    """The half of the card whose every byte is hashed."""
    description = dict(encoder.architecture)
    if encoder.weights["kind"] == "trained" and encoder.source is not None:
        description["source"] = encoder.source.package
        description["source_sha256"] = sha256_file(encoder.source.path)
    identity = {
        "name": name,
        "modality": encoder.modality,
        "tensors_sha256": tensors_sha256(encoder.original),
        "description": description,
        "weights": encoder.weights,
        "layers": [{"name": layer, "width": width} for layer, width in encoder.layers],
        "poolings": encoder.poolings,
        "scalars": encoder.scalars,
        "error_bound": ERROR_BOUND,
    }
    if encoder.pixels is not None:
        identity["pixels"] = encoder.pixels
    if encoder.tokens is not None:
        identity["tokens"] = encoder.tokens
    return hashable(identity)


def build_about(
    model: ZooModel, encoder: Encoder, recipe: str, errors: dict[str, float]
) -> dict[str, Any]:
    """What is known about a model, from the zoo's file, and what the export measured."""
    kind = encoder.weights["kind"]
    about: dict[str, Any] = {"family": model.family, "role": kind}
    if kind == "random":
        about["twin_of"] = model.name
    for key in _FACTS:
        if key not in model.facts or (kind == "random" and key not in ("parameters", "licence")):
            continue
        about[key] = model.facts[key]
    if encoder.pixels is not None:
        about["resolution"] = encoder.pixels["crop"]
    about["source"] = model.facts["source"]
    about["measured_error"] = {layer: f"{error:.1e}" for layer, error in errors.items()}
    about["exported_with"] = {library: metadata.version(library) for library in _LIBRARIES}
    about["recipe"] = recipe
    return about
