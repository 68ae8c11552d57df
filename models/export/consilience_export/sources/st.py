"""st:NAME_OR_FOLDER[@REVISION]: a sentence-transformers model, with its own pooling.

What follows pooling (Dense, LayerNorm, Normalize) is one more layer, `sentence`, of every pooling.
Prompts are recorded, not put before texts.
"""

from dataclasses import replace
from typing import Any

from tokenizers import Tokenizer, normalizers
from torch import nn

from consilience_export.architectures.configuration import configuration
from consilience_export.architectures.sentence import Sentence, width_after
from consilience_export.architectures.text_families import FAMILIES
from consilience_export.encoder import Encoder, Layer
from consilience_export.job import Job
from consilience_export.sources import hf_text, hub, st_modules, tokenizer_files
from consilience_export.sources.hub import Place, read_json

_PROMPTS = ("prompts", "default_prompt_name")


def _settings(place: Place, transformer: Place) -> dict[str, Any]:
    """Of the text module and of the whole: max_seq_length, do_lower_case, prompts .."""
    files = (
        transformer.folder / "sentence_bert_config.json",
        place.folder / "config_sentence_transformers.json",
    )
    found: dict[str, Any] = {}
    for file in files:
        if file.is_file():
            found |= read_json(file)
    return found


def _lowered(tokens: Tokenizer) -> Tokenizer:
    """Lower case first, as the text module does before it hands texts to its tokenizer."""
    steps = [normalizers.Lowercase(), tokens.normalizer] if tokens.normalizer else None
    tokens.normalizer = normalizers.Sequence(steps) if steps else normalizers.Lowercase()
    return tokens


def _rest(recipe: st_modules.Recipe, network: nn.Module) -> dict[str, Any]:
    """The layer after pooling, where modules follow it."""
    if not recipe.described:
        return {}
    width = width_after(recipe.after, network.config.hidden_size)
    unit = recipe.described[-1]["module"] in ("Normalize", "LayerNorm")
    learnt = any(True for _ in recipe.after.parameters())
    return {
        "after": recipe.after,
        "after_layer": Layer("sentence", width, "sentence", unit),
        "original": Sentence(network, recipe.after) if learnt else network,
    }


def load(job: Job) -> Encoder:
    place = hub.resolve(job.spec)
    recipe = st_modules.read(place)
    transformer = replace(place, folder=recipe.transformer)
    kind = hub.model_type(transformer)
    if kind not in FAMILIES:
        raise hub.unknown_family(transformer, kind, list(FAMILIES))
    settings = _settings(place, transformer)
    origin = transformer.origin
    origin["source_sha256"] |= recipe.files
    tokens = tokenizer_files.load(transformer.folder)
    if settings.get("do_lower_case"):
        tokens = _lowered(tokens)
    network = hf_text.network(job, transformer)
    sentence = {"poolings": recipe.poolings, "modules": recipe.described}
    sentence |= {key: settings[key] for key in _PROMPTS if settings.get(key)}
    architecture = {
        "class": type(network).__name__,
        "configuration": configuration(network.config),
        "sentence": sentence,
    }
    return hf_text.encoder(
        job,
        transformer,
        network,
        tokens,
        origin=origin,
        own_poolings=recipe.poolings,
        limit=settings.get("max_seq_length"),
        architecture=architecture,
        **_rest(recipe, network),
    )
