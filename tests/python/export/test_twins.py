"""Twins: reproducible, different by seed, every tensor replaced by the stated initialiser."""

import pytest
import tiny
import tiny_text
import tiny_vision
import torch
from consilience_export.card import tensors_sha256
from consilience_export.twins import randomise


def test_seeds_differ_and_are_reproducible(encoder):
    digests = []
    for seed in (1, 2, 1):
        randomise(encoder.original, seed)
        digests.append(tensors_sha256(encoder.original))
    assert digests[0] == digests[2] != digests[1]


def test_nothing_of_the_trained_weights_stays(encoder):
    with torch.no_grad():
        for tensor in [*encoder.original.parameters(), *encoder.original.buffers()]:
            if tensor.is_floating_point():
                tensor.fill_(123.0)
    randomise(encoder.original, 1)
    for name, tensor in encoder.original.state_dict().items():
        assert not (tensor == 123.0).any(), name


def test_deviations_are_the_stated_ones():
    model = tiny.tiny_bert().original
    randomise(model, 1)
    weight = model.encoder.layer[0].intermediate.dense.weight
    assert abs(weight.std().item() / 0.02 - 1) < 0.1 and abs(weight.mean().item()) < 0.003
    assert (model.encoder.layer[0].intermediate.dense.bias == 0).all()
    assert (model.encoder.layer[0].output.LayerNorm.weight == 1).all()
    trunk = tiny.tiny_lite().original
    randomise(trunk, 1)
    head = trunk.head[0].weight
    assert abs(head.std().item() / (2 / head.shape[1]) ** 0.5 - 1) < 0.1


def test_norms_of_twins_are_neutral_whatever_they_multiply_by():
    for kind in ("gemma2", "llama"):
        model = tiny_text.network(kind)
        randomise(model, 1)
        rows = torch.randn(5, 24)
        rows = rows / rows.pow(2).mean(1, keepdim=True).sqrt()
        torch.testing.assert_close(model.model.norm(rows), rows, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["timm-beit", "timm-convnext", "timm-convnextv2", "timm-swinv2"])
def test_scales_of_blocks_are_one_and_biases_zero_whatever_they_are_called(name):
    model = tiny_vision.timm_network(tiny_vision.TIMM[name])
    randomise(model, 1)
    for path, tensor in model.named_parameters():
        if tensor.dim() == 1:
            neutral = 0 if path.endswith("bias") else 1
            assert (tensor == neutral).all(), path
