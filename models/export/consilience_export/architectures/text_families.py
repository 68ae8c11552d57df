"""The text families of transformers: where each keeps its layers, and how it wants to be called.

A new family is a row here. `architectures/text.py` does the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Family:
    """One model_type. Paths are attributes of the base model, dots for children.

    masks: `each_way` and `causal` are additive [B, 1, T, T]; `tokens` is the [B, T] of valid ones.
    positions: `counted` from the first valid token; `after_padding`: from padding_id + 1, padding
    itself has padding_id; `none`: the model takes none. `window`: its layers see only so far, all
    of them (`every_layer`) or those that the configuration's layer_types name (`by_layer`).
    """

    model: str  # class of transformers
    blocks: str
    norm: str | None = None  # the final one
    causal: str | None = None  # class with the language head
    masks: str = "each_way"
    positions: str = "counted"
    token_types: bool = False
    normed: bool = False  # the blocks end in their norm
    embedding_normed: bool = False
    window: str | None = None
    pooler: bool = False  # the class builds a pooler unless told not to
    after_first_block: str | None = None  # a module whose output replaces the first block's
    padded: bool = False  # trained on texts padded to the context, without a mask
    context: str | None = "max_position_embeddings"


def _post_norm(prefix: str, **rest: object) -> Family:
    """BERT and its like: every block ends in its norm."""
    fields = {"blocks": "encoder.layer", "normed": True}
    return Family(prefix + "Model", **(fields | {"embedding_normed": True} | rest))


def _decoder(prefix: str, **rest: object) -> Family:
    """LLaMA and its like: causal, rotary, a final norm."""
    fields = {"blocks": "layers", "norm": "norm", "masks": "causal"}
    causal = {"causal": prefix + "ForCausalLM"}
    return Family(prefix + "Model", **(fields | causal | rest))


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "bert": _post_norm("Bert", token_types=True, pooler=True),
        "distilbert": _post_norm("DistilBert", blocks="transformer.layer"),
        "roberta": _post_norm("Roberta", token_types=True, pooler=True, positions="after_padding"),
        "xlm-roberta": _post_norm(
            "XLMRoberta", token_types=True, pooler=True, positions="after_padding"
        ),
        "camembert": _post_norm(
            "Camembert", token_types=True, pooler=True, positions="after_padding"
        ),
        "mpnet": _post_norm("MPNet", pooler=True, positions="after_padding"),
        "deberta-v2": _post_norm(
            "DebertaV2",
            token_types=True,
            masks="tokens",
            after_first_block="encoder.conv",
        ),
        "modernbert": Family(
            "ModernBertModel",
            "layers",
            "final_norm",
            embedding_normed=True,
            window="by_layer",
        ),
        "t5": Family(
            "T5EncoderModel",
            "encoder.block",
            "encoder.final_layer_norm",
            positions="none",
            context=None,
        ),
        "mt5": Family(
            "MT5EncoderModel",
            "encoder.block",
            "encoder.final_layer_norm",
            positions="none",
            context=None,
        ),
        "gpt2": Family("GPT2Model", "h", "ln_f", causal="GPT2LMHeadModel", masks="causal"),
        "gpt_neox": _decoder("GPTNeoX", norm="final_layer_norm"),
        "llama": _decoder("Llama"),
        "mistral": _decoder("Mistral", window="every_layer"),
        "qwen2": _decoder("Qwen2", window="by_layer"),
        "qwen3": _decoder("Qwen3", window="by_layer"),
        "mixtral": _decoder("Mixtral", window="every_layer"),
        "gemma": _decoder("Gemma"),
        "gemma2": _decoder("Gemma2", window="by_layer"),
        "gemma3_text": _decoder("Gemma3Text", causal="Gemma3ForCausalLM", window="by_layer"),
        "olmo": _decoder("Olmo"),
        "olmo2": _decoder("Olmo2"),
        "olmo3": _decoder("Olmo3", window="by_layer"),
        "phi3": _decoder("Phi3", window="every_layer"),
        "smollm3": _decoder("SmolLM3", window="by_layer"),
        "stablelm": _decoder("StableLm"),
        "phi": _decoder("Phi", norm="final_layernorm"),
        "bloom": _decoder(
            "Bloom",
            blocks="h",
            norm="ln_f",
            positions="none",
            embedding_normed=True,
            context=None,
        ),
        "clip_text_model": Family(
            "CLIPTextModel", "encoder.layers", "final_layer_norm", masks="causal"
        ),
        "siglip_text_model": Family(
            "SiglipTextModel", "encoder.layers", "final_layer_norm", padded=True
        ),
    }
)

# Models of pictures and text that hold a language model of the table: #text imports it.
WITH_LANGUAGE = ("gemma3",)
