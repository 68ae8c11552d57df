"""modules.json of sentence-transformers: what its modules do after the transformer."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn

from consilience_export.architectures import sentence
from consilience_export.distributions import sha256_file
from consilience_export.errors import ExportError
from consilience_export.sources import weights
from consilience_export.sources.hub import Place, read_json

_MODES = {
    "pooling_mode_cls_token": "first",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_length",
    "pooling_mode_weightedmean_tokens": "weighted_mean",
    "pooling_mode_lasttoken": "last",
}
_NAMED_MODES = {
    "cls": "first",
    "mean": "mean",
    "max": "max",
    "mean_sqrt_len_tokens": "mean_sqrt_length",
    "weightedmean": "weighted_mean",
    "lasttoken": "last",
}
_AFTER = ("Dense", "LayerNorm", "Normalize", "Dropout")


@dataclass
class Recipe:
    """What modules.json lists."""

    transformer: Path
    poolings: list[str] = field(default_factory=list)
    after: nn.Sequential = field(default_factory=nn.Sequential)
    described: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)  # their digests


def _modules(place: Place) -> list[tuple[str, Path]]:
    """(class, folder) of each module, in order."""
    file = place.folder / "modules.json"
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        return [(e["type"].rsplit(".", 1)[-1], place.folder / e["path"]) for e in entries]
    except FileNotFoundError:
        raise ExportError(
            f"{place}: no modules.json there: not a sentence-transformers model (hf: takes it)"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ExportError(f"{file}: not the modules of a sentence-transformers model") from None


def _poolings(folder: Path) -> list[str]:
    config = read_json(folder / "config.json")
    if "pooling_mode" in config:
        wanted = config["pooling_mode"]
        modes = [wanted] if isinstance(wanted, str) else list(wanted)
    else:
        modes = [key for key, on in config.items() if key.startswith("pooling_mode_") and on]
    known = _MODES | _NAMED_MODES
    unknown = [mode for mode in modes if mode not in known]
    if unknown or not modes:
        raise ExportError(f"{folder}: no pooling {', '.join(unknown) or 'at all'} is known")
    return [known[mode] for mode in modes]


def _fill(module: nn.Module, folder: Path, recipe: Recipe) -> None:
    plain, pickled = folder / "model.safetensors", folder / "pytorch_model.bin"
    file = plain if plain.is_file() else pickled
    if not file.is_file():
        raise ExportError(f"{folder}: no weights there")
    if file == plain:
        tensors = weights.readable(file, load_file, file)
    else:
        tensors = weights.readable(file, torch.load, file, weights_only=True, map_location="cpu")
    try:
        module.load_state_dict(tensors)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise ExportError(f"{file}: does not fit its configuration: {reason}") from None
    recipe.files[f"{folder.name}/{file.name}"] = sha256_file(file)


def _add_after(kind: str, folder: Path, recipe: Recipe) -> None:
    config = read_json(folder / "config.json") if (folder / "config.json").is_file() else {}
    if kind == "Dense":
        module = sentence.dense(config)
        _fill(module, folder, recipe)
    elif kind == "LayerNorm":
        module = nn.Sequential()
        module.add_module("norm", nn.LayerNorm(config["dimension"]))
        _fill(module, folder, recipe)
    else:
        module = sentence.Normalize() if kind == "Normalize" else nn.Identity()
    recipe.after.append(module)
    recipe.described.append({"module": kind, **config})


def read(place: Place) -> Recipe:
    """Raises ExportError for a module that is none of the known ones, or in another order."""
    modules = _modules(place)
    if not modules or modules[0][0] != "Transformer":
        first = modules[0][0] if modules else "nothing"
        raise ExportError(f"{place}: expected a Transformer as the first module, found {first}")
    recipe = Recipe(modules[0][1])
    for kind, folder in modules[1:]:
        if kind == "Pooling" and not recipe.poolings:
            recipe.poolings = _poolings(folder)
        elif kind in _AFTER and recipe.poolings:
            _add_after(kind, folder, recipe)
        else:
            raise ExportError(
                f"{place}: module {kind} is not known there: expected Transformer, Pooling, then "
                f"any of {', '.join(_AFTER)}"
            )
    if not recipe.poolings:
        raise ExportError(f"{place}: has no Pooling module")
    if len(recipe.poolings) > 1 and len(recipe.after):
        raise ExportError(
            f"{place}: its modules work on {' and '.join(recipe.poolings)} side by side, a package "
            "keeps each on its own: import it as hf:"
        )
    return recipe
