"""The layers of a vision network of transformers: one mechanism for every family of the table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from consilience_export.architectures.picture_families import FAMILIES, Family
from consilience_export.architectures.vision import Sight, Tap, block_taps
from consilience_export.errors import UsageError


class Plain(nn.Module):
    """Calls the network as it is; a few families need something held still meanwhile."""

    def __init__(self, model: nn.Module, arguments: dict[str, Any]):
        super().__init__()
        self.model = model
        self.arguments = arguments

    def forward(self, pixels: Tensor) -> Tensor:
        return self.model(pixel_values=pixels, **self.arguments).last_hidden_state


class Unmasked(Plain):
    """ViT-MAE seeing every patch, in order: training's random choice is left out."""

    def forward(self, pixels: Tensor) -> Tensor:
        embeddings = self.model.embeddings
        embeddings.random_masking = lambda sequence, noise=None: (sequence, None, None)
        try:
            return super().forward(pixels)
        finally:
            del embeddings.random_masking


class FixedRotation(Plain):
    """DINOv3, with the rotations of its one picture size made beforehand."""

    def __init__(self, model: nn.Module, arguments: dict[str, Any], size: int):
        super().__init__(model, arguments)
        with torch.no_grad():
            dtype = next(model.parameters()).dtype
            cosine, sine = model.rope_embeddings(torch.zeros(1, 3, size, size, dtype=dtype))
        self.register_buffer("cosine", cosine)
        self.register_buffer("sine", sine)

    def forward(self, pixels: Tensor) -> Tensor:
        rotations = self.model.rope_embeddings
        rotations.forward = lambda pixel_values: (self.cosine, self.sine)
        try:
            return super().forward(pixels)
        finally:
            del rotations.forward


class NormedMean(nn.Module):
    """What a convolution net of transformers ends in: the norm of the mean over positions."""

    def __init__(self, norm: nn.Module):
        super().__init__()
        self.norm = norm

    def forward(self, hidden: Tensor) -> Tensor:
        return self.norm(hidden.mean((2, 3)))


class Stages(nn.Module):
    """A convolution net of transformers: stem, stages, and the norm of the mean."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model
        self.head = NormedMean(norm_of(model))

    def forward(self, pixels: Tensor) -> Tensor:
        if hasattr(self.model, "embeddings"):
            pixels = self.model.embeddings(pixels)
            return self.head(self.model.encoder(pixels).last_hidden_state)
        return self.head(self.model.model(pixels).last_hidden_state)


class ClipTower(nn.Module):
    """CLIP's picture tower. Its last norm, which CLIP applies to the class token alone, is applied
    to every position, and so is the projection: all poolings exist, and `first` is CLIP's own."""

    def __init__(self, tower: nn.Module, projection: nn.Module | None, arguments: dict[str, Any]):
        super().__init__()
        self.tower = tower
        self.projection = projection
        self.arguments = arguments

    def forward(self, pixels: Tensor) -> Tensor:
        tower = self.tower
        embedded = tower.pre_layrnorm(tower.embeddings(pixels, **self.arguments))
        hidden = tower.post_layernorm(tower.encoder(inputs_embeds=embedded).last_hidden_state)
        return hidden if self.projection is None else self.projection(hidden)


def norm_of(model: nn.Module) -> nn.Module:
    return model.layer_norm if hasattr(model, "layer_norm") else model.layernorm


@dataclass(frozen=True)
class _Reported:
    """The hidden states that transformers reports of a transformer, and what comes after them."""

    model: nn.Module
    arguments: Callable[[Tensor], dict[str, Any]]
    after: Callable[[Any], list[Tensor]]

    def __call__(self, pixels: Tensor) -> list[Tensor]:
        output = self.model(pixels, output_hidden_states=True, **self.arguments(pixels))
        return [*output.hidden_states, *self.after(output)]


def _resampling(model: nn.Module, family: Family, size: int) -> dict[str, Any]:
    """The arguments for pictures of this size, which patches must tile."""
    patch = getattr(model.config, "patch_size", None)
    if patch and not family.stages and size % patch:
        raise UsageError(f"--image-size {size}: expected a multiple of {patch}, the patch size")
    own = getattr(model.config, "image_size", size)
    if family.resampled == "always" or own == size:
        return {}
    return {"interpolate_pos_encoding": True}


