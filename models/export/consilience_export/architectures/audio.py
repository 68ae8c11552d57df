"""Encoders of waveforms, as transformers has them: Wav2Vec2, HuBERT, data2vec-audio."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from consilience_export.architectures.configuration import configuration
from consilience_export.architectures.vision import chosen_poolings
from consilience_export.encoder import Encoder, Layer, block_layers
from consilience_export.errors import ExportError
from consilience_export.pooling import Before, Tapped

FAMILIES = {
    "wav2vec2": "Wav2Vec2Model",
    "hubert": "HubertModel",
    "data2vec-audio": "Data2VecAudioModel",
}
POOLINGS = ("mean",)
LONGEST_S = 30  # of a recording; the rest is cut off


@dataclass(frozen=True)
class Hearing:
    """What a network expects of a waveform: its rate in Hz, and whether it is normalised."""

    rate: int
    unit: bool


class AudioEncoder(Tapped):
    """forward(waveform [B, N]) -> pooled layers, [B, P, D]."""

    def forward(self, waveform: Tensor) -> list[Tensor]:
        return self.run(_mean_over_time, waveform)[0]


def _mean_over_time(hidden: Tensor) -> Tensor:
    return hidden.float().mean(1, keepdim=True)


def receptive_field(kernels: Sequence[int], strides: Sequence[int]) -> int:
    """Samples that one position of the last convolution sees: the shortest waveform."""
    samples = 1
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        samples = (samples - 1) * stride + kernel
    return samples


def recipe(config: Any, hearing: Hearing) -> dict[str, Any]:
    """The card's `audio`."""
    return {
        "sample_rate": hearing.rate,
        "min_samples": receptive_field(config.conv_kernel, config.conv_stride),
        "max_samples": LONGEST_S * hearing.rate,
        "normalise": "unit" if hearing.unit else "none",
        "implementation": "soxr-vhq",
    }


def _pre_norm(model: nn.Module) -> bool:
    """Whether norms stand in front of the blocks' parts, and one behind the last block."""
    return "StableLayerNorm" in type(model.encoder).__name__


def _layers(model: nn.Module) -> list[Layer]:
    """The convolutions' output, then the transformer's layers."""
    config, pre_norm = model.config, _pre_norm(model)
    first, *rest = block_layers(
        config.num_hidden_layers, config.hidden_size, final_norm=pre_norm, normed=not pre_norm
    )
    embedding = Layer(first.name, first.width, first.kind, normed=not pre_norm)
    return [Layer("convolutions", config.conv_dim[-1], "embedding"), embedding, *rest]


def _taps(model: nn.Module) -> list[nn.Module | Before]:
    blocks = model.encoder.layers
    taps = [Before(model.feature_projection), Before(blocks[0]), *blocks]
    return [*taps, model.encoder.layer_norm] if _pre_norm(model) else taps


def _states(model: nn.Module, waveform: Tensor) -> list[Tensor]:
    """Every layer's positions [T, D] of one waveform, without the taps."""
    with torch.no_grad():
        output = model(waveform[None], output_hidden_states=True)
        convolutions = model.feature_extractor(waveform[None]).transpose(1, 2)
    states = [convolutions, *output.hidden_states]
    if _pre_norm(model):
        states.append(output.last_hidden_state)
    return [state[0] for state in states]


def encoder(
    model: nn.Module,
    hearing: Hearing,
    origin: dict[str, Any],
    *,
    poolings: Sequence[str] | None = None,
) -> Encoder:
    """Raises ExportError for a network with an adapter, whose positions are others at the end."""
    if getattr(model, "adapter", None) is not None:
        raise ExportError(f"{type(model).__name__} with an adapter: not supported")
    return Encoder(
        modality="audio",
        module=AudioEncoder(model, _taps(model)),
        original=model,
        reference=lambda waveform: (_states(model, waveform), None),
        layers=_layers(model),
        poolings=chosen_poolings(poolings, POOLINGS),
        architecture={"class": type(model).__name__, "configuration": configuration(model.config)},
        origin=origin,
        audio=recipe(model.config, hearing),
    )
