"""The `pixels` section of a vision model's identity."""

from typing import Any

from consilience_export import preprocessing
from consilience_export.job import Job

IMAGENET_MEAN = [0.485, 0.456, 0.406]
IMAGENET_STD = [0.229, 0.224, 0.225]


def describe(job: Job, mean: list[float], std: list[float]) -> dict[str, Any]:
    """Sizes from the zoo's entry; mean and std of three channels, or one for all."""
    return preprocessing.pixels(
        job.options,
        resize="short_side",
        resize_to=job.facts["resize_short_side"],
        crop=job.facts["resolution"],
        crop_offset="round",
        interpolation="bicubic",
        mean=(mean * 3)[:3],
        std=(std * 3)[:3],
    )
