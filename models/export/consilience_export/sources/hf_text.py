"""A folder of a text model of transformers to an Encoder: for hf: and st:."""

from typing import Any

import transformers

from consilience_export.architectures.text import text_encoder
from consilience_export.architectures.text_families import FAMILIES
from consilience_export.encoder import Encoder
from consilience_export.job import Job
from consilience_export.sources import tokenizer_files, weights
from consilience_export.sources.hub import Place, model_type, read_json


def _class(place: Place) -> tuple[type, dict[str, Any]]:
    """The transformers class, with its language head where the checkpoint has one."""
    family = FAMILIES[model_type(place)]
    saved = read_json(place.folder / "config.json").get("architectures") or []
    if family.causal and any(name.endswith(("ForCausalLM", "LMHeadModel")) for name in saved):
        return getattr(transformers, family.causal), {}
    return getattr(transformers, family.model), (
        {"add_pooling_layer": False} if family.pooler else {}
    )


def load(job: Job, place: Place, **rest: Any) -> Encoder:
    """`rest` goes to text_encoder: what a sentence encoder does after pooling, its own limits."""
    origin = place.origin
    kind, options = _class(place)
    network = weights.load(kind, place.folder, job.options.dtype, **options)
    tokens = tokenizer_files.load(place.folder)
    rows = len(network.get_input_embeddings().weight)
    padding_id, padding = tokenizer_files.padding_id(tokens, network.config, place.folder, rows)
    encoder = text_encoder(
        network,
        tokens,
        padding_id=padding_id,
        **(
            {
                "max_tokens": job.options.max_tokens,
                "poolings": job.options.poolings,
                "origin": origin,
            }
            | rest
        ),
    )
    encoder.tokens["padding"] = padding
    return encoder
