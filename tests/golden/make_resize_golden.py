"""Write tests/golden/data/resize.bin: pictures resized by Pillow 13, for resize_test.cpp.

A record: width, height, new width, new height, filter (0 bilinear, 1 bicubic), seed as
little-endian int32, then the resized picture as packed RGB. The inputs are not stored: byte b of a
picture is (hash(seed, b) >> 24), a 32-bit mix that both sides compute.

    python tests/golden/make_resize_golden.py
"""

import struct
from pathlib import Path

import numpy as np
from PIL import Image

SIZES = [  # (width, height) -> (new width, new height)
    ((1, 1), (5, 3)),
    ((5, 7), (1, 1)),
    ((17, 23), (17, 23)),
    ((17, 23), (17, 9)),
    ((17, 23), (40, 23)),
    ((31, 33), (64, 66)),
    ((127, 65), (32, 32)),
    ((100, 75), (99, 74)),
    ((301, 2), (7, 5)),
    ((2, 301), (3, 50)),
    ((640, 3), (11, 1)),
    ((250, 187), (64, 64)),
    ((333, 500), (56, 84)),
    ((48, 48), (97, 31)),
    ((30, 60), (24, 48)),
    ((30, 60), (24, 47)),
    ((20, 30), (40, 33)),
]
FILTERS = [Image.Resampling.BILINEAR, Image.Resampling.BICUBIC]


def picture(width: int, height: int, seed: int) -> np.ndarray:
    """Noise in the left half; black and white blocks, which overshoot, in the right one."""
    b = np.arange(width * height * 3, dtype=np.uint32)
    with np.errstate(over="ignore"):
        h = (b + np.uint32(seed) * np.uint32(0x9E3779B9)) * np.uint32(0x85EBCA6B)
        h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    noise = (h >> np.uint32(24)).astype(np.uint8).reshape(height, width, 3)
    y, x = np.mgrid[0:height, 0:width]
    blocks = np.where(((x // 3 + y // 3) % 2 == 0)[..., None], 255, 0).astype(np.uint8)
    return np.where((x < width // 2)[..., None], noise, blocks).astype(np.uint8)


def main() -> None:
    """Write every size with both filters."""
    records = []
    for seed, (old, new) in enumerate(SIZES, start=1):
        for number, rule in enumerate(FILTERS):
            resized = Image.fromarray(picture(*old, seed)).resize(new, rule)
            records.append(struct.pack("<6i", *old, *new, number, seed) + resized.tobytes())
    target = Path(__file__).parent / "data" / "resize.bin"
    target.write_bytes(b"".join(records))
    print(f"{target}: {len(records)} pictures, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
