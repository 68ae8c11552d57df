"""A text network of transformers as an Encoder: one mechanism for every family of the table."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from consilience_export import masks, token_pooling
from consilience_export import tokenizer as tokenizers
from consilience_export.architectures.configuration import configuration
from consilience_export.architectures.text_families import FAMILIES, Family
from consilience_export.architectures.text_patches import PATCHES
from consilience_export.architectures.text_reference import reference
from consilience_export.encoder import Encoder, Layer
from consilience_export.language_head import LanguageHead
from consilience_export.pooling import Before, Tapped
from consilience_export.portable import Portable

_DTYPES = {torch.float32: "f32", torch.bfloat16: "bf16", torch.float16: "f16"}


def position_ids(mask: Tensor) -> Tensor:
    """Index of every token among the valid ones, [B, T]; 0 before the first."""
    return (mask.cumsum(1) - 1).clamp(min=0)


@dataclass(frozen=True)
class Padding:
    """Texts as a model wants them that was trained on padded ones, without a mask."""

    length: int
    padding_id: int

    def __call__(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Each text from the left, then padding: [B, length]. No text is longer."""
        place = torch.where(mask > 0, position_ids(mask), self.length)
        rows = ids.new_full([ids.size(0), self.length + 1], self.padding_id)
        return rows.scatter(1, place, ids)[:, : self.length]

    def alone(self, sample: Tensor) -> Tensor:
        """One text, [T] to [length]."""
        missing = self.length - len(sample)
        return torch.cat([sample, torch.full([missing], self.padding_id)])


@dataclass(frozen=True)
class Call:
    """How a family is called: the arguments for ids and mask [B, T]."""

    family: Family
    config: Any
    dtype: torch.dtype

    def _mask(self, mask: Tensor) -> Any:
        if self.family.masks == "tokens":
            return mask
        make = masks.causal if self.family.masks == "causal" else masks.each_way
        window = getattr(self.config, "sliding_window", None)
        if self.family.window == "by_layer":
            kinds = {
                "full_attention": lambda: make(mask, self.dtype),
                "sliding_attention": lambda: make(mask, self.dtype, window),
            }
            return {kind: kinds[kind]() for kind in sorted(set(self.config.layer_types))}
        return make(mask, self.dtype, window if self.family.window else None)

    def __call__(self, ids: Tensor, mask: Tensor) -> dict[str, Any]:
        inputs: dict[str, Any] = {"input_ids": ids, "attention_mask": self._mask(mask)}
        if self.family.positions == "counted":
            inputs["position_ids"] = position_ids(mask)
        elif self.family.positions == "after_padding":
            inputs["position_ids"] = mask.cumsum(1) * mask + self.config.pad_token_id
        if self.family.token_types:
            inputs["token_type_ids"] = torch.zeros_like(ids)
        if self.family.causal:
            inputs["use_cache"] = False
        return inputs


