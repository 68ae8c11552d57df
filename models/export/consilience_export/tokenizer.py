"""Tokenizers without baked-in truncation and padding, and their part of the card."""

import hashlib
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from consilience_export.errors import ExportError

MAX_TOKENS = 128


def clean(tokenizer: Tokenizer) -> Tokenizer:
    """The same tokenizer, neither padding nor truncating."""
    tokenizer = Tokenizer.from_str(tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def from_file(path: Path) -> Tokenizer:
    return clean(Tokenizer.from_file(str(path)))


def serialised(tokenizer: Tokenizer) -> bytes:
    """The bytes of tokenizer.json."""
    return tokenizer.to_str(pretty=True).encode()


def describe(
    tokenizer: Tokenizer,
    padding_id: int,
    special_tokens: str,
    vocabulary: int,
    max_tokens: int = MAX_TOKENS,
) -> dict[str, Any]:
    """The `tokens` section of the identity. `vocabulary`: rows of the model's embedding.

    Raises ExportError when the tokenizer knows ids that the model lacks.
    """
    largest = max(tokenizer.get_vocab(with_added_tokens=True).values(), default=-1)
    if largest >= vocabulary:
        raise ExportError(
            f"the tokenizer gives ids up to {largest}, the model has {vocabulary} rows for "
            "them: they do not belong together"
        )
    return {
        "tokenizer_sha256": hashlib.sha256(serialised(tokenizer)).hexdigest(),
        "vocabulary": vocabulary,
        "max_tokens": max_tokens,
        "padding_id": padding_id,
        "padding_side": "right",
        "special_tokens": special_tokens,
    }
