"""A folder of a text model of transformers to an Encoder: for hf: and st:."""

from typing import Any

import torch
import transformers
from tokenizers import Tokenizer
from torch import nn

from consilience_export.architectures.text import text_encoder
from consilience_export.architectures.text_families import FAMILIES
from consilience_export.encoder import Encoder
from consilience_export.job import Job
from consilience_export.sources import tokenizer_files, weights
from consilience_export.sources.hub import Place, model_type, read_json

_HEADS = ("lm_head.", "embed_out.")


def _has_head(place: Place, causal: type) -> bool:
    """Whether a checkpoint has the language head that its class would have.

    Embedding models are often saved under the name of the causal one, without its head.
    """
    config = read_json(place.folder / "config.json")
    saved = config.get("architectures") or []
    if not any(name.endswith(("ForCausalLM", "LMHeadModel")) for name in saved):
        return False
    tied = config.get("tie_word_embeddings", causal.config_class().tie_word_embeddings)
    names = weights.tensor_names(place)
    return tied or names is None or any(name.startswith(_HEADS) for name in names)


def _class(place: Place) -> tuple[type, dict[str, Any]]:
    """The transformers class, with its language head where the checkpoint has one."""
    family = FAMILIES[model_type(place)]
    if family.causal and _has_head(place, getattr(transformers, family.causal)):
        return getattr(transformers, family.causal), {}
    options = {"add_pooling_layer": False} if family.pooler else {}
    return getattr(transformers, family.model), options


def _language_tower(job: Job, place: Place) -> nn.Module:
    """The causal model inside Gemma 3 that also sees."""
    whole = weights.load(
        transformers.Gemma3ForConditionalGeneration, place.folder, job.options.dtype
    )
    with torch.device("meta"):
        tower = transformers.Gemma3ForCausalLM(whole.config.text_config)
    tower.model, tower.lm_head = whole.model.language_model, whole.lm_head
    return tower.eval()


def network(job: Job, place: Place) -> nn.Module:
    """Every tensor of it is from the folder's files, or ExportError."""
    if model_type(place) == "gemma3":
        return _language_tower(job, place)
    kind, options = _class(place)
    return weights.load(kind, place.folder, job.options.dtype, **options)


def encoder(job: Job, place: Place, model: nn.Module, tokens: Tokenizer, **rest: Any) -> Encoder:
    """`rest` goes to text_encoder: what a sentence encoder does after pooling, its own limit."""
    rows = len(model.get_input_embeddings().weight)
    named = tokenizer_files.padding_token(tokens, place.folder)
    padding_id, padding = tokenizer_files.padding_id(named, model.config, rows)
    made = text_encoder(
        model,
        tokens,
        padding_id=padding_id,
        max_tokens=job.options.max_tokens,
        poolings=job.options.poolings,
        **rest,
    )
    made.tokens["padding"] = padding
    return made


def load(job: Job, place: Place) -> Encoder:
    origin = place.origin
    tokens = tokenizer_files.load(place.folder)
    return encoder(job, place, network(job, place), tokens, origin=origin)
