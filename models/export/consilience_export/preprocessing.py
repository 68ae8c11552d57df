"""How a library prepares pictures, as the card's `pixels`; what that cannot say is refused."""

import math
from collections.abc import Sequence
from typing import Any

from consilience_export.errors import ExportError, UsageError
from consilience_export.options import ImportOptions

IMPLEMENTATIONS = ("pil-exact", "torch-uint8-aa")
_INTERPOLATIONS = ("bilinear", "bicubic")
_PILLOW = {2: "bilinear", 3: "bicubic"}
_STEPS = ("_preprocess", "resize", "center_crop", "rescale", "normalize", "rescale_and_normalize")


def pixels(
    options: ImportOptions,
    *,
    resize: str,
    resize_to: int,
    crop: int,
    crop_offset: str,
    interpolation: str,
    mean: Sequence[float],
    std: Sequence[float],
    alpha: str = "white",
) -> dict[str, Any]:
    """The section of the card. Raises UsageError for an unknown `--pixels`."""
    if options.pixels not in IMPLEMENTATIONS:
        raise UsageError(f"--pixels {options.pixels}: expected one of {', '.join(IMPLEMENTATIONS)}")
    if crop > resize_to:
        raise ExportError(f"pictures are resized to {resize_to} and cropped to {crop}: no padding")
    return {
        "resize": resize,
        "resize_to": resize_to,
        "crop": crop,
        "crop_offset": crop_offset,
        "interpolation": interpolation,
        "implementation": options.pixels,
        "mean": [repr(float(value)) for value in mean],
        "std": [repr(float(value)) for value in std],
        "exif": "ignore",
        "alpha": alpha,
    }


def _refuse(what: str, found: object, expected: str) -> ExportError:
    return ExportError(
        f"preprocessing: {what} is {found}, which a card cannot say (it knows {expected})"
    )


def of_timm(config: dict[str, Any], options: ImportOptions) -> dict[str, Any]:
    """From timm.data.resolve_model_data_config: what its evaluation transform does.

    Pictures are opened by convert("RGB") there, which drops transparency.
    """
    channels, height, width = config["input_size"]
    if channels != 3 or height != width:
        raise _refuse("input_size", config["input_size"], "3 channels and a square")
    modes = {"center": "short_side", "squash": "square"}
    if config["crop_mode"] not in modes:
        raise _refuse("crop_mode", config["crop_mode"], ", ".join(modes))
    if config["interpolation"] not in _INTERPOLATIONS:
        raise _refuse("interpolation", config["interpolation"], ", ".join(_INTERPOLATIONS))
    return pixels(
        options,
        resize=modes[config["crop_mode"]],
        resize_to=math.floor(height / config["crop_pct"]),
        crop=height,
        crop_offset="round",
        interpolation=config["interpolation"],
        mean=config["mean"],
        std=config["std"],
        alpha="drop",
    )


def _side(size: Any, what: str) -> tuple[str, int]:
    """("short_side" | "square", pixels) of a `size` or `crop_size`."""
    given = {key: value for key, value in dict(size or {}).items() if value is not None}
    if set(given) == {"shortest_edge"}:
        return "short_side", given["shortest_edge"]
    if set(given) == {"height", "width"} and given["height"] == given["width"]:
        return "square", given["height"]
    raise _refuse(what, given, "shortest_edge, or height and width of a square")


def _sizes(kind: str, config: dict[str, Any]) -> tuple[str, int, int]:
    """(resize, resize_to, crop)."""
    resize, side = _side(config["size"], "size")
    if kind.startswith("ConvNext"):  # its own rule: below 384 a crop, from there a square
        if side >= 384:
            return "square", side, side
        return "short_side", int(side / config["crop_pct"]), side
    if config.get("do_center_crop"):
        shape, crop = _side(config["crop_size"], "crop_size")
        if shape != "square":
            raise _refuse("crop_size", config["crop_size"], "height and width")
        return resize, side, crop
    if resize != "square":
        raise _refuse("size", config["size"], "a square, or a centre crop after it")
    return resize, side, side


def _check_processor(processor: Any, config: dict[str, Any]) -> None:
    """Refuses steps that are not the usual ones."""
    from transformers.image_processing_backends import TorchvisionBackend

    kind = type(processor).__name__
    own = [s for s in _STEPS if getattr(type(processor), s) is not getattr(TorchvisionBackend, s)]
    if own and not kind.startswith(("ConvNext", "DINOv3ViT")):
        raise _refuse(kind, f"of its own in {', '.join(own)}", "the usual steps of transformers")
    for step in ("do_resize", "do_rescale"):
        if not config.get(step):
            raise _refuse(step, config.get(step), "true")
    for step in ("do_pad", "do_reduce_labels", "do_flip_channel_order"):
        if config.get(step):
            raise _refuse(step, config[step], "false")
    if not math.isclose(config["rescale_factor"], 1 / 255, rel_tol=1e-9):
        raise _refuse("rescale_factor", config["rescale_factor"], "1 / 255")
    if int(config["resample"]) not in _PILLOW:
        raise _refuse("resample", config["resample"], "2 (bilinear) and 3 (bicubic)")


def of_processor(processor: Any, options: ImportOptions) -> dict[str, Any]:
    """From an image processor of transformers. `--image-size` keeps its ratio of crop to resize.

    Its torchvision backend crops at the floor of half the margin, and puts transparency on white.
    """
    config = processor.to_dict()
    _check_processor(processor, config)
    resize, resize_to, crop = _sizes(type(processor).__name__, config)
    if options.image_size is not None:
        resize_to, crop = round(resize_to * options.image_size / crop), options.image_size
    normalise = config.get("do_normalize")
    return pixels(
        options,
        resize=resize,
        resize_to=resize_to,
        crop=crop,
        crop_offset="floor",
        interpolation=_PILLOW[int(config["resample"])],
        mean=config["image_mean"] if normalise else (0.0, 0.0, 0.0),
        std=config["image_std"] if normalise else (1.0, 1.0, 1.0),
    )