class TextEncoder(Tapped):
    """forward(ids, mask) -> pooled layers, a layer after pooling, and [nll, tokens] with a head.

    `call(ids, mask)` gives the model's arguments; `after` maps the last layer's pooled [B, P, D];
    `head(hidden, ids, mask)` gives [B, S]; `pad(ids, mask)` the texts as the model was trained.
    """

    def __init__(self, model, taps, poolings, call, patch, after=None, head=None, pad=None):
        super().__init__(model, taps)
        self.poolings = tuple(poolings)
        self.call = call
        self.patch = patch
        self.after = after
        self.head = head
        self.pad = pad
        self._last_is_kept = True

    def keep(self, kept: Sequence[int]) -> None:
        """A kept layer after pooling needs the one before it, kept or not."""
        last = len(self._handles) - 1
        if self.after is not None and last + 1 not in kept:
            self.after = None
        self._last_is_kept = last in kept or self.after is None
        super().keep([*kept, last] if self.after is not None else kept)

    def forward(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        if self.pad is not None:
            ids = self.pad(ids, mask)
            mask = torch.ones_like(ids)

        def pool(hidden: Tensor) -> Tensor:
            return token_pooling.pool_tokens(hidden, mask, self.poolings)

        with Portable(ids), self.patch(self.model):
            pooled, output = self.run(pool, **self.call(ids, mask))
        if self.after is not None:
            pooled.append(self.after(pooled[-1]))
            if not self._last_is_kept:
                del pooled[-2]
        if self.head is not None:
            pooled.append(self.head(output.last_hidden_state, ids, mask))
        return pooled


def _child(model: nn.Module, path: str) -> Any:
    for name in path.split("."):
        model = getattr(model, name)
    return model


def _blocks(model: nn.Module, family: Family) -> list[nn.Module]:
    blocks = list(_child(model, family.blocks))
    replaced = family.after_first_block and _child(model, family.after_first_block)
    return [replaced, *blocks[1:]] if replaced else blocks


def _layers(family: Family, blocks: int, width: int) -> list[Layer]:
    layers = [Layer("embedding", width, "embedding", family.embedding_normed)]
    layers += [Layer(f"block_{i}", width, "block", family.normed) for i in range(blocks)]
    if family.norm:
        layers.append(Layer("final_norm", width, "final_norm", True))
    return layers


def context_of(network: nn.Module) -> int | None:
    """The longest text that the network's position embeddings (or training) allow."""
    config = network.config
    family = FAMILIES[config.model_type]
    length = getattr(config, family.context, None) if family.context else None
    if length is not None and family.positions == "after_padding":
        length -= config.pad_token_id + 1
    return length


def text_encoder(
    network: nn.Module,
    tokens: Tokenizer,
    *,
    padding_id: int,
    max_tokens: int | None = None,
    limit: int | None = None,
    poolings: Sequence[str] | None = None,
    own_poolings: Sequence[str] = (),
    after: nn.Module | None = None,
    after_layer: Layer | None = None,
    **rest: Any,
) -> Encoder:
    """Taps the embedding, every block and the final norm of a network of the table.

    Texts are cut at `max_tokens` (128 unless asked), never beyond the context or `limit`. `after`
    maps pooled vectors [.., P, D] of the last layer: a projection, or what a sentence
    encoder does after pooling. `rest` goes to the Encoder. Raises ExportError when the tokenizer is
    another model's, UsageError for a pooling that is none.
    """
    config = network.config
    family = FAMILIES[config.model_type]
    head = network.get_output_embeddings() if type(network).__name__ == family.causal else None
    model = network.base_model if head is not None else network
    blocks = _blocks(model, family)
    taps = [Before(_child(model, family.blocks)[0]), *blocks]
    if family.norm:
        taps.append(_child(model, family.norm))
    tokens = tokenizers.clean(tokens)
    names = token_pooling.chosen(poolings, own_poolings)
    longest = tokenizers.longest(max_tokens, context_of(network), limit)
    table = model.get_input_embeddings().weight
    described = tokenizers.describe(tokens, padding_id, len(table), longest)
    pad = None
    if family.padded:
        pad = Padding(config.max_position_embeddings, padding_id)
        described["padded_to"] = pad.length
    layers = _layers(family, len(blocks), config.hidden_size)
    made = {
        "original": network,
        "architecture": {
            "class": type(network).__name__,
            "configuration": configuration(config),
        },
    }
    return Encoder(
        modality="text",
        module=TextEncoder(
            model,
            taps,
            names,
            Call(family, config, table.dtype),
            PATCHES.get(config.model_type, contextlib.nullcontext),
            after=after,
            head=head and LanguageHead(head, getattr(config, "final_logit_softcapping", None)),
            pad=pad,
        ),
        reference=reference(
            network,
            blocks[-1] if family.norm else None,
            head is not None,
            pad and pad.alone,
            after,
        ),
        layers=layers + [after_layer] * (after_layer is not None),
        poolings=names,
        scalars=["nll", "tokens"] if head is not None else [],
        tokens=described,
        tokenizer=tokens,
        dtype=_DTYPES[table.dtype],
        **(made | rest),
    )
