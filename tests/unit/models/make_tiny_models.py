"""Writes the model packages in tests/unit/models/packages: kilobytes each, committed.

python tests/unit/models/make_tiny_models.py
"""

import hashlib
import json
from pathlib import Path

import torch
from torch import Tensor, nn

OUT = Path(__file__).parent / "packages"
VOCABULARY, WIDTH = 32, 8


def pooled(hidden: Tensor, mask: Tensor) -> Tensor:
    seen = mask.cumsum(1)
    first = (seen < 1).sum(1)
    last = (seen < seen[:, -1:]).sum(1)
    rows = torch.arange(mask.size(0))
    mean = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
    return torch.stack([hidden[rows, first], hidden[rows, last], mean], 1)


class TextStart(nn.Module):
    """An embedding. What a segment hands over stands before its features."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, WIDTH)

    def forward(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        tokens = self.embedding(ids)
        return [tokens, pooled(tokens, mask)]


class TextMiddle(nn.Module):
    """One block, in which every token sees the mean of the valid ones."""

    def __init__(self):
        super().__init__()
        self.block = nn.Linear(WIDTH, 6)

    def forward(self, ids: Tensor, mask: Tensor, hidden: Tensor) -> list[Tensor]:
        mean = (hidden * mask[:, :, None]).sum(1, keepdim=True) / mask.sum(1)[:, None, None]
        block = torch.tanh(self.block(hidden + mean))
        return [block, pooled(block, mask)]


class TextEnd(nn.Module):
    """The scalars."""

    def forward(self, ids: Tensor, mask: Tensor, hidden: Tensor) -> list[Tensor]:
        valid = mask.sum(1).float()
        return [torch.stack([valid * 0.5, valid - 1], 1)]


class TinyText(nn.Module):
    """The three in one piece."""

    def __init__(self):
        super().__init__()
        self.start, self.middle, self.end = TextStart(), TextMiddle(), TextEnd()

    def forward(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        start = self.start(ids, mask)
        middle = self.middle(ids, mask, start[0])
        return [start[1], middle[1], self.end(ids, mask, middle[0])[0]]


class UnknownOperator(nn.Module):
    """Calls an operator that only this program has."""

    def forward(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        return [torch.ops.tiny.twice(mask.float())[:, None, :]]


class TinyVision(nn.Module):
    """A convolution with its batch normalisation, and a depthwise one."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 4, 3, 2, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU6()
        )
        self.depthwise = nn.Conv2d(4, 4, 3, 1, 1, groups=4)

    def forward(self, pixels: Tensor) -> list[Tensor]:
        stem = self.stem(pixels)
        head = self.depthwise(stem)
        return [stem.mean((2, 3)).unsqueeze(1), head.mean((2, 3)).unsqueeze(1)]


class VisionStart(nn.Module):
    """The convolution of a TinyVision."""

    def __init__(self, whole: TinyVision):
        super().__init__()
        self.stem = whole.stem

    def forward(self, pixels: Tensor) -> list[Tensor]:
        stem = self.stem(pixels)
        return [stem, stem.mean((2, 3)).unsqueeze(1)]


class VisionEnd(nn.Module):
    """The depthwise one."""

    def __init__(self, whole: TinyVision):
        super().__init__()
        self.depthwise = whole.depthwise

    def forward(self, pixels: Tensor, hidden: Tensor) -> list[Tensor]:
        return [self.depthwise(hidden).mean((2, 3)).unsqueeze(1)]


def seeded(model: nn.Module) -> nn.Module:
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.5)
    return model.eval()


def save_segments(folder, modules):
    """As the card lists them."""
    segments = []
    for number, module in enumerate(modules):
        name = "model.ts" if len(modules) == 1 else f"model-{number}.ts"
        torch.jit.script(module).save(folder / name)
        content = (folder / name).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        segments.append({"file": name, "sha256": digest, "bytes": len(content)})
    return segments


def write(name, model, layers, poolings, scalars, inputs, recipe, pieces=None, dtype="f32"):
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    if "tokens" in recipe:
        (folder / "tokenizer.json").write_text("{}\n")
    identity = {
        "name": name,
        "modality": {"tokens": "text", "pixels": "vision", "audio": "audio"}[next(iter(recipe))],
        "tensors_sha256": "0" * 64,
        "description": {"note": "for tests: Übung"},
        "weights": {"kind": "random", "seed": 1, "initialiser": "normal"},
        "layers": [
            {"name": name, "width": width, "kind": kind, "normed": False}
            for name, width, kind in layers
        ],
        "dtype": dtype,
        "poolings": poolings,
        "scalars": scalars,
        "error_bound": {"absolute": "1e-5", "relative": "1e-4"},
        **recipe,
    }
    canonical = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    card = {
        "format": "consilience-card/1",
        "identity": identity,
        "segments": save_segments(folder, pieces or [model]),
        "runtime": {"freeze": True, "channels_last": True},
        "about": {"family": "Tiny", "role": "random", "parameters": 7},
    }
    (folder / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    with torch.inference_mode():
        outputs = [output.flatten().tolist() for output in model(*inputs)]
    expected = {
        "identity_hash": hashlib.sha256(canonical.encode()).hexdigest(),
        "inputs": [tensor.flatten().tolist() for tensor in inputs],
        "shape": list(inputs[0].shape),
        "outputs": outputs,
    }
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


def main():
    ids = torch.tensor([[1, 5, 9, 0], [2, 7, 3, 4]])
    mask = torch.tensor([[1, 1, 1, 0], [1, 1, 1, 1]])
    tokens = {
        "tokenizer_sha256": hashlib.sha256(b"{}\n").hexdigest(),
        "max_tokens": 16,
        "padding_id": 0,
        "padding_side": "right",
        "special_tokens": "x",
    }
    layers = [("embedding", WIDTH, "embedding"), ("block_0", 6, "block")]
    text = seeded(TinyText())
    rest = (layers, ["first", "last", "mean"], ["nll", "tokens"], [ids, mask], {"tokens": tokens})
    write("tiny-text", text, *rest)
    write("tiny-text-cut", text, *rest, pieces=[text.start, text.middle, text.end])
    for dtype, number in {"bf16": torch.bfloat16, "f16": torch.float16}.items():
        write(f"tiny-text-{dtype}", seeded(TinyText()).to(number), *rest, dtype=dtype)
    torch.library.define("tiny::twice", "(Tensor x) -> Tensor")
    torch.library.impl("tiny::twice", "cpu", lambda x: 2 * x)
    write(
        "tiny-unknown", UnknownOperator(), [("twice", 4, "block")],
        ["mean"], [], [ids, mask], {"tokens": tokens},
    )  # fmt: skip
    pixels = {
        "resize": "short_side",
        "resize_to": 10,
        "crop": 8,
        "crop_offset": "round",
        "interpolation": "bicubic",
        "implementation": "pil-exact",
        "mean": ["0.5", "0.5", "0.5"],
        "std": ["0.5", "0.25", "0.5"],
        "exif": "ignore",
        "alpha": "white",
    }
    picture = torch.linspace(-1, 1, 2 * 3 * 8 * 8).reshape(2, 3, 8, 8)
    vision = seeded(TinyVision())
    rest = (
        [("block_0", 4, "block"), ("head", 4, "head")], ["mean"], [], [picture], {"pixels": pixels}
    )  # fmt: skip
    write("tiny-vision", vision, *rest)
    write("tiny-vision-cut", vision, *rest, pieces=[VisionStart(vision), VisionEnd(vision)])


if __name__ == "__main__":
    main()
