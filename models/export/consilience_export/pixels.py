"""The `pixels` section of a vision model's identity."""

from typing import Any

from consilience_export.zoo import ZooModel

IMAGENET_MEAN = [0.485, 0.456, 0.406]
IMAGENET_STD = [0.229, 0.224, 0.225]


def describe(model: ZooModel, mean: list[float], std: list[float]) -> dict[str, Any]:
    """Sizes from the zoo's entry; mean and std of three channels, or one for all."""
    return {
        "resize_short_side": model.facts["resize_short_side"],
        "crop": model.facts["resolution"],
        "interpolation": "bicubic",
        "implementation": "pil-exact",
        "mean": [repr(value) for value in (mean * 3)[:3]],
        "std": [repr(value) for value in (std * 3)[:3]],
        "exif": "ignore",
        "alpha": "white",
    }
