"""Inputs that an artefact is checked on: every batch size, length and padding side that matters."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from consilience_export.encoder import Encoder

# Lengths in each text batch: one token, unequal ones; batches of 1 to 4. The longest comes last.
_LENGTHS = ([1], [5], [16, 1, 9], [33, 17, 1, 8])
_PICTURES = (1, 3)
# Recordings in a batch and their length: in samples beyond the shortest there can be, or seconds.
_SOUNDS_NEAR_THE_SHORTEST = ((1, 0), (3, 37))
_SOUNDS = ((2, 1.0), (1, 3.0))


@dataclass(frozen=True)
class Batch:
    """The artefact's arguments, and the samples they hold, for the reference to run alone.

    Batches of one `content` hold the same samples.
    """

    name: str
    content: str
    arguments: tuple[Tensor, ...]
    samples: list[Tensor]


def _generator() -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=1))


def text_batches(vocabulary: int, padding_id: int, longest: int) -> list[Batch]:
    """Random token ids, padded right and left. No text holds the padding id."""
    random = _generator()
    batches = []
    cut = [[min(n, longest) for n in lengths] for lengths in _LENGTHS]
    for lengths in [*cut, [longest, min(3, longest)]]:
        content = f"token counts {lengths}"
        drawn = [torch.from_numpy(random.integers(0, vocabulary - 1, n)) for n in lengths]
        samples = [ids + (ids >= padding_id) for ids in drawn]
        for side in ("right", "left"):
            if side == "left" and len(lengths) == 1:
                continue
            ids = torch.full((len(samples), max(lengths)), padding_id)
            mask = torch.zeros_like(ids)
            for row, sample in enumerate(samples):
                n = len(sample)
                span = slice(0, n) if side == "right" else slice(ids.size(1) - n, None)
                ids[row, span], mask[row, span] = sample, 1
            batches.append(Batch(f"{content}, {side}", content, (ids, mask), samples))
    return batches


def pictures(crop: int, mean: list[str], std: list[str]) -> list[Batch]:
    """Smooth colour with noise on it, as normalised pixels. Three: the others black and white, so
    that a network that decides on what it sees decides differently."""
    random = _generator()
    batches = []
    for count in _PICTURES:
        coarse = torch.from_numpy(random.random((count, 3, 8, 8), dtype=np.float32))
        fine = torch.from_numpy(random.random((count, 3, crop, crop), dtype=np.float32))
        smooth = torch.nn.functional.interpolate(coarse, size=(crop, crop), mode="bilinear")
        bytes_ = ((0.8 * smooth + 0.2 * fine) * 255).round()
        for index, flat in zip(range(1, count), (0, 255), strict=False):
            bytes_[index] = flat
        shift = torch.tensor([float(value) for value in mean])[:, None, None]
        scale = torch.tensor([float(value) for value in std])[:, None, None]
        pixels = (bytes_ / 255 - shift) / scale
        batches.append(Batch(f"{count} pictures", f"{count} pictures", (pixels,), list(pixels)))
    return batches


def waveforms(rate: int, shortest: int, longest: int) -> list[Batch]:
    """A tone with noise on it, normalised; a batch holds recordings of one length."""
    random = _generator()
    shapes = [(count, shortest + more) for count, more in _SOUNDS_NEAR_THE_SHORTEST]
    shapes += [(count, round(seconds * rate)) for count, seconds in _SOUNDS]
    batches = []
    for count, samples in shapes:
        samples = min(max(samples, shortest), longest)
        hertz = random.uniform(100, 1000, (count, 1))
        tone = np.sin(2 * np.pi * hertz * np.arange(samples) / rate)
        sound = torch.from_numpy(tone + 0.3 * random.standard_normal((count, samples))).float()
        sound = (sound - sound.mean(1, keepdim=True)) / sound.std(1, keepdim=True)
        name = f"{count} recordings of {samples} samples"
        batches.append(Batch(name, name, (sound,), list(sound)))
    return batches


def batches_for(encoder: Encoder) -> list[Batch]:
    if encoder.modality == "vision":
        pixels = encoder.pixels
        return pictures(pixels["crop"], pixels["mean"], pixels["std"])
    if encoder.modality == "audio":
        audio = encoder.audio
        return waveforms(audio["sample_rate"], audio["min_samples"], audio["max_samples"])
    tokens = encoder.tokens
    return text_batches(tokens["vocabulary"], tokens["padding_id"], tokens["max_tokens"])
