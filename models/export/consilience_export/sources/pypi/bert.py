"""Sentence encoders with the BERT architecture: MiniLM from ONNX or from a transformers folder."""

import torch
from torch import Tensor
from transformers import BertConfig, BertModel

from consilience_export import distributions, masks, onnx_weights, tokenizer
from consilience_export.distributions import SourceFile
from consilience_export.encoder import Encoder, block_layers
from consilience_export.job import Job
from consilience_export.pooling import TextEncoder, position_ids
from consilience_export.sources.pypi.huggingface import configuration, encoder_reference, fill

POOLINGS = ["first", "last", "mean"]


def arguments(ids: Tensor, mask: Tensor) -> dict[str, Tensor]:
    return {
        "input_ids": ids,
        "attention_mask": masks.bidirectional(mask),
        "position_ids": position_ids(mask),
        "token_type_ids": torch.zeros_like(ids),
    }


def encoder(model: BertModel, tokens, source: SourceFile | None) -> Encoder:
    """Taps the embedding and every block. The blocks end in their norm: there is no final one."""
    config = model.config
    taps = [model.embeddings, *model.encoder.layer]
    return Encoder(
        modality="text",
        module=TextEncoder(model, taps, POOLINGS, arguments),
        original=model,
        reference=encoder_reference(model),
        layers=block_layers(
            config.num_hidden_layers, config.hidden_size, final_norm=False, normed=True
        ),
        poolings=POOLINGS,
        architecture={"class": "BertModel", "configuration": configuration(config)},
        origin=source.origin if source else {},
        tokens=tokenizer.describe(
            tokens, padding_id=0, special_tokens="[CLS] x [SEP]", vocabulary=config.vocab_size
        ),
        tokenizer=tokens,
    )


def load_folder(job: Job) -> Encoder:
    """A transformers folder inside one distribution (all-MiniLM-L6-v2)."""
    source = distributions.find(job.packages[0], "model/model.safetensors")
    bert = BertModel.from_pretrained(
        source.path.parent, add_pooling_layer=False, attn_implementation="sdpa"
    )
    tokens = tokenizer.from_file(distributions.find(job.packages[0], "model/tokenizer.json").path)
    return encoder(bert.eval(), tokens, source)


def load_onnx(job: Job) -> Encoder:
    """ONNX without a tokenizer (paraphrase-MiniLM-L3-v2); the second package has its vocabulary."""
    source = distributions.find(job.packages[0], ".onnx")
    weights, _ = onnx_weights.named_weights(source.path, "auto_model")
    config = BertConfig(
        hidden_size=384,
        num_hidden_layers=3,
        num_attention_heads=12,
        intermediate_size=1536,
        attn_implementation="sdpa",
    )
    bert = fill(BertModel(config, add_pooling_layer=False), weights)
    tokens = tokenizer.from_file(distributions.find(job.packages[1], "model/tokenizer.json").path)
    return encoder(bert, tokens, source)
