"""What a few text families need while they are traced: nothing of their mathematics changes."""

import contextlib
from collections.abc import Callable, Iterator

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


PATCHES: dict[str, Callable[[nn.Module], contextlib.AbstractContextManager]] = {"bloom": _bloom}
