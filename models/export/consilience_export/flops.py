"""Floating-point operations of a sample, counted in the graph that runs."""

import warnings
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from consilience_export.encoder import Encoder
from consilience_export.torchscript.artefact import Artefact

_TOKENS = 128
_SECONDS = 1


def _example(encoder: Encoder) -> tuple[tuple[torch.Tensor, ...], str]:
    if encoder.pixels is not None:
        crop = encoder.pixels["crop"]
        return (torch.zeros(1, 3, crop, crop),), f"a picture of {crop} x {crop}"
    if encoder.audio is not None:
        rate = encoder.audio["sample_rate"]
        return (torch.zeros(1, _SECONDS * rate),), f"{_SECONDS} s of sound"
    length = min(_TOKENS, encoder.tokens["max_tokens"])
    ids = torch.ones(1, length, dtype=torch.long)
    return (ids, ids), f"{length} tokens"


def per_sample(module: Artefact, encoder: Encoder) -> dict[str, Any]:
    """`flops` (products and convolutions, a multiply-add is two) and `flops_of`, what they are for.

    Attention is counted by its products, so its fused kernels are turned off here.
    """
    arguments, what = _example(encoder)
    counter = FlopCounterMode(display=False)
    with warnings.catch_warnings(), torch.no_grad(), sdpa_kernel(SDPBackend.MATH), counter:
        warnings.simplefilter("ignore")
        module(*arguments)
    return {"flops": counter.get_total_flops(), "flops_of": what}
