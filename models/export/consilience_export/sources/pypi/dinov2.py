"""DINOv2 from ONNX: the backbone of a network built on it."""

import numpy as np
from transformers import Dinov2Config, Dinov2Model

from consilience_export import distributions, onnx_weights, pixels
from consilience_export.architectures import picture_network, vision
from consilience_export.architectures.configuration import configuration
from consilience_export.distributions import SourceFile
from consilience_export.encoder import Encoder
from consilience_export.job import Job
from consilience_export.sources.pypi.huggingface import fill

# Names that transformers 5 changed.
_RENAMED = {
    ".attention.attention.query.": ".attention.q_proj.",
    ".attention.attention.key.": ".attention.k_proj.",
    ".attention.attention.value.": ".attention.v_proj.",
    ".attention.output.dense.": ".attention.o_proj.",
}


def _renamed(name: str) -> str:
    for old, new in _RENAMED.items():
        name = name.replace(old, new)
    return name


def _patch_positions(constants: dict[str, np.ndarray]) -> np.ndarray:
    return next(a for name, a in constants.items() if name.endswith("embeddings.Reshape_1"))


def _class_position(constants: dict[str, np.ndarray]) -> np.ndarray:
    return next(a for name, a in constants.items() if name.endswith("embeddings.Concat_6"))


def encoder(job: Job, model: Dinov2Model, source: SourceFile | None, recipe: dict) -> Encoder:
    return vision.encoder(
        picture_network.sight(model, recipe["crop"]),
        recipe,
        model,
        {"class": "Dinov2Model", "configuration": configuration(model.config)},
        source.origin if source else {},
        poolings=job.options.poolings,
    )


def load(job: Job) -> Encoder:
    """The position embeddings are folded constants in the file: one for the class token, a grid."""
    source = distributions.find(job.packages[0], ".onnx")
    weights, constants = onnx_weights.named_weights(source.path, "backbone")
    weights = {_renamed(name): array for name, array in weights.items()}
    grid = _patch_positions(constants)
    weights["embeddings.position_embeddings"] = np.concatenate(
        [_class_position(constants), grid], 1
    )
    config = Dinov2Config(
        hidden_size=384,
        num_hidden_layers=12,
        num_attention_heads=6,
        image_size=518,
        patch_size=14,
        use_mask_token=False,
        attn_implementation="sdpa",
    )
    network = fill(Dinov2Model(config), weights)
    recipe = pixels.describe(job, pixels.IMAGENET_MEAN, pixels.IMAGENET_STD)
    return encoder(job, network, source, recipe)
