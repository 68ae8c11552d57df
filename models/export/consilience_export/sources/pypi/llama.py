"""Causal language models with the LLaMA architecture from GGUF (SmolLM2)."""

import contextlib
import functools
from collections.abc import Iterator

import gguf
import torch
from torch import Tensor
from transformers import AutoTokenizer, LlamaForCausalLM, LlamaModel

from consilience_export import distributions, masks, tokenizer
from consilience_export.distributions import SourceFile
from consilience_export.encoder import Encoder, block_layers
from consilience_export.job import Job
from consilience_export.language_head import LanguageHead
from consilience_export.pooling import TextEncoder, position_ids
from consilience_export.sources.pypi.huggingface import configuration

POOLINGS = ["first", "last", "mean"]


def arguments(ids: Tensor, mask: Tensor) -> dict[str, object]:
    return {
        "input_ids": ids,
        "attention_mask": masks.causal(mask),
        "position_ids": position_ids(mask),
        "use_cache": False,
    }


def reference(model: LlamaModel, vocabulary: Tensor):
    """All hidden states of one sample, and its log-likelihood from whole logits.

    The model reports the last block after the final norm only; a hook takes it before as well.
    """

    def run(sample: Tensor) -> tuple[list[Tensor], Tensor]:
        last: list[Tensor] = []
        handle = model.layers[-1].register_forward_hook(lambda _m, _i, out: last.append(out))
        with torch.no_grad():
            output = model(sample[None], output_hidden_states=True, use_cache=False)
        handle.remove()
        before_norm = last[0] if isinstance(last[0], Tensor) else last[0][0]
        *blocks, final = output.hidden_states
        states = [state[0] for state in (*blocks, before_norm, final)]
        logits = states[-1][:-1] @ vocabulary.detach().T
        loss = torch.nn.functional.cross_entropy(logits, sample[1:], reduction="sum")
        return states, torch.stack([loss, torch.tensor(float(len(sample) - 1))])

    return run


def encoder(
    causal: LlamaForCausalLM, tokens, padding_id: int, source: SourceFile | None, weights: dict
) -> Encoder:
    """Taps the embedding, every block and the final norm."""
    model, vocabulary = causal.model, causal.lm_head.weight
    config = causal.config
    taps = [model.embed_tokens, *model.layers, model.norm]
    return Encoder(
        modality="text",
        module=TextEncoder(model, taps, POOLINGS, arguments, LanguageHead(vocabulary)),
        original=causal,
        reference=reference(model, vocabulary),
        layers=block_layers(
            config.num_hidden_layers, config.hidden_size, final_norm=True, normed=False
        ),
        poolings=POOLINGS,
        scalars=["nll", "tokens"],
        architecture={"class": "LlamaForCausalLM", "configuration": configuration(config)},
        origin=source.origin if source else {},
        weights=weights,
        tokens=tokenizer.describe(
            tokens, padding_id, special_tokens="x", vocabulary=config.vocab_size
        ),
        tokenizer=tokens,
    )


@contextlib.contextmanager
def parsed_once() -> Iterator[None]:
    """transformers parses a file for its configuration, tensors and tokenizer: 8 s each time."""
    original = gguf.GGUFReader
    gguf.GGUFReader = functools.cache(original)
    try:
        yield
    finally:
        gguf.GGUFReader = original


def load(job: Job) -> Encoder:
    """Dequantises the file to float32; the tokenizer is made from its vocabulary and merges."""
    source = distributions.find(job.packages[0], ".gguf")
    folder, file = source.path.parent, source.path.name
    with parsed_once():
        causal = LlamaForCausalLM.from_pretrained(
            folder, gguf_file=file, dtype=torch.float32, attn_implementation="sdpa"
        )
        packaged = AutoTokenizer.from_pretrained(folder, gguf_file=file)
    tokens = tokenizer.clean(packaged.backend_tokenizer)
    weights = {"kind": "trained", "dequantised_from": job.facts["quantised_from"]}
    return encoder(causal.eval(), tokens, packaged.pad_token_id, source, weights)
