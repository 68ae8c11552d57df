"""What the transformers models share: quiet loading, configuration, references, text encoders."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()

# Keys that say where a configuration came from, or which library wrote it, not what the model is.
_VOLATILE = {"_name_or_path", "transformers_version", "architectures", "dtype", "torch_dtype"}


def configuration(config: Any) -> dict[str, Any]:
    """The configuration of a model as it enters the identity."""
    values = config.to_diff_dict()
    return {key: value for key, value in values.items() if key not in _VOLATILE}


def fill(model: nn.Module, weights: dict[str, Any]) -> nn.Module:
    """Loads numpy weights; every name must match. Returns the model in evaluation mode."""
    model.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in weights.items()})
    return model.eval()


def hidden_states(model: nn.Module, sample: Tensor) -> tuple[list[Tensor], Any]:
    """The unpooled hidden states [N, D] of one sample alone, as the model itself reports them."""
    with torch.no_grad():
        output = model(sample[None], output_hidden_states=True)
    return [states[0] for states in output.hidden_states], output


def encoder_reference(model: nn.Module) -> Callable[[Tensor], tuple[list[Tensor], None]]:
    """The reference of a model whose hidden states are the tapped layers."""
    return lambda sample: (hidden_states(model, sample)[0], None)
