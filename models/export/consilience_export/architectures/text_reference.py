"""A text network on one sample alone, as transformers itself reports it: no masks, no taps."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from consilience_export.encoder import AfterPooling, Reference


def _hidden(output: Any) -> Tensor:
    return output if isinstance(output, Tensor) else output[0]


def reference(
    network: nn.Module,
    last_block: nn.Module | None,
    causal: bool,
    prepare: Callable[[Tensor], Tensor] | None,
    after: Callable[[Tensor], Tensor] | None,
) -> Reference:
    """The hidden states of a sample, and for causal models its log-likelihood by their own loss.

    `last_block`: of networks with a final norm, which report what it makes after that norm only: a
    hook takes it before. `prepare` pads a sample; `after` maps the pooled last layer.
    """

    def run(sample: Tensor) -> tuple[list[Any], Tensor | None]:
        text = (sample if prepare is None else prepare(sample))[None]
        arguments: dict[str, Any] = {"labels": text, "use_cache": False} if causal else {}
        made: list[Tensor] = []
        hook = None
        if last_block is not None:
            hook = last_block.register_forward_hook(lambda _m, _i, out: made.append(_hidden(out)))
        with torch.no_grad():
            output = network(input_ids=text, output_hidden_states=True, **arguments)
        layers: list[Any] = [state[0] for state in output.hidden_states]
        if hook is not None:
            hook.remove()
            final = layers[-1] if causal else output.last_hidden_state[0]
            layers = [*layers[:-1], made[0][0], final]
        if after is not None:
            layers.append(AfterPooling(layers[-1], after))
        if not causal:
            return layers, None
        predicted = len(sample) - 1
        nll = output.loss * predicted if predicted else torch.zeros(())
        return layers, torch.stack([nll.float(), torch.tensor(float(predicted))])

    return run
