"""What the card of every family's tiny network must say."""

from typing import Any

import tiny_text
import tiny_vision
from consilience_export.architectures.text_families import FAMILIES

Card = dict[str, Any]

# Class and register tokens in front of the patches.
PREFIXED = {
    "timm-vit": 1,
    "timm-deit-distilled": 2,
    "timm-clip": 1,
    "timm-dinov2": 1,
    "timm-dinov2-reg4": 5,
    "timm-dinov3": 5,
    "timm-eva02": 1,
    "timm-beit": 1,
    "vit": 1,
    "dinov2": 1,
    "dinov2_with_registers": 5,
    "dinov3_vit": 3,
    "vit_mae": 1,
    "clip_vision_model": 1,
}
LAST = {  # name, kind, normed
    "timm-siglip": ("head", "head", False),
    "timm-beit": ("head", "head", True),
    "timm-eva02": ("head", "head", True),
    "timm-convnext": ("head", "head", True),
    "timm-convnextv2": ("head", "head", True),
    "timm-resnet": ("block_3", "block", False),
    "timm-efficientnet": ("head", "head", False),
    "timm-mobilenetv3": ("head", "head", False),
    "dinov3_convnext": ("head", "head", True),
    "convnext": ("head", "head", True),
    "convnextv2": ("head", "head", True),
    "siglip_vision_model": ("projection", "head", False),
}


def _text(kind: str, card: Card) -> None:
    identity, family = card["identity"], FAMILIES[kind]
    names = ["embedding", "block_0", "block_1"] + ["final_norm"] * (family.norm is not None)
    layers = identity["layers"]
    assert [layer["name"] for layer in layers] == names
    assert [layer["kind"] for layer in layers][:3] == ["embedding", "block", "block"]
    assert {layer["normed"] for layer in layers[1:3]} == {family.normed}
    assert identity["poolings"] == ["first", "last", "mean"]
    assert identity["scalars"] == (["nll", "tokens"] if family.causal else [])
    assert list(identity["description"]["source_sha256"]) == ["model.safetensors"]


def _vision(name: str, card: Card) -> None:
    identity = card["identity"]
    layers = identity["layers"]
    assert layers[0]["name"] == layers[0]["kind"] == "embedding"
    blocks = [layer for layer in layers if layer["kind"] == "block"]
    assert [layer["name"] for layer in blocks] == [f"block_{i}" for i in range(len(blocks))]
    last = layers[-1]["name"], layers[-1]["kind"], layers[-1]["normed"]
    assert last == LAST.get(name, ("final_norm", "final_norm", True))
    poolings = ["first", "mean", "patches"] if name in PREFIXED else ["mean"]
    assert identity["poolings"] == poolings
    convolutional = name in ("timm-resnet", "timm-efficientnet", "timm-mobilenetv3")
    assert card["runtime"] == {"freeze": convolutional, "channels_last": convolutional}
    assert card["about"]["resolution"] == identity["pixels"]["crop"]


def check(name: str, card: Card) -> None:
    """`name`: of the matrix."""
    measured = list(card["about"]["measured_error"])
    layers = [layer["name"] for layer in card["identity"]["layers"]]
    assert measured == layers + ["scalars"] * bool(card["identity"]["scalars"])
    kind = name.removeprefix("hf-")
    if kind in tiny_text.CONFIGURATIONS:
        _text(kind, card)
    elif kind in tiny_vision.TIMM or kind in tiny_vision.HF:
        _vision(kind, card)
