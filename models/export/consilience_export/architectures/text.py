"""A text network of transformers as an Encoder: one mechanism for every family of the table."""

import contextlib
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from tokenizers import Tokenizer
from torch import nn

from consilience_export import token_pooling
from consilience_export import tokenizer as tokenizers
from consilience_export.architectures.configuration import configuration
from consilience_export.architectures.text_call import Call, Padding
from consilience_export.architectures.text_families import FAMILIES, Family
from consilience_export.architectures.text_module import TextEncoder
from consilience_export.architectures.text_patches import PATCHES
from consilience_export.architectures.text_reference import reference
from consilience_export.dtypes import NAMES
from consilience_export.encoder import Encoder, Layer
from consilience_export.language_head import LanguageHead
from consilience_export.pooling import Before


def _blocks(model: nn.Module, family: Family) -> list[nn.Module]:
    blocks = list(model.get_submodule(family.blocks))
    replaced = family.after_first_block and attrgetter(family.after_first_block)(model)
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
    taps = [Before(model.get_submodule(family.blocks)[0]), *blocks]
    if family.norm:
        taps.append(model.get_submodule(family.norm))
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
        dtype=NAMES[table.dtype],
        **(made | rest),
    )
