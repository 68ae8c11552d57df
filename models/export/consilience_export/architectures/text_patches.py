"""What a few text families need while they are traced: nothing of their mathematics changes."""

import contextlib
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn


@contextlib.contextmanager
def _bloom(model: nn.Module) -> Iterator[None]:
    """GELU is a Python autograd function, which no archive holds; positions come from a 2-D mask.

    The mask is causal [B, 1, T, T]: what the last query sees are the valid tokens.
    """
    from transformers.models.bloom import modeling_bloom as bloom

    honest = bloom.build_alibi_tensor

    def alibi(mask: Tensor, heads: int, dtype) -> Tensor:
        return honest((mask[:, 0, -1] == 0).long(), heads, dtype)

    gelus = [module for module in model.modules() if isinstance(module, bloom.BloomGelu)]
    model.build_alibi_tensor = alibi
    for gelu in gelus:
        gelu.forward = bloom.bloom_gelu_forward
    try:
        yield
    finally:
        del model.build_alibi_tensor
        for gelu in gelus:
            del gelu.forward


def _every_expert(experts: nn.Module) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """All experts on all tokens, those that a token did not choose times 0."""

    def forward(hidden: Tensor, chosen: Tensor, weights: Tensor) -> Tensor:
        total = torch.zeros_like(hidden)
        for index in range(experts.num_experts):
            share = (weights * (chosen == index)).sum(-1, keepdim=True)
            gate, up = nn.functional.linear(hidden, experts.gate_up_proj[index]).chunk(2, dim=-1)
            made = nn.functional.linear(experts.act_fn(gate) * up, experts.down_proj[index])
            total = total + (made * share).to(hidden.dtype)
        return total

    return forward


@contextlib.contextmanager
def _mixtral(model: nn.Module) -> Iterator[None]:
    """Which experts run depends on the tokens, which no trace can follow."""
    from transformers.models.mixtral.modeling_mixtral import MixtralExperts

    found = [module for module in model.modules() if isinstance(module, MixtralExperts)]
    for experts in found:
        experts.forward = _every_expert(experts)
    try:
        yield
    finally:
        for experts in found:
            del experts.forward


PATCHES: dict[str, Callable[[nn.Module], contextlib.AbstractContextManager]] = {
    "bloom": _bloom,
    "mixtral": _mixtral,
}
