"""A tiny random model of every text family of transformers, saved as a user's folder."""

import json
from pathlib import Path
from typing import Any

import torch
import transformers
from consilience_export.architectures.text_families import FAMILIES
from tokenizers import Tokenizer, models, pre_tokenizers, processors

VOCABULARY = 64
NAMES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{i}" for i in range(5, VOCABULARY))]

_PLAIN = {
    "vocab_size": VOCABULARY,
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 40,
    "max_position_embeddings": 160,
    "pad_token_id": 0,
    "bos_token_id": 2,
    "eos_token_id": 3,
}
_GROUPED = _PLAIN | {"num_key_value_heads": 1}
_WINDOWED = _GROUPED | {
    "sliding_window": 6,
    "layer_types": ["sliding_attention", "full_attention"],
    "head_dim": 12,
}

# What differs from the plain sizes: windows shorter than the texts, every optional part in use.
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "bert": _PLAIN,
    "distilbert": {"vocab_size": 64, "dim": 24, "n_layers": 2, "n_heads": 2, "hidden_dim": 40},
    "roberta": _PLAIN | {"pad_token_id": 1},
    "xlm-roberta": _PLAIN | {"pad_token_id": 1},
    "camembert": _PLAIN | {"pad_token_id": 1},
    "mpnet": _PLAIN | {"pad_token_id": 1},
    "deberta-v2": _PLAIN
    | {
        "relative_attention": True,
        "pos_att_type": ["p2c", "c2p"],
        "position_buckets": 8,
        "norm_rel_ebd": "layer_norm",
        "share_att_key": True,
        "position_biased_input": False,
        "conv_kernel_size": 3,
        "conv_act": "gelu",
    },
    "modernbert": _PLAIN
    | {"local_attention": 8, "layer_types": ["full_attention", "sliding_attention"]}
    | {"cls_token_id": 2, "sep_token_id": 3},
    "t5": {
        "vocab_size": VOCABULARY,
        "d_model": 24,
        "d_kv": 12,
        "d_ff": 40,
        "num_layers": 2,
        "num_heads": 2,
        "relative_attention_num_buckets": 8,
        "relative_attention_max_distance": 20,
    },
    "mt5": {"vocab_size": VOCABULARY, "d_model": 24, "d_kv": 12, "d_ff": 40, "num_layers": 2}
    | {"num_heads": 2, "relative_attention_num_buckets": 8, "feed_forward_proj": "gated-gelu"},
    "gpt2": {"vocab_size": 64, "n_embd": 24, "n_layer": 2, "n_head": 2, "n_positions": 160}
    | {"bos_token_id": 2, "eos_token_id": 3},
    "gpt_neox": _PLAIN | {"rotary_pct": 0.5},
    "llama": _GROUPED,
    "mistral": _GROUPED | {"sliding_window": 6},
    "qwen2": _WINDOWED | {"use_sliding_window": True},
    "qwen3": _WINDOWED | {"use_sliding_window": True},
    "mixtral": _GROUPED | {"sliding_window": 6, "num_local_experts": 4, "num_experts_per_tok": 2},
    "gemma": _GROUPED | {"head_dim": 12},
    "gemma2": _WINDOWED | {"attn_logit_softcapping": 5.0, "final_logit_softcapping": 3.0},
    "gemma3_text": _WINDOWED,
    "olmo": _GROUPED | {"clip_qkv": 2.0},
    "olmo2": _GROUPED,
    "olmo3": _WINDOWED,
    "phi3": _GROUPED | {"sliding_window": 6},
    "smollm3": _WINDOWED | {"use_sliding_window": True, "no_rope_layers": [1, 0]},
    "stablelm": _GROUPED | {"partial_rotary_factor": 0.5, "use_qkv_bias": True},
    "phi": _GROUPED | {"partial_rotary_factor": 0.5},
    "bloom": {"vocab_size": 64, "hidden_size": 24, "n_layer": 2, "n_head": 3}
    | {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3},
    "clip_text_model": _PLAIN | {"max_position_embeddings": 77},
    "siglip_text_model": _PLAIN | {"max_position_embeddings": 40, "projection_size": 24},
}


def word_tokenizer(special: bool = True) -> Tokenizer:
    """Words w5..w63 after the special tokens; bakes in padding and truncation, as packaged ones."""
    vocabulary = {name: index for index, name in enumerate(NAMES)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    if special:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    tokenizer.enable_padding(length=128)
    tokenizer.enable_truncation(128)
    return tokenizer


def network(kind: str, **changes: Any) -> torch.nn.Module:
    """A network whose every parameter matters: none is zero, none is small."""
    family = FAMILIES[kind]
    chosen = getattr(transformers, family.causal or family.model)
    torch.manual_seed(len(kind))
    model = chosen(chosen.config_class(**(CONFIGURATIONS[kind] | changes))).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn_like(parameter)
            parameter.copy_(noise * 0.3 if parameter.dim() > 1 else parameter + noise * 0.1)
    return model


def save(kind: str, folder: Path, **changes: Any) -> Path:
    """config.json, model.safetensors and a tokenizer: BERT's template, or none for decoders."""
    network(kind, **changes).save_pretrained(folder)
    word_tokenizer(special=FAMILIES[kind].causal is None).save(str(folder / "tokenizer.json"))
    if CONFIGURATIONS[kind].get("pad_token_id") != 1:  # these have it in their configuration
        settings = {"pad_token": "[PAD]"}
        (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return folder
