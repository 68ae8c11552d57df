"""Token packs: the captions of a data set as one safetensors file. See docs/model-package.md."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
from safetensors.numpy import save
from tokenizers import Tokenizer

from consilience_export.errors import ExportError


def read_captions(path: Path) -> list[str]:
    try:
        captions = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ExportError(f"{path}: cannot be read as JSON: {error}") from None
    if not isinstance(captions, list):
        raise ExportError(
            f"{path}: expected a JSON list of strings, found {type(captions).__name__}"
        )
    for index, caption in enumerate(captions):
        if not isinstance(caption, str):
            kind = type(caption).__name__
            raise ExportError(f"{path}: entry {index}: expected a string, found {kind}")
    return captions


def read_tokenizer(path: Path, max_tokens: int) -> Tokenizer:
    """The tokenizer, truncating to max_tokens with the special tokens kept, not padding."""
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the tokenizers library raises plain Exception
        raise ExportError(f"{path}: not a tokenizer.json: {error}") from None
    tokenizer.no_padding()
    special = tokenizer.num_special_tokens_to_add(is_pair=False)
    if max_tokens <= special:
        raise ExportError(f"--max-tokens {max_tokens}: needs more than {special} special tokens")
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def pack(tokenizer: Tokenizer, captions: list[str]) -> dict[str, np.ndarray]:
    """ids int32 [total], offsets int64 [n + 1], bytes int64 [n]."""
    encoded = [encoding.ids for encoding in tokenizer.encode_batch(captions)]
    for index, ids in enumerate(encoded):
        if not ids:
            raise ExportError(f"caption {index} ({captions[index]!r}) has no tokens: give it text")
    lengths = np.array([len(ids) for ids in encoded], dtype=np.int64)
    return {
        "ids": np.array([token for ids in encoded for token in ids], dtype=np.int32),
        "offsets": np.concatenate([[0], lengths.cumsum()]).astype(np.int64),
        "bytes": np.array([len(caption.encode()) for caption in captions], dtype=np.int64),
    }


def write(tokenizer_path: Path, captions_path: Path, max_tokens: int, out: Path) -> int:
    """Writes the pack whole or not at all; returns the number of captions."""
    captions = read_captions(captions_path)
    tokenizer = read_tokenizer(tokenizer_path, max_tokens)
    digest = hashlib.sha256(tokenizer_path.read_bytes()).hexdigest()
    recipe = {"tokenizer_sha256": digest, "max_tokens": str(max_tokens)}
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        with open(partial, "wb") as file:
            file.write(save(pack(tokenizer, captions), metadata=recipe))
            file.flush()
            os.fsync(file.fileno())
        partial.rename(out)
    finally:
        partial.unlink(missing_ok=True)
    return len(captions)
