"""Random-weights twins: the same architecture under a stated initialiser."""

import hashlib
import re

import numpy as np
import torch
from torch import Tensor, nn

INITIALISER = (
    "linear and embedding weights, patch projections, class tokens and position embeddings "
    "normal(0, 0.02); convolutions of convolution nets normal(0, sqrt(2 / fan_in)); biases 0; "
    "norms, running statistics and layer scales neutral (scale 1, shift 0, mean 0, variance 1); "
    "drawn by numpy Philox, keyed by the sha256 of seed and tensor name"
)
_NORMAL = 0.02
_NEUTRAL = {"weight": 1.0, "bias": 0.0, "running_mean": 0.0, "running_var": 1.0}


def _normal(shape: torch.Size, deviation: float, seed: int, name: str) -> Tensor:
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    generator = np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))
    return torch.from_numpy(generator.standard_normal(tuple(shape), dtype=np.float32)) * deviation


def _is_norm(module: nn.Module) -> bool:
    """GRN: the global response norm of ConvNeXt V2."""
    return "Norm" in type(module).__name__ or type(module).__name__.endswith("GRN")


def _is_layer_scale(module: nn.Module, name: str) -> bool:
    """A module of its own, or a parameter of the block."""
    named = re.fullmatch(r"gamma(_\d)?|layer_scale(_\w+)?", name)
    return "LayerScale" in type(module).__name__ or named is not None


def _neutral_scale(norm: nn.Module) -> float:
    """Gemma's norms multiply by 1 + weight."""
    return 0.0 if type(norm).__name__.startswith("Gemma") else 1.0


def _deviation(module: nn.Module, tensor: Tensor, convolutional: bool) -> float:
    if convolutional and isinstance(module, nn.Conv2d):
        return float(np.sqrt(2.0 / tensor[0].numel()))
    return _NORMAL


def randomise(model: nn.Module, seed: int) -> None:
    """Overwrites every parameter and statistic of the model in place, by INITIALISER."""
    convolutional = any(isinstance(module, nn.BatchNorm2d) for module in model.modules())
    with torch.no_grad():
        for path, module in model.named_modules():
            own = dict(module.named_parameters(recurse=False))
            own |= {n: b for n, b in module.named_buffers(recurse=False) if n in _NEUTRAL}
            for name, tensor in own.items():
                if _is_norm(module):
                    neutral = _neutral_scale(module) if name == "weight" else _NEUTRAL[name]
                    tensor.fill_(neutral)
                elif _is_layer_scale(module, name):
                    tensor.fill_(1.0)
                elif name == "bias" or name.endswith("_bias"):
                    tensor.zero_()
                else:
                    full = f"{path}.{name}".lstrip(".")
                    deviation = _deviation(module, tensor, convolutional)
                    tensor.copy_(_normal(tensor.shape, deviation, seed, full))


def weights(seed: int) -> dict[str, object]:
    """The `weights` entry of a twin's identity."""
    return {"kind": "random", "seed": seed, "initialiser": INITIALISER}
