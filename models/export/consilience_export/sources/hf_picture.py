"""A folder of a vision model of transformers, or of a pair's picture tower, to an Encoder."""

from typing import Any

import transformers
from torch import nn

from consilience_export import preprocessing
from consilience_export.architectures import picture_network, vision
from consilience_export.architectures.configuration import configuration
from consilience_export.architectures.picture_families import FAMILIES
from consilience_export.encoder import Encoder
from consilience_export.errors import ExportError
from consilience_export.job import Job
from consilience_export.sources import weights
from consilience_export.sources.hub import Place


def recipe(job: Job, place: Place) -> tuple[dict[str, Any], dict[str, str]]:
    """The card's `pixels`, from preprocessor_config.json, and what must be noted of it."""
    if not any(
        (place.folder / f"{n}_config.json").is_file() for n in ("preprocessor", "processor")
    ):
        raise ExportError(
            f"{place}: no preprocessor_config.json: how its pictures are prepared is not known"
        )
    processor = weights.saved(transformers.AutoImageProcessor, place.folder)
    rounds = {"notes": "transformers resizes its pictures as floats: up to a byte apart from here"}
    own = type(processor).__name__.startswith("DINOv3ViT")
    return preprocessing.of_processor(processor, job.options), rounds if own else {}


def encoder(
    job: Job,
    original: nn.Module,
    prepared: tuple[dict[str, Any], dict[str, str]],
    origin: dict[str, Any],
    projection: nn.Module | None = None,
) -> Encoder:
    """`original`: a network of the table, or one that holds it together with its projection;
    `prepared`: of recipe()."""
    pixels, facts = prepared
    network = original if projection is None else original.vision_model
    return vision.encoder(
        picture_network.sight(network, pixels["crop"], projection),
        pixels,
        original,
        {
            "class": type(original).__name__,
            "configuration": configuration(original.config),
        },
        origin,
        poolings=job.options.poolings,
        facts=facts,
    )


def load(job: Job, place: Place, kind: str) -> Encoder:
    """`kind`: a model_type of the table."""
    family = FAMILIES[kind]
    prepared = recipe(job, place)
    network = weights.load(
        getattr(transformers, family.model), place.folder, job.options.dtype, **family.options
    )
    return encoder(job, network, prepared, place.origin)