def _blocks(stage: nn.Module) -> list[nn.Module]:
    return list(stage.layers)


def _before_blocks(stage: nn.Module) -> list[nn.Module]:
    name = "downsample_layers" if hasattr(stage, "downsample_layers") else "downsampling_layer"
    return list(getattr(stage, name))


def _stages(model: nn.Module, family: Family) -> Sight:
    stages = list(model.get_submodule(family.blocks))
    network = Stages(model)

    def states(pixels: Tensor) -> list[Tensor]:
        """Module after module; the head as the model reports it."""
        found = []
        hidden = model.embeddings(pixels) if hasattr(model, "embeddings") else pixels
        for index, stage in enumerate(stages):
            for step in _before_blocks(stage):
                hidden = step(hidden)
            if index == 0:
                found.append(hidden)
            for block in _blocks(stage):
                hidden = block(hidden)
                found.append(hidden)
        return [*found, model(pixels).pooler_output]

    blocks = [block for stage in stages for block in _blocks(stage)]
    taps = [*block_taps(blocks), Tap("head", network.head, "head", True)]
    return Sight(network, taps, states)


def _network(model: nn.Module, arguments: dict[str, Any], size: int) -> Plain:
    if model.config.model_type == "vit_mae":
        return Unmasked(model, arguments)
    if model.config.model_type == "dinov3_vit":
        return FixedRotation(model, arguments, size)
    return Plain(model, arguments)


def _in_order(model: nn.Module) -> Callable[[Tensor], dict[str, Any]]:
    """ViT-MAE by its own means: nothing masked, and noise that sorts the patches as they are."""
    patches = model.embeddings.patch_embeddings

    def noise(pixels: Tensor) -> dict[str, Any]:
        side = pixels.size(-1) // patches.projection.stride[0]
        return {"noise": torch.arange(side * side, dtype=torch.float)[None]}

    return noise


def _clip(model: nn.Module, projection: nn.Module | None, arguments: dict[str, Any]) -> Sight:
    def after(output: Any) -> list[Tensor]:
        normed = model.post_layernorm(output.last_hidden_state)
        return [normed] + ([projection(normed)] if projection is not None else [])

    taps = [*block_taps(list(model.encoder.layers))]
    taps.append(Tap("final_norm", model.post_layernorm, "final_norm", True))
    if projection is not None:
        taps.append(Tap("projection", projection, "head"))
    network = ClipTower(model, projection, arguments)
    reported = _Reported(model, lambda _: arguments, after)
    return Sight(network, taps, reported, prefix=1, class_token=True)


def sight(model: nn.Module, size: int, projection: nn.Module | None = None) -> Sight:
    """`model`: a network of the table, in evaluation mode; `projection`: CLIP's, into the space
    that pictures and captions share. SigLIP's is its attention pooling, one vector a picture."""
    family = FAMILIES[model.config.model_type]
    if family.stages:
        return _stages(model, family)
    arguments = _resampling(model, family, size)
    if model.config.model_type == "clip_vision_model":
        return _clip(model, projection, arguments)
    taps = block_taps(list(model.get_submodule(family.blocks)))
    taps.append(Tap("final_norm", model.get_submodule(family.norm), "final_norm", True))
    given: Callable[[Tensor], dict[str, Any]] = lambda _: arguments  # noqa: E731
    if model.config.model_type == "vit_mae":
        model.config.mask_ratio = 0.0
        noise = _in_order(model)
        given = lambda pixels: arguments | noise(pixels)  # noqa: E731
    pooled = family.head == "attention" and getattr(model, "head", None) is not None
    if pooled:
        taps.append(Tap("projection", model.head, "head"))

    def after(output: Any) -> list[Tensor]:
        return [output.last_hidden_state] + ([output.pooler_output] if pooled else [])

    registers = getattr(model.config, "num_register_tokens", 0) or 0
    return Sight(
        _network(model, arguments, size),
        taps,
        _Reported(model, given, after),
        prefix=registers + family.class_token,
        class_token=family.class_token,
    )
