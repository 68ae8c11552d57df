"""The picture families of transformers: where each keeps its layers, and how it wants to be called.

A new family is a row here. `architectures/picture_network.py` does the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Family:
    """One model_type. Paths are attributes of the model, dots for children.

    resampled: how it takes pictures of another size: `argument` (interpolate_pos_encoding) or
    `always` (by itself, or it has no position embeddings). head: `attention` pools the normed
    positions, `norm` norms their mean.
    """

    model: str  # class of transformers
    blocks: str = "encoder.layer"  # or the stages of a convolution net
    norm: str | None = "layernorm"
    class_token: bool = True
    resampled: str = "argument"
    head: str | None = None
    stages: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)  # of the class


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "vit": Family("ViTModel", "layers", options={"add_pooling_layer": False}),
        "dinov2": Family("Dinov2Model", resampled="always"),
        "dinov2_with_registers": Family("Dinov2WithRegistersModel", resampled="always"),
        "dinov3_vit": Family("DINOv3ViTModel", "model.layer", "norm", resampled="always"),
        "dinov3_convnext": Family(
            "DINOv3ConvNextModel",
            "model.stages",
            None,
            class_token=False,
            resampled="always",
            head="norm",
            stages=True,
        ),
        "vit_mae": Family("ViTMAEModel", "layers"),
        "convnext": Family(
            "ConvNextModel",
            "encoder.stages",
            None,
            class_token=False,
            resampled="always",
            head="norm",
            stages=True,
        ),
        "convnextv2": Family(
            "ConvNextV2Model",
            "encoder.stages",
            None,
            class_token=False,
            resampled="always",
            head="norm",
            stages=True,
        ),
        "clip_vision_model": Family("CLIPVisionModel", "encoder.layers", "post_layernorm"),
        "siglip_vision_model": Family(
            "SiglipVisionModel",
            "encoder.layers",
            "post_layernorm",
            class_token=False,
            head="attention",
        ),
    }
)

# Two towers trained on pictures and captions together: each is a package of its own.
PAIRS = ("clip", "siglip")
