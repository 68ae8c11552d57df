"""Writes tests/unit/image/data with Pillow, torchvision and numpy: pictures, and what they become.

python tests/unit/image/make_expected.py
"""

from pathlib import Path

import numpy as np
import torch
from PIL import ExifTags, Image, ImageOps
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional

OUT = Path(__file__).parent / "data"
MEAN, STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def squared(values, side, crop, resampling):
    """uint8 [H, W, 3] to side x side and the centre crop, as fast processors of transformers do."""
    tensor = torch.from_numpy(values).permute(2, 0, 1)
    resized = functional.resize(tensor, [side, side], resampling, antialias=True)
    start = (side - crop) // 2
    return resized[:, start : start + crop, start : start + crop].permute(1, 2, 0).contiguous()


def prepared(picture, short_side, crop, resampling):
    """Resize of the short side and centre crop, as torchvision does on Pillow pictures."""
    width, height = picture.size
    short, long = min(width, height), max(width, height)
    other = int(short_side * long / short)
    size = (short_side, other) if width <= height else (other, short_side)
    resized = picture.resize(size, resampling)
    left, top = round((size[0] - crop) / 2), round((size[1] - crop) / 2)
    return np.asarray(resized.crop((left, top, left + crop, top + crop)))


def write_orientations(picture):
    """Every orientation of EXIF, in every format, and each as it was meant to be seen."""
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        for kind, options in {
            "png": {},
            "webp": {"lossless": True},
            "jpg": {"quality": 95},
        }.items():
            path = OUT / f"orientation-{orientation}.{kind}"
            picture.save(path, exif=exif, **options)
        upright = ImageOps.exif_transpose(Image.open(OUT / f"orientation-{orientation}.png"))
        head = np.int32(upright.size).tobytes()
        (OUT / f"orientation-{orientation}.rgb").write_bytes(head + np.asarray(upright).tobytes())


def main():
    OUT.mkdir(exist_ok=True)
    rng = np.random.default_rng(7)
    for name, shape in {"wide": (17, 31, 3), "tall": (29, 13, 3)}.items():
        values = rng.integers(0, 256, shape, dtype=np.uint8)
        picture = Image.fromarray(values)
        picture.save(OUT / f"{name}.png")
        for filter_name, resampling in FILTERS.items():
            cropped = prepared(picture, 21, 12, resampling)
            (OUT / f"{name}-{filter_name}.rgb").write_bytes(cropped.tobytes())
        for filter_name in FILTERS:
            square = squared(values, 21, 10, InterpolationMode(filter_name))
            (OUT / f"{name}-square-{filter_name}.rgb").write_bytes(square.numpy().tobytes())
        planar = (cropped.astype(np.float32) / np.float32(255) - MEAN) / STD
        (OUT / f"{name}-bicubic.f32").write_bytes(planar.transpose(2, 0, 1).tobytes())
    palette = Image.fromarray(rng.integers(0, 4, (6, 5), dtype=np.uint8), mode="P")
    palette.putpalette([255, 0, 0, 0, 255, 0, 101, 7, 255, 9, 99, 199])
    palette.save(OUT / "palette.png", transparency=bytes([255, 0, 100, 255]))
    palette = Image.open(OUT / "palette.png")
    rgba = np.asarray(palette.convert("RGBA")).astype(np.int32)
    colour, alpha = rgba[..., :3], rgba[..., 3:]
    over_white = (colour * alpha + 255 * (255 - alpha) + 127) // 255
    (OUT / "palette-white.rgb").write_bytes(over_white.astype(np.uint8).tobytes())
    (OUT / "palette-drop.rgb").write_bytes(np.asarray(palette.convert("RGB")).tobytes())
    write_orientations(Image.fromarray(rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)))
    cmyk = Image.open(OUT.parents[2] / "hostile" / "images" / "02-cmyk-adobe.jpg")
    (OUT / "cmyk.rgb").write_bytes(np.asarray(cmyk.convert("RGB")).tobytes())


if __name__ == "__main__":
    main()
