"""Trivial encoders against counting by hand."""

import pytest
import torch
from consilience_export import verify
from consilience_export.job import of_zoo
from consilience_export.options import ImportOptions
from consilience_export.sources.pypi.trivial import (
    BagOfWords,
    ColourHistogram,
    load_colour_histogram,
)
from consilience_export.torchscript import trace
from consilience_export.zoo import load


def test_histogram_counts_bytes():
    picture = torch.zeros(2, 3, 2, 2)
    picture[0, 0, 0, 0] = 31 / 255  # red 31 is still in the lowest bin
    picture[0, 0, 0, 1] = 32 / 255  # red 32 in the next
    picture[1] = 1.0
    histogram = ColourHistogram()(picture)[0]
    assert histogram.shape == (2, 1, 512)
    assert histogram[0, 0, 0] == 0.75 and histogram[0, 0, 64] == 0.25
    assert histogram[1, 0, 511] == 1


def test_every_byte_lands_in_its_bin():
    ramp = (torch.arange(256) / 255).reshape(1, 1, 16, 16).repeat(1, 3, 1, 1)
    histogram = ColourHistogram()(ramp)[0][0, 0]
    assert histogram[[64 * i + 8 * i + i for i in range(8)]].tolist() == [0.125] * 8


def test_bag_ignores_padding_and_special_tokens():
    bag = BagOfWords([0, 1])
    ids = torch.tensor([[1, 7, 7, 9, 0], [1, 0, 0, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 1, 0], [1, 0, 0, 0, 0]])
    counts = bag(ids, mask)[0]
    assert counts.shape == (2, 1, 2048)
    seven, nine = ((7 * 2654435761) % 2**32) >> 21, ((9 * 2654435761) % 2**32) >> 21
    assert counts[0, 0, seven] == pytest.approx(2 / 3)
    assert counts[0, 0, nine] == pytest.approx(1 / 3)
    assert counts[1].sum() == 0


def test_histogram_artefact_equals_its_reference(tmp_path):
    encoder = load_colour_histogram(of_zoo(load().models["colour-histogram"], ImportOptions()))
    trace.save(encoder, tmp_path / "model.ts")
    errors = verify.measure(encoder, trace.load(tmp_path / "model.ts"))
    assert errors["histogram"] < 1e-7
