"""gguf:FILE: a llama.cpp file, dequantised by transformers; its tokenizer from its vocabulary."""

import contextlib
import functools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import transformers

from consilience_export.architectures.text import text_encoder
from consilience_export.architectures.text_families import FAMILIES
from consilience_export.distributions import sha256_file
from consilience_export.encoder import Encoder
from consilience_export.errors import ExportError
from consilience_export.job import Job
from consilience_export.sources import tokenizer_files, weights

_PLAIN = {"F32", "F16", "BF16"}
# The architectures of llama.cpp that transformers reads and the table has.
_MODEL_TYPES = {
    "llama": "llama",
    "qwen2": "qwen2",
    "qwen3": "qwen3",
    "gemma2": "gemma2",
    "gemma3": "gemma3_text",
}
# Blocks of the sizes that scale their attention by a number which no GGUF file holds.
_OWN_SCALE = {"gemma2": 46, "gemma3": 62}


@contextlib.contextmanager
def parsed_once() -> Iterator[None]:
    """transformers parses a file for its configuration, tensors and tokenizer: 8 s each time."""
    original = gguf.GGUFReader
    gguf.GGUFReader = functools.cache(original)
    try:
        yield
    finally:
        gguf.GGUFReader = original


def _reader(path: Path) -> gguf.GGUFReader:
    return weights.readable(path, gguf.GGUFReader, str(path))


def quantised_from(reader: gguf.GGUFReader) -> str | None:
    """The commonest quantised type of its tensors, by numbers held; None: the file is plain."""
    sizes: Counter[str] = Counter()
    for tensor in reader.tensors:
        if tensor.tensor_type.name not in _PLAIN:
            sizes[tensor.tensor_type.name] += int(tensor.n_elements)
    return sizes.most_common(1)[0][0] if sizes else None


def _value(reader: gguf.GGUFReader, key: str) -> Any:
    field = reader.get_field(key)
    return field.contents() if field else None


def _model_type(path: Path, reader: gguf.GGUFReader) -> str:
    name = _value(reader, "general.architecture")
    if name not in _MODEL_TYPES:
        raise ExportError(
            f"{path}: no family {name!r}; of GGUF there are: {', '.join(sorted(_MODEL_TYPES))}"
        )
    return _MODEL_TYPES[name]


def _refuse_what_is_left_out(path: Path, reader: gguf.GGUFReader) -> None:
    """transformers reads such files without a word, as another model than the one they hold."""
    name = _value(reader, "general.architecture")
    scaling = _value(reader, f"{name}.rope.scaling.type")
    factors = any(tensor.name.startswith("rope_") for tensor in reader.tensors)
    if factors or scaling not in (None, "none"):
        what = "its rotary positions"
    elif name in _OWN_SCALE and _value(reader, f"{name}.block_count") == _OWN_SCALE[name]:
        what = "its attention"
    else:
        return
    raise ExportError(
        f"{path}: scales {what} in a way that is lost when GGUF is read: import the original as hf:"
    )


def encoder_of(job: Job, path: Path, origin: dict[str, Any]) -> Encoder:
    """Raises ExportError for a file that is damaged, or of a family that no row describes."""
    with parsed_once():
        reader = _reader(path)
        family = FAMILIES[_model_type(path, reader)]
        _refuse_what_is_left_out(path, reader)
        network = weights.load(
            getattr(transformers, family.causal),
            path.parent,
            job.options.dtype,
            gguf_file=path.name,
        )
        made = weights.readable(
            path,
            transformers.AutoTokenizer.from_pretrained,
            path.parent,
            gguf_file=path.name,
            local_files_only=True,
            trust_remote_code=False,
        )
    kind = quantised_from(reader)
    flagged = {"dequantised_from": kind} if kind else {}
    rows = len(network.get_input_embeddings().weight)
    padding_id, padding = tokenizer_files.padding_id(made.pad_token_id, network.config, rows)
    encoder = text_encoder(
        network,
        made.backend_tokenizer,
        padding_id=padding_id,
        max_tokens=job.options.max_tokens,
        poolings=job.options.poolings,
        origin=origin,
        weights={"kind": "trained"} | flagged,
        facts={"quantised_from": kind} if kind else {},
    )
    encoder.tokens["padding"] = padding
    return encoder


def load(job: Job) -> Encoder:
    path = Path(job.spec.where).expanduser()
    if not path.is_file():
        raise ExportError(f"{path}: no such file")
    return encoder_of(job, path, {"source_sha256": sha256_file(path)})
