"""Write tests/golden/data/resize-{pillow,torch}.bin: pictures that Pillow 13 and torch resized.

For resize_test.cpp; torch 2.11 by torchvision 0.26, on a CPU with AVX2.

A record: width, height, new width, new height, filter (0 bilinear, 1 bicubic), seed as
little-endian int32, then the resized picture as packed RGB. The inputs are not stored: byte b of a
picture is (hash(seed, b) >> 24), a 32-bit mix that both sides compute.

    python tests/golden/make_resize_golden.py
"""

import struct
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional

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
PILLOW_FILTERS = [Image.Resampling.BILINEAR, Image.Resampling.BICUBIC]
TORCH_FILTERS = [InterpolationMode.BILINEAR, InterpolationMode.BICUBIC]


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


def by_pillow(rgb: np.ndarray, size: tuple[int, int], number: int) -> bytes:
    """Resize [height, width, 3] to (width, height)."""
    return Image.fromarray(rgb).resize(size, PILLOW_FILTERS[number]).tobytes()


def by_torch(rgb: np.ndarray, size: tuple[int, int], number: int) -> bytes:
    """Resize [height, width, 3] to (width, height)."""
    tensor = torch.from_numpy(rgb).permute(2, 0, 1)
    resized = functional.resize(tensor, list(size[::-1]), TORCH_FILTERS[number], antialias=True)
    return resized.permute(1, 2, 0).contiguous().numpy().tobytes()


def main() -> None:
    """Write every size with both filters, by each implementation."""
    if torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"):
        raise SystemExit("torchvision resizes in float32 on this CPU: run on one with AVX2")
    for name, resize in {"pillow": by_pillow, "torch": by_torch}.items():
        records = []
        for seed, (old, new) in enumerate(SIZES, start=1):
            for number in range(2):
                head = struct.pack("<6i", *old, *new, number, seed)
                records.append(head + resize(picture(*old, seed), new, number))
        target = Path(__file__).parent / "data" / f"resize-{name}.bin"
        target.write_bytes(b"".join(records))
        print(f"{target.name}: {len(records)} pictures, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
