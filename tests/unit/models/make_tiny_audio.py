"""Writes tests/unit/models/packages/tiny-audio, a model that listens: kilobytes, committed.

python tests/unit/models/make_tiny_audio.py
"""

import torch
from make_tiny_models import seeded, write
from torch import Tensor, nn


class TinyAudio(nn.Module):
    """Two convolutions over the waveform; a position of the second one sees 20 samples."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Conv1d(1, 5, 10, 5)
        self.block = nn.Conv1d(5, 6, 3)

    def pool(self, hidden: Tensor) -> Tensor:
        return torch.stack([hidden[:, :, 0], hidden.mean(2)], 1)

    def forward(self, waveform: Tensor) -> list[Tensor]:
        embedding = torch.relu(self.embedding(waveform[:, None]))
        block = torch.tanh(self.block(embedding))
        return [self.pool(embedding), self.pool(block)]


def main():
    audio = {
        "sample_rate": 16000,
        "min_samples": 20,
        "max_samples": 4000,
        "normalise": "unit",
        "implementation": "soxr-vhq",
    }
    waveforms = torch.linspace(-1, 1, 2 * 40).reshape(2, 40)
    layers = [("embedding", 5, "embedding"), ("block_0", 6, "block")]
    recipe = {"audio": audio}
    write("tiny-audio", seeded(TinyAudio()), layers, ["first", "mean"], [], [waveforms], recipe)


if __name__ == "__main__":
    main()
