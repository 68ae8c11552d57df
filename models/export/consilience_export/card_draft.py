"""The draft of a card that comes with an artefact of one's own: checked key by key."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from consilience_export import tokenizer as tokenizers
from consilience_export.encoder import Layer
from consilience_export.errors import ExportError
from consilience_export.options import DTYPES
from consilience_export.sources.hub import read_json

_KINDS = ("embedding", "block", "final_norm", "head", "sentence")
_NUMBER = r"-?\d+(\.\d+)?([eE]-?\d+)?"


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _three(value: Any) -> bool:
    return (
        isinstance(value, list)
        and [bool(re.fullmatch(_NUMBER, str(v))) for v in value] == [True] * 3
    )


def _one_of(*allowed: str) -> Callable[[Any], bool]:
    return lambda value: value in allowed


# Of every section: what a value must be, and how that is said.
_SECTIONS: dict[str, dict[str, tuple[Callable[[Any], bool], str]]] = {
    "pixels": {
        "resize": (_one_of("short_side", "square"), "short_side or square"),
        "resize_to": (_count, "pixels"),
        "crop": (_count, "pixels"),
        "crop_offset": (_one_of("round", "floor"), "round or floor"),
        "interpolation": (_one_of("bilinear", "bicubic"), "bilinear or bicubic"),
        "implementation": (
            _one_of("pil-exact", "torch-uint8-aa"),
            "pil-exact or torch-uint8-aa",
        ),
        "mean": (_three, "three numbers"),
        "std": (lambda value: _three(value) and all(float(v) > 0 for v in value), "above 0"),
        "exif": (_one_of("ignore", "apply"), "ignore or apply"),
        "alpha": (_one_of("white", "drop"), "white or drop"),
    },
    "audio": {
        "sample_rate": (_count, "Hz"),
        "min_samples": (_count, "samples"),
        "max_samples": (_count, "samples"),
        "normalise": (_one_of("none", "unit"), "none or unit"),
        "implementation": (_one_of("soxr-vhq"), "soxr-vhq"),
    },
    "tokens": {
        "tokenizer": (lambda value: isinstance(value, str), "a file beside the draft"),
        "vocabulary": (_count, "rows of the embedding"),
        "padding_id": (lambda value: value == 0 or _count(value), "an id"),
        "max_tokens": (_count, "tokens"),
    },
}
_MODALITIES = {"vision": "pixels", "text": "tokens", "audio": "audio"}
_KEYS = {"modality", "layers", "poolings", "scalars", "dtype", "description", *_SECTIONS}


@dataclass(frozen=True)
class Draft:
    """What a draft says, ready for a card."""

    modality: str
    layers: list[Layer]
    poolings: list[str]
    scalars: list[str]
    dtype: str
    description: dict[str, Any]
    sections: dict[str, dict[str, Any]]  # pixels, tokens or audio
    tokenizer: Tokenizer | None
    about: dict[str, Any]
    runtime: dict[str, bool]


def section(path: Path | str, name: str, given: Any) -> dict[str, Any]:
    """A copy of a section whose every key is there and right; `path` goes into the messages."""
    rules = _SECTIONS[name]
    if not isinstance(given, dict):
        raise ExportError(f"{path}: {name}: expected an object")
    if unknown := sorted(set(given) - set(rules)):
        raise ExportError(f"{path}: {name}: unknown {', '.join(unknown)}")
    for key, (allowed, what) in rules.items():
        if key not in given:
            raise ExportError(f"{path}: {name}: {key} is missing: expected {what}")
        if not allowed(given[key]):
            raise ExportError(f"{path}: {name}: {key}: expected {what}, found {given[key]!r}")
    _check_sizes(path, name, given)
    return dict(given)


def _names(path: Path, key: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        raise ExportError(f"{path}: {key}: expected a list of names, found {value!r}")
    if len(set(value)) < len(value):
        raise ExportError(f"{path}: {key}: a name stands there twice")
    return value


def _layers(path: Path, value: Any) -> list[Layer]:
    if not isinstance(value, list) or not value:
        raise ExportError(f"{path}: layers: expected a list of {{name, width, kind}}")
    found = []
    for layer in value:
        try:
            made = Layer(**layer)
        except TypeError:
            raise ExportError(
                f"{path}: layers: expected name, width, kind and perhaps normed, found {layer!r}"
            ) from None
        if not _count(made.width) or made.kind not in _KINDS or not isinstance(made.normed, bool):
            raise ExportError(
                f"{path}: layer {made.name!r}: expected a width and a kind of "
                f"{', '.join(_KINDS)}, found {layer!r}"
            )
        found.append(made)
    names = _names(path, "layers", [layer.name for layer in found])
    if slashed := [name for name in names if "/" in name]:
        raise ExportError(f"{path}: layer {slashed[0]!r}: a name has no /")
    return found


def _object(path: Path, key: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ExportError(f"{path}: {key}: expected an object, found {value!r}")
    return value


def _about(path: Path, value: Any) -> dict[str, Any]:
    """Plain facts: licence, parameters .."""
    for key, fact in _object(path, "about", value).items():
        if not isinstance(fact, str | int):
            raise ExportError(f"{path}: about: {key}: expected text or a number, found {fact!r}")
    return value


def _runtime(path: Path, value: Any) -> dict[str, bool]:
    usual = {"freeze": False, "channels_last": False}
    for key, flag in _object(path, "runtime", value).items():
        if key not in usual or not isinstance(flag, bool):
            raise ExportError(f"{path}: runtime: {key} = {flag!r}: expected {', '.join(usual)}")
    return usual | value


def _check_sizes(path: Path | str, name: str, section: dict[str, Any]) -> None:
    """What the engine would refuse in the card."""
    rules = {
        "pixels": ("crop", "resize_to"),
        "audio": ("min_samples", "max_samples"),
        "tokens": ("padding_id", "vocabulary"),
    }
    small, large = rules[name]
    if section[small] > section[large] or (name == "tokens" and section[small] == section[large]):
        raise ExportError(
            f"{path}: {name}: {small} {section[small]}: expected no more than {large}, "
            f"{section[large]}"
        )


def _tokens(path: Path, section: dict[str, Any]) -> tuple[dict[str, Any], Tokenizer]:
    tokens = tokenizers.from_file(path.parent / section["tokenizer"])
    described = tokenizers.describe(
        tokens, section["padding_id"], section["vocabulary"], section["max_tokens"]
    )
    return described, tokens


def read(path: Path) -> Draft:
    """Raises ExportError naming the key that is missing, unknown or wrong."""
    whole = read_json(path)
    identity = _object(path, "identity", whole.get("identity", whole))
    known = set(_KEYS) if identity is not whole else _KEYS | {"about", "runtime"}
    if unknown := sorted(set(identity) - known):
        raise ExportError(
            f"{path}: unknown {', '.join(unknown)}; it knows {', '.join(sorted(known))}"
        )
    modality = identity.get("modality")
    if not isinstance(modality, str) or modality not in _MODALITIES:
        raise ExportError(
            f"{path}: modality: expected {', '.join(_MODALITIES)}, found {modality!r}"
        )
    name = _MODALITIES[modality]
    if others := sorted((set(identity) & set(_SECTIONS)) - {name}):
        raise ExportError(f"{path}: a {modality} model has no {', '.join(others)}")
    described, tokens = section(path, name, identity.get(name)), None
    if name == "tokens":
        described, tokens = _tokens(path, described)
    for key in ("mean", "std"):
        if key in described:
            described[key] = [str(value) for value in described[key]]
    dtype = identity.get("dtype", "f32")
    if dtype not in DTYPES:
        raise ExportError(f"{path}: dtype: expected one of {', '.join(DTYPES)}, found {dtype!r}")
    poolings = _names(path, "poolings", identity.get("poolings"))
    if not poolings:
        raise ExportError(f"{path}: poolings: expected at least one")
    return Draft(
        modality,
        _layers(path, identity.get("layers")),
        poolings,
        _names(path, "scalars", identity.get("scalars", [])),
        dtype,
        _object(path, "description", identity.get("description", {})),
        {name: described},
        tokens,
        _about(path, whole.get("about", {})),
        _runtime(path, whole.get("runtime", {})),
    )
