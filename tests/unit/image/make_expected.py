"""Writes tests/unit/image/data with Pillow and numpy: pictures, and what they must become.

python tests/unit/image/make_expected.py
"""

from pathlib import Path

import numpy as np
from PIL import Image

OUT = Path(__file__).parent / "data"
MEAN, STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def prepared(picture, short_side, crop, resampling):
    """Resize of the short side and centre crop, as torchvision does on Pillow pictures."""
    width, height = picture.size
    short, long = min(width, height), max(width, height)
    other = int(short_side * long / short)
    size = (short_side, other) if width <= height else (other, short_side)
    resized = picture.resize(size, resampling)
    left, top = round((size[0] - crop) / 2), round((size[1] - crop) / 2)
    return np.asarray(resized.crop((left, top, left + crop, top + crop)))


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
    cmyk = Image.open(OUT.parents[2] / "hostile" / "images" / "02-cmyk-adobe.jpg")
    (OUT / "cmyk.rgb").write_bytes(np.asarray(cmyk.convert("RGB")).tobytes())


if __name__ == "__main__":
    main()
