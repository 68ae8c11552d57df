"""Recipes of cards against the transforms that they were read from, picture by picture."""

import math

import numpy as np
import pytest
import timm
import torch
import transformers
from consilience_export import preprocessing
from consilience_export.errors import ExportError, UsageError
from consilience_export.options import ImportOptions
from PIL import Image
from timm.data import create_transform
from torchvision.transforms.v2 import functional

OPTIONS = ImportOptions()
SIZES = [(40, 40), (61, 47), (33, 90), (200, 131)]  # width, height


def picture(width, height):
    random = np.random.default_rng(width)
    coarse = Image.fromarray(random.integers(0, 256, (6, 7, 3), dtype=np.uint8))
    return coarse.resize((width, height), Image.Resampling.BICUBIC)


def resized_size(recipe, width, height):
    side = recipe["resize_to"]
    if recipe["resize"] == "square":
        return side, side
    long = int(side * max(width, height) / min(width, height))
    return (side, long) if width <= height else (long, side)


def prepared(recipe, image):
    """What docs/model-package.md says of a recipe, in Pillow (or torch) and numpy."""
    size = resized_size(recipe, *image.size)
    if recipe["implementation"] == "pil-exact":
        kind = Image.Resampling[recipe["interpolation"].upper()]
        pixels = np.asarray(image.resize(size, kind))
    else:
        bytes_ = torch.from_numpy(np.array(image)).permute(2, 0, 1)
        mode = functional.InterpolationMode(recipe["interpolation"])
        made = functional.resize(bytes_, [size[1], size[0]], mode, antialias=True)
        pixels = made.permute(1, 2, 0).numpy()
    crop = recipe["crop"]
    whole = {"round": round, "floor": math.floor}[recipe["crop_offset"]]
    top, left = (whole((side - crop) / 2) for side in pixels.shape[:2])
    pixels = pixels[top : top + crop, left : left + crop].astype(np.float32) / np.float32(255)
    mean, std = (np.array(recipe[key], dtype=np.float32) for key in ("mean", "std"))
    return ((pixels - mean) / std).transpose(2, 0, 1)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("crop_mode", ["center", "squash"])
@pytest.mark.parametrize(("crop_pct", "interpolation"), [(0.9, "bicubic"), (1.0, "bilinear")])
def test_timm_recipes_give_the_very_floats_of_its_transform(
    size, crop_mode, crop_pct, interpolation
):
    config = {
        "input_size": (3, 32, 32),
        "crop_mode": crop_mode,
        "crop_pct": crop_pct,
        "interpolation": interpolation,
        "mean": (0.485, 0.456, 0.406),
        "std": (0.229, 0.224, 0.225),
    }
    image = picture(*size)
    wanted = create_transform(**config)(image).numpy()
    assert np.array_equal(prepared(preprocessing.of_timm(config, OPTIONS), image), wanted)


PROCESSORS = {
    "CLIPImageProcessor": {
        "size": {"shortest_edge": 37},
        "crop_size": {"height": 32, "width": 32},
    },
    "BitImageProcessor": {  # DINOv2
        "size": {"shortest_edge": 36},
        "crop_size": {"height": 31, "width": 31},
        "image_mean": [0.485, 0.456, 0.406],
    },
    "ViTImageProcessor": {"size": {"height": 32, "width": 32}},
    "SiglipImageProcessor": {"size": {"height": 32, "width": 32}},
    "ConvNextImageProcessor": {"size": {"shortest_edge": 28}},
    "DINOv3ViTImageProcessor": {"size": {"height": 32, "width": 32}},
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", PROCESSORS)
def test_processors_of_transformers(kind, size):
    """Equal but for the rounding of (x - 255 m) / 255 s; DINOv3 resizes floats: half a byte."""
    processor = getattr(transformers, kind)(**PROCESSORS[kind])
    recipe = preprocessing.of_processor(processor, ImportOptions(pixels="torch-uint8-aa"))
    image = picture(*size)
    wanted = processor(image, return_tensors="np")["pixel_values"][0]
    near = 1.01 if kind.startswith("DINOv3") else 1e-4  # bytes
    step = 1 / 255 / min(float(value) for value in recipe["std"])
    assert np.abs(prepared(recipe, image) - wanted).max() <= near * step


def test_processors_crop_at_the_floor():
    processor = transformers.BitImageProcessor(**PROCESSORS["BitImageProcessor"])
    recipe = preprocessing.of_processor(processor, OPTIONS)
    assert (recipe["resize"], recipe["resize_to"], recipe["crop"]) == ("short_side", 36, 31)
    assert recipe["crop_offset"] == "floor" and recipe["alpha"] == "white"


def test_another_size_keeps_the_ratio_of_crop_to_resize():
    processor = transformers.BitImageProcessor(size={"shortest_edge": 256})
    recipe = preprocessing.of_processor(processor, ImportOptions(image_size=448))
    assert (recipe["resize_to"], recipe["crop"]) == (512, 448)


def test_a_published_configuration_of_timm():
    config = timm.get_pretrained_cfg("vit_base_patch16_224.augreg_in21k").to_dict()
    config = timm.data.resolve_data_config(pretrained_cfg=config)
    recipe = preprocessing.of_timm(config, OPTIONS)
    assert (recipe["resize_to"], recipe["crop"], recipe["mean"][0]) == (248, 224, "0.5")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"crop_mode": "border"}, "crop_mode is border"),
        ({"interpolation": "lanczos"}, "interpolation is lanczos"),
        ({"input_size": (1, 28, 28)}, r"input_size is \(1, 28, 28\)"),
    ],
)
def test_what_a_card_cannot_say_of_timm_is_named(changes, named):
    config = timm.data.resolve_data_config(pretrained_cfg={"crop_pct": 0.9})
    with pytest.raises(ExportError, match=named):
        preprocessing.of_timm(config | changes, OPTIONS)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"resample": 1}, "resample is 1"),
        ({"do_resize": False}, "do_resize is False"),
        ({"rescale_factor": 1 / 127.5}, "rescale_factor"),
        ({"do_pad": True}, "do_pad is True"),
        ({"size": {"shortest_edge": 32, "longest_edge": 64}}, "size is"),
        ({"size": {"height": 32, "width": 40}}, "size is"),
        ({"size": {"shortest_edge": 32}}, "size is"),
    ],
)
def test_what_a_card_cannot_say_of_transformers_is_named(changes, named):
    processor = transformers.ViTImageProcessor(**changes)
    with pytest.raises(ExportError, match=named):
        preprocessing.of_processor(processor, OPTIONS)


def test_a_processor_with_steps_of_its_own_is_named():
    processor = transformers.EfficientNetImageProcessor()
    with pytest.raises(ExportError, match="EfficientNetImageProcessor is of its own in"):
        preprocessing.of_processor(processor, OPTIONS)


def test_an_unknown_implementation():
    config = timm.data.resolve_data_config(pretrained_cfg={"crop_pct": 0.9})
    with pytest.raises(UsageError, match="--pixels cv2: expected one of pil-exact"):
        preprocessing.of_timm(config, ImportOptions(pixels="cv2"))
