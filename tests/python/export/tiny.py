"""Tiny random models in the shape that the loaders make of real ones."""

import torch
from consilience_export import pixels
from consilience_export.architectures.text import text_encoder
from consilience_export.encoder import Encoder
from consilience_export.job import Job
from consilience_export.options import ImportOptions
from consilience_export.sources.pypi import efficientnet_lite
from consilience_export.spec import Spec
from efficientnet_lite_pytorch import EfficientNet
from tiny_text import network, word_tokenizer

__all__ = ["word_tokenizer"]


def _encoder(kind: str, padding_id: int) -> Encoder:
    tokens = word_tokenizer(special=kind != "llama")
    return text_encoder(network(kind), tokens, padding_id=padding_id)


def tiny_bert() -> Encoder:
    return _encoder("bert", 0)


def tiny_mpnet() -> Encoder:
    return _encoder("mpnet", 1)


def tiny_llama() -> Encoder:
    return _encoder("llama", 2)


TINY_LITE = Job(
    "efficientnet-lite0",
    Spec("pypi", "efficientnet-lite"),
    ImportOptions(),
    "Tiny",
    {"resolution": 32, "resize_short_side": 36, "parameters": 1, "licence": "none", "source": "x"},
)


def tiny_lite() -> Encoder:
    torch.manual_seed(4)
    network = EfficientNet.from_name(
        "efficientnet-lite0", image_size=32, width_coefficient=0.25, depth_coefficient=0.2
    )
    recipe = pixels.describe(TINY_LITE, [0.5], [0.5])
    return efficientnet_lite.encoder(network, "efficientnet-lite0", None, recipe)
